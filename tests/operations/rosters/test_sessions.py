"""An import as a session: who may, the work that reads and applies it, the watched folder, the file's end."""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import make_settings
from tests.factories import NOW, actor, make_user
from tests.operations.rosters.files import accepted, days, everything, morning, pupils_of, row, several
from tracker.jobs import tasks
from tracker.jobs.queue import open_queue
from tracker.jobs.work import do_waiting_work
from tracker.models.pupils import Pupil
from tracker.models.rosters import RosterChange, RosterImport
from tracker.models.work import Work
from tracker.operations import rosters, works
from tracker.rules.access import SYSTEM
from tracker.rules.refusals import Refused
from tracker.rules.rosters import ImportState, Origin, Stop
from tracker.rules.work import ABANDONED_AFTER, WorkKind, WorkState
from tracker.storage.choice import open_storage

ROOT = Path(__file__).parents[3]


@pytest.fixture
def settings(db, db_url, tmp_path):
    return make_settings(db_url, tmp_path)


@pytest.fixture
def at_work(time_machine_at):
    time_machine_at(NOW)


def send(settings, school, content, *, by=None, origin=Origin.UPLOAD) -> RosterImport:
    file = open_storage(settings).put(content, kind="rosters", suffix=".roster")
    return rosters.take_in(file, "eleves.xml", school.id, origin=origin, actor=by or actor(), now=NOW)


def work(settings) -> int:
    return do_waiting_work(settings, open_queue(settings))


def state(made: RosterImport) -> str:
    return RosterImport.get_by_id(made.id).state


def test_a_file_is_read_then_applied_as_long_work(settings, school, at_work):
    referent = make_user("school", [school])
    by = actor("school", [school], referent)
    made = send(settings, school, pupils_of(school, several(3)), by=by)
    assert work(settings) == 1
    assert (state(made), Pupil.select().count()) == (ImportState.READY, 0)
    assert RosterImport.get().preview["counts"]["arrivals"] == 3
    rosters.ask_to_apply(made.id, accepted(), actor=by, now=NOW)
    assert work(settings) == 1
    kept = RosterImport.get()
    assert (kept.state, kept.applied_by, Pupil.select().count()) == (ImportState.APPLIED, referent.id, 3)
    assert [each.state for each in Work.select()] == [WorkState.DONE] * 2


def test_a_school_sends_files_for_itself_alone(settings, school, other):
    with pytest.raises(Refused, match="school_not_found"):
        send(settings, school, b"", by=actor("school", [other]))
    with pytest.raises(Refused, match="not_allowed"):
        send(settings, school, b"", by=actor("staff"))
    assert RosterImport.select().count() == 0


def test_a_school_neither_sees_nor_applies_nor_leaves_anothers_import(settings, school, other, at_work):
    made = send(settings, school, pupils_of(school, several(3)))
    work(settings)
    stranger = actor("school", [other])
    for act in (
        lambda: rosters.find(made.id, stranger),
        lambda: rosters.ask_to_apply(made.id, accepted(), actor=stranger, now=NOW),
        lambda: rosters.cancel(made.id, actor=stranger),
    ):
        with pytest.raises(Refused, match="not_found"):
            act()
    assert state(made) == ImportState.READY


def test_without_the_yes_that_it_needs_it_is_not_even_asked_for(settings, desk, school, at_work):
    desk.apply(school, *several(12), on=days(-3))
    made = send(settings, school, pupils_of(school, several(2)))
    work(settings)
    with pytest.raises(Refused) as refused:
        rosters.ask_to_apply(made.id, accepted(), actor=actor(), now=NOW)
    assert (refused.value.code, refused.value.facts) == ("stops_open", {"stops": ["collapsed"]})
    rosters.ask_to_apply(made.id, accepted([Stop.COLLAPSED]), actor=actor(), now=NOW)
    assert (work(settings), state(made)) == (1, ImportState.APPLIED)


def test_what_came_up_since_the_preview_is_asked_before_anything_is_written(settings, desk, school, at_work):
    made = send(settings, school, pupils_of(school, several(2), on=days(-3)))
    work(settings)
    desk.apply(school, *several(12))
    before = everything()
    rosters.ask_to_apply(made.id, accepted(), actor=actor(), now=NOW)
    assert work(settings) == 0
    assert (everything(), state(made)) == (before, ImportState.READY)
    assert RosterImport.get_by_id(made.id).preview["stops"] == ["older", "collapsed"]
    assert [(each.error, each.result) for each in Work.select().where(Work.state == WorkState.FAILED)] == [
        ("stops_open", {"stops": ["older", "collapsed"]})
    ]


