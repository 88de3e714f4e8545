"""`tracker roster`: what it prints for people and for programs, and how it ends."""

import errno
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.factories import make_school
from tests.operations.rosters.files import everything, pupils_of, row, several
from tracker.cli import main
from tracker.cli.failures import DISK
from tracker.models.database import connected, database, open_database
from tracker.models.rosters import RosterImport
from tracker.models.schools import School
from tracker.rules.rosters import ImportState, Origin

UAI = "0149901L"
DAY = ("--today", "2026-10-05")
COUNTS = {"pupils", "schooled", "left", "arrivals", "leavers", "moves", "changed", "unchanged", "eligible", "to_check"}
PUPIL = {"ine", "last_name", "first_name", "level", "eligible", "reason", "boarder", "newcomer", "of_age"}


@pytest.fixture
def tracker(tmp_path, monkeypatch):
    """tracker("preview", FILE) → how it ended, on a database of its own that does not exist yet."""
    monkeypatch.setenv("TRACKER_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "")

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, ["roster", *map(str, arguments)])

    yield run
    database.close_all()


@pytest.fixture
def file(tmp_path) -> Path:
    return written(tmp_path, [row(1), row(2, regime="31"), row(3, ine=None, left_on=None)])


def written(folder: Path, rows, **how) -> Path:
    file = folder / "eleves.xml"
    file.write_bytes(pupils_of(School(uai=UAI), rows, **how))
    return file


@pytest.fixture
def migrated(tracker, tmp_path) -> Path:
    """A database with its tables and the school of the file."""
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    path = tmp_path / "var/tracker.db"
    within(path, lambda: make_school(uai=UAI))
    return path


def within(path: Path, ask):
    opened = open_database(f"sqlite:///{path}")
    try:
        with connected():
            return ask()
    finally:
        opened.close_all()


def test_a_preview_needs_neither_table_nor_school_and_writes_nothing(tracker, file, tmp_path):
    ended = tracker("preview", file, "--school", UAI, *DAY, "--json")
    assert (ended.exit_code, (tmp_path / "var").exists()) == (0, False)
    told = json.loads(ended.stdout)
    assert (told["school"], told["school_year"], told["kind"], told["refused"]) == (UAI, 2026, "siecle_pupils", False)
    assert set(told["counts"]) >= COUNTS
    assert {name: told["counts"][name] for name in ("pupils", "schooled", "arrivals", "eligible")} == {
        "pupils": 3, "schooled": 3, "arrivals": 3, "eligible": 3,
    }  # fmt: skip
    assert all(set(each) >= PUPIL for each in told["pupils"])
    second = told["pupils"][1]
    assert (second["ine"], second["level"], second["eligible"]) == ("990000002BA", "seconde_gt", "yes")
    assert (second["reason"], second["boarder"], second["newcomer"], second["of_age"]) == (
        "entry_level", True, True, False,
    )  # fmt: skip
    missing = next(each for each in told["problems"] if each["code"] == "ine_missing")
    assert set(missing) == {"severity", "code", "line", "pupil", "field", "message"}
    assert (missing["pupil"], missing["message"]) == (
        "DURAND3 Léa", "Pas encore d’INE\u00a0: l’élève n’est connu que dans ce lycée.",
    )  # fmt: skip
    assert "school_unknown" in [each["code"] for each in told["problems"]]


def test_a_disk_that_fails_while_a_file_is_read_ends_with_a_sentence(tracker, file, monkeypatch):
    def fail(*_anything):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("tracker.operations.rosters.read", fail)
    ended = tracker("preview", file, "--school", UAI, *DAY, "--json")
    assert (ended.exit_code, ended.stdout) == (DISK, "")
    assert "Un fichier ne peut pas être lu jusqu’au bout" in ended.stderr


def test_for_people_it_prints_figures_problems_and_first_changes(tracker, tmp_path):
    ended = tracker("preview", written(tmp_path, [*several(30), row(31, ine=None)]), "--school", UAI, *DAY)
    assert ended.exit_code == 0
    assert all(words in ended.stdout for words in ("31 élèves dans le fichier", "DURAND31", "arrivée", "2026-2027"))
    assert "Peut être importé, une fois l’établissement connu." in ended.stdout


def test_whom_a_person_must_recognise_is_named(tracker, migrated, tmp_path):
    assert tracker("apply", written(tmp_path, [row(1, ine=None)]), "--school", UAI, *DAY).exit_code == 0
    ended = tracker("preview", written(tmp_path, [row(1, ine=None, roster_id=8)]), "--school", UAI, *DAY, "--json")
    asked = next(each for each in json.loads(ended.stdout)["problems"] if each["code"] == "same_name")
    assert (ended.exit_code, asked["pupil"]) == (1, "DURAND1 Léa")
    assert "DURAND1 Léa (classe 2GT1)" in asked["message"]


def test_a_stop_ends_with_one_until_it_is_accepted(tracker, tmp_path):
    file = written(tmp_path, several(2), uai="0359904A")
    ended = tracker("preview", file, "--school", UAI, *DAY, "--json")
    assert (ended.exit_code, json.loads(ended.stdout)["refused"]) == (1, True)
    assert ("error", "stop_other_school") in [
        (each["severity"], each["code"]) for each in json.loads(ended.stdout)["problems"]
    ]
    assert tracker("preview", file, "--school", UAI, *DAY, "--accept", "other_school").exit_code == 0


