"""Where things are: the project's folder, its virtual environment, the data folder and the log."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path

from setup import problems

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
"""Inside the environment: whoever removes it removes them too."""


def python() -> Path:
    """The environment's interpreter."""
    return VENV / "bin" / "python"


def var() -> Path:
    """The data folder: TRACKER_VAR_DIR, or var/ in the project."""
    return ROOT / os.environ.get("TRACKER_VAR_DIR", "var")


def log() -> Path:
    """Where the full output of pip, npm and apt goes."""
    return var() / "log" / "setup.log"


def shown(path: Path) -> str:
    """A path as people read it: short when it lies in the project."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def check_writable() -> None:
    """Make the data folder and the log; raises Problem when nothing can be written there."""
    try:
        log().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=var()), log().open("a") as file:
            file.write(f"\n=== {datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}\n")
    except OSError as error:
        problem = problems.of_system(error)
        raise problem if problem.code == problems.DISK else problems.not_writable(shown(var())) from None