def test_an_import_that_is_under_way_is_not_asked_for_twice(settings, school, at_work):
    made = send(settings, school, pupils_of(school, several(2)))
    work(settings)
    rosters.ask_to_apply(made.id, accepted(), actor=actor(), now=NOW)
    with pytest.raises(Refused, match="work_under_way"):
        rosters.ask_to_apply(made.id, accepted(), actor=actor(), now=NOW)


def test_a_file_left_aside_can_no_longer_be_applied_or_read(settings, school, at_work):
    made = send(settings, school, pupils_of(school, several(2)))
    rosters.cancel(made.id, actor=actor())
    assert (work(settings), state(made)) == (0, ImportState.CANCELLED)
    with pytest.raises(Refused, match="import_not_ready"):
        rosters.ask_to_apply(made.id, accepted(), actor=actor(), now=NOW)


def test_the_account_of_who_asked_was_closed_meanwhile_nothing_is_applied(settings, school, at_work):
    user = make_user()
    made = send(settings, school, pupils_of(school, several(2)), by=actor(user=user))
    user.active = False
    user.save()
    assert (work(settings), Work.get().error, state(made)) == (0, "not_allowed", ImportState.WAITING)


def test_a_file_that_is_gone_says_so(settings, school, at_work):
    made = send(settings, school, pupils_of(school, several(2)))
    open_storage(settings).delete(made.file)
    assert (work(settings), Work.get().error) == (0, "file_missing")


def test_work_is_taken_up_once_and_what_a_dead_process_left_is_taken_again(db, school):
    asked = works.ask(WorkKind.READ_ROSTER, 1, school_id=school.id, actor=SYSTEM, now=NOW)
    assert works.take_up(now=NOW).id == asked.id
    assert works.take_up(now=NOW + ABANDONED_AFTER) is None
    assert works.take_up(now=NOW + ABANDONED_AFTER + timedelta(seconds=1)).id == asked.id


def test_an_applying_that_died_after_its_end_is_done_and_not_repeated(settings, desk, school, at_work):
    made = desk.apply(school, row(1))
    works.ask(WorkKind.APPLY_ROSTER, made.id, school_id=school.id, actor=SYSTEM, now=NOW)
    before = everything()
    assert (work(settings), Work.get().result["arrivals"]) == (1, 1)
    assert everything() == before


def drop(settings, school_folder: str, content: bytes, *, age: int = 60, name: str = "eleves.xml") -> Path:
    folder = settings.watched_folder / school_folder
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(content)
    moment = (datetime.now(UTC) - timedelta(seconds=age)).timestamp()
    os.utime(file, (moment, moment))
    return file


def test_the_daily_feed_is_applied_by_itself_and_leaves_the_folder(settings, school, at_work):
    file = drop(settings, school.uai, pupils_of(school, several(2)))
    assert tasks.take_rosters(settings) == 1
    assert (work(settings), file.exists()) == (2, False)
    made = RosterImport.get()
    assert (made.state, made.origin, made.applied_by) == (ImportState.APPLIED, Origin.FOLDER, None)
    assert Pupil.select().count() == 2


def test_a_file_that_is_still_being_written_or_of_nobody_stays_in_the_folder(settings, school, at_work):
    drop(settings, school.uai, b"<BEE", age=5)
    drop(settings, school.uai, b"<BEE", name=".eleves.xml.part")
    drop(settings, "0769999Z", b"<BEE")
    (settings.watched_folder / school.uai / "link.xml").symlink_to(__file__)
    assert (tasks.take_rosters(settings), RosterImport.select().count()) == (0, 0)
    assert sum(file.is_file() for file in settings.watched_folder.rglob("*")) == 4


def test_a_file_that_cannot_be_read_holds_up_none_of_the_others(settings, school, at_work, monkeypatch):
    drop(settings, school.uai, b"<BEE", name="unreadable.xml", age=90)
    drop(settings, school.uai, pupils_of(school, several(2)))
    usual = Path.open

    def open_or_fail(file: Path, *how, **more):
        if file.name == "unreadable.xml":
            raise PermissionError(errno.EACCES, "no")
        return usual(file, *how, **more)

    monkeypatch.setattr(Path, "open", open_or_fail)
    assert (tasks.take_rosters(settings), work(settings), Pupil.select().count()) == (1, 2, 2)


def test_what_could_not_leave_its_folder_is_not_taken_again_and_again(settings, school, at_work, monkeypatch):
    drop(settings, school.uai, pupils_of(school, several(2)))
    monkeypatch.setattr(os, "access", lambda _folder, right: right != os.W_OK)
    assert (tasks.take_rosters(settings), RosterImport.select().count()) == (0, 0)


