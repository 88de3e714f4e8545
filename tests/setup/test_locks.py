"""The locks: every library pinned and hashed, no index named, the tests on the versions of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "requirements"
NAMES = ["run", "carriers", "test", "node"]


def locked(name: str) -> dict[str, str]:
    """Each requirement with its marker → its version."""
    entries = re.split(r"\n(?=\S)", (FOLDER / f"{name}.txt").read_text())
    found = {}
    for entry in entries:
        if not entry.startswith("#"):
            package, version, marker = re.match(r"(\S+)==(\S+)( ;.*?)?(?= \\)", entry).groups()
            assert "--hash=sha256:" in entry, package
            found[package + (marker or "")] = version
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_is_pinned_and_hashed(name):
    assert locked(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_lock_names_an_index_or_an_address(name):
    assert not re.search(r"://|--(extra-)?index|--find-links", (FOLDER / f"{name}.txt").read_text())


def test_the_tests_run_on_the_versions_of_the_program():
    test = locked("test")
    for name in ("run", "carriers"):
        pinned = locked(name)
        assert {each: test.get(each) for each in pinned} == pinned


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_is_asked_for_is_locked(name):
    asked = re.findall(r"^[\w-]+", (FOLDER / f"{name}.in").read_text(), re.MULTILINE)
    pinned = {each.split(" ")[0] for each in locked(name)}
    assert {each.lower().replace("_", "-") for each in asked if each[0] != "-"} <= pinned
