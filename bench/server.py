"""`tracker serve` as people run it, on a port and in a folder of its own."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(url: str, folder: Path, *, workers: int = 2) -> Iterator[tuple[int, subprocess.Popen]]:
    """The port and the process of a server on this database; stopped at the end of the block."""
    port = free_port()
    env = os.environ | {"DATABASE_URL": url, "TRACKER_VAR_DIR": str(folder), "PORT": str(port), "HOST": "127.0.0.1"}
    command = [sys.executable, "-m", "tracker", "serve", f"--workers={workers}", "--no-jobs"]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            _wait_for_answer(port, process)
            yield port, process
        finally:
            process.terminate()
            process.wait(60)


def _wait_for_answer(port: int, process: subprocess.Popen) -> None:
    for _attempt in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/sign-in")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")