def test_a_daily_file_that_needs_a_yes_waits_for_a_person(settings, desk, school, at_work):
    desk.apply(school, *several(12), on=days(-3))
    drop(settings, school.uai, pupils_of(school, several(2)))
    tasks.take_rosters(settings)
    assert work(settings) == 1
    made = RosterImport.get(RosterImport.origin == Origin.FOLDER)
    assert (made.state, Pupil.select().count()) == (ImportState.READY, 12)
    rosters.ask_to_apply(made.id, accepted([Stop.COLLAPSED]), actor=actor(), now=NOW)
    assert (work(settings), state(made)) == (1, ImportState.APPLIED)


def test_when_its_time_is_over_the_file_and_the_journal_go_and_the_counts_stay(desk, school):
    made = desk.apply(school, row(1))
    assert rosters.forget_files(desk.storage, now=morning(days(90))) == 0
    assert rosters.forget_files(desk.storage, now=morning(days(91))) == 1
    kept = RosterImport.get_by_id(made.id)
    assert (kept.file, kept.digest, kept.state) == (None, made.digest, ImportState.APPLIED)
    assert (kept.preview["counts"]["arrivals"], set(kept.preview)) == (1, {"counts", "stops"})
    assert (RosterChange.select().count(), list(desk.storage._folder.rglob("*.roster"))) == (0, [])
    assert rosters.forget_files(desk.storage, now=morning(days(92))) == 0


def test_a_file_that_waited_for_a_yes_too_long_is_left_aside(settings, school, at_work):
    made = send(settings, school, pupils_of(school, several(2)))
    work(settings)
    rosters.forget_files(open_storage(settings), now=NOW + timedelta(91))
    assert state(made) == ImportState.CANCELLED


_APPLY = """
import io, sys
from datetime import datetime
from pathlib import Path
from tracker.models.database import connected, open_database
from tracker.operations import rosters
from tracker.rules.access import SYSTEM
from tracker.rules.refusals import Refused

open_database(sys.argv[1])
with connected():
    content = Path(sys.argv[3]).read_bytes()
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        rosters.apply(
            int(sys.argv[2]), io.BytesIO(content), actor=SYSTEM, now=datetime.fromisoformat(sys.argv[4]),
            progress=lambda done, total: None,
        )
        print("applied", flush=True)
    except Refused as refused:
        print(refused.code, flush=True)
"""


def at_once(db_url: str, jobs: list[tuple[RosterImport, Path]]) -> list[str]:
    """Apply each in a process of its own, all at the same moment; what each said last."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _APPLY, db_url, str(made.id), str(file), NOW.isoformat()],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for made, file in jobs
    ]  # fmt: skip
    assert [_said_last(process) for process in processes] == ["ready", "ready"]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return sorted(process.communicate()[0].split()[-1] for process in processes)


def _said_last(process: subprocess.Popen) -> str:
    """The first line that is no log."""
    return next(line.strip() for line in process.stdout if line.strip() == "ready")


def ready(settings, school, content, tmp_path) -> tuple[RosterImport, Path]:
    made = send(settings, school, content)
    work(settings)
    file = tmp_path / f"{made.id}.xml"
    file.write_bytes(content)
    return made, file


def test_applied_twice_at_the_same_moment_it_is_applied_once(settings, db_url, school, tmp_path, at_work):
    job = ready(settings, school, pupils_of(school, several(50)), tmp_path)
    assert at_once(db_url, [job, job]) == ["applied", "import_not_ready"]
    assert (Pupil.select().count(), RosterChange.select().count()) == (50, 50)


def test_two_schools_that_name_the_same_pupils_at_the_same_moment_do_not_both_get_them(
    settings, db_url, school, other, tmp_path, at_work
):
    jobs = [ready(settings, each, pupils_of(each, several(50)), tmp_path) for each in (school, other)]
    assert at_once(db_url, jobs) == ["applied", "applied"]
    assert Pupil.select().count() == 50
    assert [each.kind for each in RosterChange.select()] == ["arrival"] * 50


def test_work_that_a_restart_cut_off_waits_once_more(db):
    asked = works.ask(WorkKind.READ_ROSTER, 1, school_id=None, actor=actor(), now=NOW)
    assert works.take_up(now=NOW).id == asked.id
    assert works.take_up(now=NOW) is None
    assert works.start_again() == 1
    assert works.take_up(now=NOW).id == asked.id
