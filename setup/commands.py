"""Runs the commands of others (pip, npm, apt); what they say goes to the log."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from setup import house, problems

Command = Sequence[str | Path]


def succeeds(command: Command, env: Mapping[str, str] | None = None) -> bool:
    """Run a command with its output in the log; True when it ended well."""
    return _output(command, env)[0] == 0


def run(what: str, command: Command, env: Mapping[str, str] | None = None) -> None:
    """Run a command with its output in the log; raises Problem when it fails."""
    code, output = _output(command, env)
    if code:
        raise problems.of_output(output, what, house.shown(house.log()))


def _output(command: Command, env: Mapping[str, str] | None) -> tuple[int, str]:
    with house.log().open("a+") as log:
        log.write("$ " + " ".join(map(str, command)) + "\n")
        log.flush()
        start = log.seek(0, os.SEEK_END)
        done = subprocess.run(
            [str(word) for word in command],
            cwd=house.ROOT,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},  # what it says is searched for words
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.seek(start)
        return done.returncode, log.read()


def as_root() -> list[str] | None:
    """What to put before a command of the administrator; None when this account may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def apt_install(*packages: str) -> bool:
    """Install Debian packages when this account may; True when apt says that they are there."""
    sudo = as_root()
    if sudo is None or not shutil.which("apt-get"):
        return False
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    install = [*sudo, *quiet, "install", "--no-install-recommends", *packages]
    # A new container has no package lists at all: fetch them and try once more.
    return succeeds(install) or (succeeds([*sudo, *quiet, "update"]) and succeeds(install))