def test_a_file_that_is_no_roster_ends_with_one_and_says_why(tracker, tmp_path):
    file = tmp_path / "x.xml"
    file.write_text("<note/>")
    ended = tracker("preview", file, "--school", UAI, "--json")
    told = json.loads(ended.stdout)
    assert (ended.exit_code, told["kind"], told["refused"], told["pupils"]) == (1, None, True, [])


@pytest.mark.parametrize("command", ["preview", "apply"])
@pytest.mark.parametrize(
    "wrong",
    [
        ("--school", "123"),
        ("--school", "0149901A"),
        ("--school", UAI, "--today", "05/10/2026"),
        ("--school", UAI, "--today", "2026-02-30"),
        ("--school", UAI, "--accept", "everything"),
        ("--school", UAI, "--unknown"),
        (),
    ],
)
def test_wrong_usage_ends_with_two(tracker, file, command, wrong):
    assert tracker(command, file, *wrong).exit_code == 2


@pytest.mark.parametrize("command", ["preview", "apply"])
def test_a_file_that_is_not_there_ends_with_two(tracker, tmp_path, command):
    assert tracker(command, tmp_path / "nothing.xml", "--school", UAI).exit_code == 2


def test_applied_it_is_on_record_and_can_be_undone(tracker, migrated, file):
    before = within(migrated, everything)
    ended = tracker("apply", file, "--school", UAI, *DAY, "--json")
    told = json.loads(ended.stdout)
    assert (ended.exit_code, told["refused"], told["counts"]["arrivals"]) == (0, False, 3)
    kept = within(migrated, lambda: RosterImport.get_by_id(told["import_id"]))
    assert (kept.state, kept.origin, kept.uploaded_by) == (ImportState.APPLIED, Origin.TERMINAL, None)
    again = json.loads(tracker("apply", file, "--school", UAI, *DAY, "--json").stdout)
    assert (again["counts"]["unchanged"], again["counts"]["arrivals"]) == (3, 0)
    assert tracker("undo", kept.id).exit_code == 0
    assert within(migrated, everything) == before


def test_undone_twice_it_says_so(tracker, migrated, file):
    number = json.loads(tracker("apply", file, "--school", UAI, *DAY, "--json").stdout)["import_id"]
    tracker("undo", number)
    ended = tracker("undo", number)
    assert (ended.exit_code, "n’est pas importée" in ended.stderr) == (1, True)


def test_for_an_unknown_school_nothing_is_applied(tracker, migrated, file):
    ended = tracker("apply", file, "--school", "0140001A", *DAY, "--accept", "other_school", "--json")
    told = json.loads(ended.stdout)
    assert (ended.exit_code, told["refused"], told["import_id"]) == (1, True, None)
    assert ("error", "school_unknown") in [(each["severity"], each["code"]) for each in told["problems"]]
    assert within(migrated, lambda: RosterImport.select().count()) == 0


def test_refused_it_writes_nothing_but_that_it_was_there(tracker, migrated, tmp_path):
    before = within(migrated, everything)
    ended = tracker("apply", written(tmp_path, several(2), uai="0359904A"), "--school", UAI, *DAY, "--json")
    assert (ended.exit_code, within(migrated, everything) == before) == (1, True)
    state = within(migrated, lambda: RosterImport.get().state)
    assert state == ImportState.CANCELLED


def test_a_file_applied_for_a_database_without_tables_is_a_sentence(tracker, file):
    ended = tracker("apply", file, "--school", UAI)
    assert (ended.exit_code, "tracker migrate" in ended.stderr) == (1, True)


def test_what_stands_on_record_is_the_moment_itself_whatever_day_it_is_taken_to_be(tracker, migrated, file, tmp_path):
    started = datetime.now(UTC)
    tracker("apply", file, "--school", UAI, "--today", "2026-10-20")
    earlier = written(tmp_path, [row(1, class_name="2GT9"), row(2, regime="31"), row(3, ine=None)])
    assert tracker("apply", earlier, "--school", UAI, "--today", "2026-10-05").exit_code == 0
    moments = within(migrated, lambda: [each.applied_at for each in RosterImport.select().order_by(RosterImport.id)])
    assert started <= moments[0] <= moments[1]
    assert tracker("undo", "1").exit_code == 1
    assert [tracker("undo", number).exit_code for number in ("2", "1")] == [0, 0]


def test_a_school_that_is_no_member_on_the_day_is_named_as_the_reason(tracker, migrated, file):
    within(migrated, lambda: School.update(member_from=date(2026, 11, 1)).execute())
    told = json.loads(tracker("preview", file, "--school", UAI, *DAY, "--json").stdout)
    assert (told["counts"]["eligible"], told["refused"]) == (0, False)
    (problem,) = [each for each in told["problems"] if each["code"] == "school_not_member"]
    assert "2026-11-01" in problem["message"]
