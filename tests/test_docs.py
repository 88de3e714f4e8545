"""The papers are true: folders, guides, sentences."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def tracked_folders() -> set[str]:
    """Every folder of the program that holds a file of the project at any depth, and every other one at the top."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {str(folder) for line in listed.splitlines() for folder in Path(line).parents} - {".", ".ci"}
    return {folder for folder in folders if "/" not in folder or folder.startswith("tracker/")}


def test_every_folder_has_its_line_in_the_architecture_and_every_line_its_folder():
    lines = (ROOT / "docs/architecture.md").read_text().splitlines()
    named = {line.split("`")[1].rstrip("/") for line in lines if line.startswith("| `")}
    folders = {folder for folder in tracked_folders() if not folder.startswith("tracker/translations/")}
    assert folders - named == set(), "folders without a line in docs/architecture.md"
    assert named - folders == set(), "lines in docs/architecture.md without a folder"


@pytest.mark.parametrize("module", sorted(ROOT.glob("tracker/**/*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_one_line_that_says_what_lives_there(module):
    first = module.read_text().split("\n", 1)[0]
    assert first.startswith('"""'), f"{module} has no opening line"


def test_files_stay_short():
    long_ones = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.glob("tracker/**/*.py")
        if (lines := len(path.read_text().splitlines())) > 320
    }
    assert long_ones == {}


def test_imports_point_down_only():
    # As a command: within this process it would switch off every logger that is there.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
