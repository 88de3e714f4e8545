"""What goes wrong while installing is said in one sentence, with its code, and nothing else; each is provoked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from setup import commands, house, problems, stamps
from setup.__main__ import bring

ROOT = Path(__file__).parents[2]


def a_copy(folder: Path) -> Path:
    """The project's files that an installation reads, without anything installed."""
    for name in ("setup", "requirements", "tracker/translations"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.mo", "__pycache__"))
    for name in ("pyproject.toml", "package.json", "package-lock.json", "vendor.mjs", "Makefile"):
        shutil.copy(ROOT / name, folder)
    return folder


def make_setup(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "setup", "install"],
        cwd=folder,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_an_unreachable_registry_is_a_sentence_that_names_the_log(tmp_path):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    done = make_setup(a_copy(tmp_path), TRACKER_VAR_DIR="var", **nowhere)
    assert done.returncode == problems.NETWORK
    french, english = done.stderr.splitlines()
    assert french == (
        "Le registre des paquets ne répond pas : vérifiez le réseau ou le proxy. Détails : var/log/setup.log (code 69)"
    )
    assert english.startswith("The package registry does not answer")
    assert "Connection refused" in (tmp_path / "var" / "log" / "setup.log").read_text()


def test_a_data_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "in-the-way").write_text("")
    done = make_setup(a_copy(tmp_path), TRACKER_VAR_DIR=str(tmp_path / "in-the-way"))
    assert done.returncode == problems.WRITE
    assert done.stderr.splitlines()[0].startswith("Impossible d’écrire dans in-the-way")
    assert "Traceback" not in done.stderr


def test_an_environment_that_cannot_be_made_is_a_sentence(tmp_path):
    (a_copy(tmp_path) / ".venv").write_text("a file in the way")
    done = make_setup(tmp_path, TRACKER_VAR_DIR="var")
    assert done.returncode in (problems.WRITE, problems.STEP)
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_without_a_python_the_makefile_says_what_to_type(tmp_path):
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "setup" / "find-python")], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == problems.PYTHON
    assert done.stderr.startswith("Python 3.11 ou plus récent est nécessaire")
    assert "apt install python3" in done.stderr


def test_the_python_that_is_found_is_new_enough():
    done = subprocess.run([ROOT / "setup" / "find-python"], capture_output=True, text=True)
    version = [done.stdout.strip(), "-c", "import sys; print(sys.version_info >= (3, 11))"]
    assert subprocess.run(version, capture_output=True, text=True).stdout == "True\n"


@pytest.fixture
def log(tmp_path, monkeypatch) -> Path:
    """The log of an installation, elsewhere."""
    monkeypatch.setenv("TRACKER_VAR_DIR", str(tmp_path))
    house.check_writable()
    return house.log()


def test_a_command_that_fills_the_disk_is_a_sentence(log):
    with pytest.raises(problems.Problem) as caught:
        commands.run("écriture", ["sh", "-c", "cat pyproject.toml > /dev/full"])
    assert caught.value.code == problems.DISK
    assert "Le disque est plein" in str(caught.value)


def test_a_full_disk_of_our_own_is_a_sentence():
    with pytest.raises(OSError, match="No space left") as caught:
        stamps.write(Path("/dev/full"), "something")
    assert problems.of_system(caught.value).code == problems.DISK


def test_any_other_failure_names_the_step_and_the_log(log):
    with pytest.raises(problems.Problem) as caught:
        commands.run("échec", ["sh", "-c", "echo because; exit 3"])
    assert (caught.value.code, "échec" in str(caught.value)) == (problems.STEP, True)
    assert str(log) in str(caught.value)
    assert "because" in log.read_text()


def test_a_library_that_may_not_be_brought_is_named_with_what_to_type(log, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))  # neither apt-get nor sudo
    assert not bring("libzbar0", is_there=False)
    assert "Tapez : sudo apt-get install libzbar0" in capsys.readouterr().out
