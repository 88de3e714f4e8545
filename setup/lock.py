"""`make lock`: renews requirements/*.txt from requirements/*.in, for every Python and processor that is served."""

from __future__ import annotations

import subprocess
import sys

from setup.house import ROOT, VENV

OLDEST_PYTHON = "3.11"
NAMES = ("run", "carriers", "test", "node")
SAME_AS = {"carriers": ("run",), "test": ("run", "carriers")}
"""In this order: the extra takes the versions that the program has, the tests those of both."""

OPTIONS = [
    "--universal",
    f"--python-version={OLDEST_PYTHON}",
    "--generate-hashes",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-config",
    "--quiet",
    "--custom-compile-command=make lock",
]


def renew(name: str, *more: str) -> int:
    """Resolve requirements/NAME.in anew into requirements/NAME.txt; the exit code of uv."""
    compile_ = [str(VENV / "bin" / "uv"), "pip", "compile", *OPTIONS, *more, f"{name}.in", f"--output-file={name}.txt"]
    return subprocess.run(compile_, cwd=ROOT / "requirements").returncode


def main(more: list[str]) -> int:
    """Renew every lock; `--upgrade` takes the newest versions, without it only what the .in files changed."""
    for name in NAMES:
        same = [f"--constraint={other}.txt" for other in SAME_AS.get(name, ())]
        if code := renew(name, *same, *more):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
