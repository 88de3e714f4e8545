"""`python3 -m setup install|run|test`: what the Makefile calls."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from setup import commands, house, problems, steps

HINTS = {
    "libzbar0": (
        "la lecture continue avec un seul moteur (zxing-cpp)",
        "reading goes on with one engine (zxing-cpp)",
    ),
    "chromium": ("les tests du navigateur ne sont pas lancés", "the browser tests are not run"),
}
"""Debian package → what its absence means."""


_WORKERS = "3"
"""Processes of tests, for two cores: those that wait for a browser or a server leave theirs free."""

_ROOM = 2 * 1024**3
"""Bytes that the tests' folders may take: they are removed as the tests pass."""


def bring(package: str, is_there: bool) -> bool:
    """True when a Debian package is there, brought by apt where this account may; else says what to type."""
    if is_there or commands.apt_install(package):
        return True
    french, english = HINTS[package]
    print(f"  {package} manque : {french}. Tapez : sudo apt-get install {package}")
    print(f"  {package} is missing: {english}. Type: sudo apt-get install {package}", flush=True)
    return False


def install(tests: bool) -> None:
    """Do every step whose inputs changed. One installation at a time: a second one waits."""
    house.check_writable()
    with (house.var() / "log" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        plan = [
            steps.venv_step,
            lambda: steps.packages_step("test" if tests else "run"),
            steps.browser_step,
            steps.translations_step,
        ]
        for step in (make() for make in plan):
            if not step.is_done():
                step.do()
        bring("libzbar0", steps.has_zbar())


def serve() -> None:
    """Become the server; Ctrl-C then goes straight to it."""
    tracker = house.VENV / "bin" / "tracker"
    os.execv(tracker, [str(tracker), "serve", "--prepare", "--jobs"])


def test(arguments: list[str]) -> None:
    """Become pytest, with everything that the tests need."""
    browser = bring("chromium", steps.has_chromium())
    if not browser and os.environ.get("CI"):
        raise problems.failed("chromium", house.shown(house.log()))
    chosen = [] if browser else ["-m", "not browser"]
    os.chdir(house.ROOT)
    os.execve(
        house.python(),
        [str(house.python()), "-m", "pytest", "-n", _WORKERS, *chosen, *arguments],
        _in_memory(os.environ),
    )


def _in_memory(environment: Mapping[str, str]) -> dict[str, str]:
    """The tests' folders in memory where there is room: each commit of their databases waits for the disk otherwise."""
    folder = Path("/dev/shm")
    has_room = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= _ROOM
    chosen = {"PYTEST_DEBUG_TEMPROOT": str(folder)} if has_room else {}
    return chosen | dict(environment)


def said(problem: problems.Problem) -> int:
    """The exit code of a problem, whose sentence goes to standard error."""
    print(problem, file=sys.stderr)
    return problem.code


def main(words: list[str]) -> int:
    """Run one command; a problem is one sentence on standard error and its exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m setup", description=__doc__)
    parser.add_argument("command", choices=["install", "run", "test"])
    parser.add_argument("--tests", action="store_true", help="install what the tests need besides")
    known, rest = parser.parse_known_args(words)
    try:
        install(tests=known.tests or known.command == "test")
        if known.command == "run":
            serve()
        if known.command == "test":
            test(rest)
    except problems.Problem as problem:
        return said(problem)
    except OSError as error:
        return said(problems.of_system(error))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
