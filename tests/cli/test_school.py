"""Schools from the terminal, as a person types the commands."""

from datetime import date

import pytest
from click.testing import CliRunner

from tests.operations.rosters.files import pupils_of, row
from tracker.cli import main
from tracker.models.database import connected, database, open_database
from tracker.models.pupils import Pupil
from tracker.models.schools import School

UAI = "0149901L"


@pytest.fixture
def tracker(db_url, tmp_path, monkeypatch):
    """tracker("school", "list") → its result, on each engine."""
    monkeypatch.setenv("DATABASE_URL", db_url)
    monkeypatch.setenv("TRACKER_VAR_DIR", str(tmp_path))
    open_database(db_url)
    yield lambda *words: CliRunner().invoke(main, words)
    database.close_all()


def add(tracker, uai=UAI, name="Lycée Malherbe", city="Caen", *more):
    return tracker("school", "add", uai, name, "--city", city, *more)


def test_a_school_that_is_added_can_have_its_roster_applied(tracker, tmp_path):
    assert add(tracker, UAI.lower(), "Lycée  Malherbe", "Caen", "--member-from", "2021-09-01").exit_code == 0
    file = tmp_path / "eleves.xml"
    file.write_bytes(pupils_of(School(uai=UAI), [row(1), row(2)]))
    applied = tracker("roster", "apply", str(file), "--school", UAI, "--today", "2026-10-05")
    assert applied.exit_code == 0, applied.output
    with connected():
        assert (School.get().name, School.get().member_from, Pupil.select().count()) == (
            "Lycée Malherbe", date(2021, 9, 1), 2,
        )  # fmt: skip


def test_the_list_has_one_line_a_school(tracker):
    add(tracker, UAI, "Lycée Malherbe", "Caen", "--member-from", "2021-09-01")
    assert tracker("school", "list").output == f"{UAI}\tLycée Malherbe\tCaen\t2021-09-01\t\n"


@pytest.mark.parametrize("wrong", [("0149901A",), ("149901L",), (UAI, " "), (UAI, "Lycée", " ")])
def test_what_is_no_school_ends_with_a_sentence_and_nothing_is_written(tracker, wrong):
    result = add(tracker, *wrong)
    assert (result.exit_code, "Traceback" in result.output) == (65, False)
    with connected():
        assert School.select().count() == 0


def test_a_school_is_added_once(tracker):
    add(tracker)
    again = add(tracker, UAI, "Un autre")
    assert (again.exit_code, "Lycée Malherbe" in again.output) == (65, True)
    with connected():
        assert School.select().count() == 1
