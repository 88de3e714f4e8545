"""Keeps the web server and the job consumer running together, and stops both: nothing is left over."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 25
"""Seconds that requests and jobs under way may take to end before they are cut off."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process of ours: what it runs, how it is asked to end, whether the program lives on without it."""

    run: Callable[[], object]
    polite_signal: signal.Signals = signal.SIGTERM
    is_restarted: bool = False
    pid: int = 0

    def start(self) -> None:
        """Fork; the child runs, in a session of its own so that Ctrl-C reaches the parent only."""
        parent = os.getpid()
        # A signal between the fork and the note of its pid would miss this child.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self.pid = os.fork()
        if self.pid == 0:
            os._exit(_as_child(self.run, parent))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _as_child(run: Callable[[], object], parent: int) -> int:
    os.setsid()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    # Should the parent be killed outright, the kernel asks this child to end.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return 1
    try:
        run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


class Supervisor:
    """Runs children until one that counts ends, or until SIGINT, SIGTERM or SIGHUP; then ends them all."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self.is_stopping = False

    def start(self) -> None:
        """Start the children; from here on signals are ours."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        for child in self.children:
            self._start(child)

    def wait(self) -> int:
        """Wait until every child has ended; 0 after a signal, else the code of the child that ended by itself."""
        code = 0
        while alive := [child for child in self.children if child.pid]:
            code = self._wait_for_one(alive) or code
        return code

    def _start(self, child: Child) -> None:
        if not self.is_stopping:
            child.start()

    def _wait_for_one(self, alive: list[Child]) -> int:
        pid, status = os.waitpid(-1, 0)
        ended = next((child for child in alive if child.pid == pid), None)
        if ended is None:
            return 0
        ended.pid = 0
        _end_group(pid)
        if self.is_stopping:
            return 0
        if ended.is_restarted:
            time.sleep(1)
            self._start(ended)
            return 0
        self.stop()
        return abs(os.waitstatus_to_exitcode(status)) or 1

    def _on_signal(self, number: int, frame: object) -> None:
        if self.is_stopping:
            self._kill()
        else:
            self.stop()

    def stop(self) -> None:
        """Ask every child to end; those that have not after PATIENCE seconds are cut off."""
        self.is_stopping = True
        for child in self.children:
            if child.pid:
                os.kill(child.pid, child.polite_signal)
        timer = threading.Timer(PATIENCE, self._kill)
        timer.daemon = True
        timer.start()

    def _kill(self) -> None:
        for child in self.children:
            if child.pid:
                os.kill(child.pid, signal.SIGKILL)
                _end_group(child.pid)


def _end_group(pid: int) -> None:
    # A child is the leader of its own session: its process group holds what it started, and nothing else.
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
