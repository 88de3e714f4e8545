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
from tests.operations.rosters.files import (
    accepted,
    days,
    everything,
    guardian,
    guardians_of,
    morning,
    pupils_of,
    row,
    several,
)
from tracker.jobs import tasks
from tracker.jobs.queue import open_queue
from tracker.jobs.work import do_waiting_work
from tracker.models.pupils import Guardian, Pupil
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


@pytest.mark.parametrize("call", ["iterdir", "stat"])
def test_a_folder_or_file_that_cannot_be_looked_at_holds_up_no_other_school(
    settings, school, other, at_work, monkeypatch, call
):
    closed = drop(settings, school.uai, pupils_of(school, [row(9)]), age=90)
    drop(settings, other.uai, pupils_of(other, several(2)))
    usual, refused = getattr(Path, call), {"iterdir": closed.parent, "stat": closed}[call]

    def look_or_fail(path: Path, *how, **more):
        if path == refused:
            raise PermissionError(errno.EACCES, "no")
        return usual(path, *how, **more)

    monkeypatch.setattr(Path, call, look_or_fail)
    assert (tasks.take_rosters(settings), work(settings), Pupil.select().count()) == (1, 2, 2)
    monkeypatch.undo()
    assert closed.exists()


def test_a_watched_folder_that_is_closed_or_not_there_yet_is_no_fault(settings, school, monkeypatch):
    assert tasks.take_rosters(settings) == 0
    drop(settings, school.uai, pupils_of(school, several(2)))

    def fail(_path: Path):
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "iterdir", fail)
    assert tasks.take_rosters(settings) == 0


def test_a_file_that_cannot_be_deleted_is_not_taken_in_and_holds_up_no_other(settings, school, at_work, monkeypatch):
    drop(settings, school.uai, b"<BEE", name="stuck.xml", age=90)
    drop(settings, school.uai, pupils_of(school, several(2)))
    usual = Path.unlink

    def unlink_or_fail(file: Path, **how):
        if file.name == "stuck.xml":
            raise PermissionError(errno.EPERM, "no")
        return usual(file, **how)

    monkeypatch.setattr(Path, "unlink", unlink_or_fail)
    assert (tasks.take_rosters(settings), work(settings), RosterImport.select().count()) == (1, 2, 1)
    assert len(list((settings.var_dir / "files").rglob("*.roster"))) == 1


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


def states() -> dict[str, str]:
    return {each.file_name: each.state for each in RosterImport.select()}


def test_the_first_feed_brings_the_pupils_and_then_their_guardians(settings, school, at_work):
    drop(settings, school.uai, pupils_of(school, several(2)), age=100)
    families = [guardian(1), guardian(2)]
    drop(settings, school.uai, guardians_of(school, families), name="responsables.xml", age=40)
    assert (tasks.take_rosters(settings), work(settings)) == (2, 4)
    assert states() == {"eleves.xml": ImportState.APPLIED, "responsables.xml": ImportState.APPLIED}
    assert Guardian.select().count() == 2


def test_guardians_that_came_before_their_pupils_wait_for_them(settings, school, at_work):
    for age, first_name in ((100, "Eva"), (90, "Ana")):
        content = guardians_of(school, [guardian(1, first_name=first_name)])
        drop(settings, school.uai, content, name=f"{first_name}.xml", age=age)
    assert (tasks.take_rosters(settings), work(settings)) == (2, 2)
    assert states() == {"Eva.xml": ImportState.WAITING, "Ana.xml": ImportState.WAITING}
    drop(settings, school.uai, pupils_of(school, several(2)))
    assert (tasks.take_rosters(settings), work(settings)) == (1, 6)
    assert states() == dict.fromkeys(("Eva.xml", "Ana.xml", "eleves.xml"), ImportState.APPLIED)
    assert Guardian.get().first_name == "Ana"


def test_guardians_of_next_year_wait_for_its_pupils_and_not_for_those_of_this_year(settings, school, at_work):
    content = guardians_of(school, [guardian(1)]).replace(b">2026<", b">2027<")
    drop(settings, school.uai, content, name="responsables.xml")
    drop(settings, school.uai, pupils_of(school, several(2)), age=40)
    assert (tasks.take_rosters(settings), work(settings)) == (2, 4)
    assert states() == {"responsables.xml": ImportState.WAITING, "eleves.xml": ImportState.APPLIED}


def test_while_the_pupils_wait_for_a_yes_their_guardians_wait_with_them(settings, school, other, at_work):
    drop(settings, school.uai, pupils_of(school, several(2), uai=other.uai), age=100)
    drop(settings, school.uai, guardians_of(school, [guardian(1)]), name="responsables.xml", age=40)
    assert (tasks.take_rosters(settings), work(settings)) == (2, 2)
    assert states() == {"eleves.xml": ImportState.READY, "responsables.xml": ImportState.WAITING}
    of_pupils = RosterImport.get(RosterImport.file_name == "eleves.xml")
    rosters.ask_to_apply(of_pupils.id, accepted([Stop.OTHER_SCHOOL]), actor=actor(), now=NOW)
    assert (work(settings), set(states().values())) == (3, {ImportState.APPLIED})


def test_a_person_who_sent_the_guardians_first_finds_them_read_once_the_pupils_are_applied(
    settings, desk, school, other, at_work
):
    made = send(settings, school, guardians_of(school, [guardian(1)]))
    elsewhere = send(settings, other, guardians_of(other, [guardian(1)]))
    assert (work(settings), state(made), RosterImport.get_by_id(made.id).applied_at) == (2, ImportState.WAITING, None)
    desk.apply(school, *several(2))
    assert (work(settings), state(made), state(elsewhere)) == (1, ImportState.READY, ImportState.WAITING)
    rosters.ask_to_apply(made.id, accepted(), actor=actor(), now=NOW)
    assert (work(settings), state(made), Guardian.select().count()) == (1, ImportState.APPLIED, 1)


def test_guardians_that_wait_can_be_left_aside_or_read_again_by_a_person(settings, desk, school, at_work):
    left, again = (send(settings, school, guardians_of(school, [guardian(1)])) for _ in range(2))
    work(settings)
    rosters.cancel(left.id, actor=actor())
    rosters.read_again(again.id, actor=actor(), now=NOW)
    desk.apply(school, *several(2))
    assert (work(settings), state(left), state(again)) == (1, ImportState.CANCELLED, ImportState.READY)


def test_who_left_by_the_pupils_file_of_the_same_feed_is_not_missed_in_the_guardians_file(
    settings, desk, school, at_work
):
    desk.apply(school, *several(12), on=days(-3))
    content = guardians_of(school, [guardian(number) for number in range(1, 11)], on=days(-3))
    desk.apply_file(school, content, on=days(-3))
    stay = range(7, 13)
    drop(settings, school.uai, pupils_of(school, [row(number) for number in stay]), age=100)
    families = [guardian(number) for number in stay if number <= 10]
    drop(settings, school.uai, guardians_of(school, families), name="responsables.xml", age=40)
    assert (tasks.take_rosters(settings), work(settings)) == (2, 4)
    assert set(states().values()) == {ImportState.APPLIED}


def test_what_was_read_is_applied_before_the_next_file_is_read(db, school):
    for kind, subject in ((WorkKind.READ_ROSTER, 1), (WorkKind.READ_ROSTER, 2), (WorkKind.APPLY_ROSTER, 1)):
        works.ask(kind, subject, school_id=school.id, actor=SYSTEM, now=NOW)
    taken = []
    while piece := works.take_up(now=NOW):
        taken.append((piece.kind, piece.subject))
        works.end(piece, {}, now=NOW)
    assert taken == [(WorkKind.APPLY_ROSTER, 1), (WorkKind.READ_ROSTER, 1), (WorkKind.READ_ROSTER, 2)]


def test_of_one_school_one_file_is_worked_on_at_a_time_and_other_work_goes_on(db, school, other):
    for subject, where in ((1, school), (2, school), (3, other)):
        works.ask(WorkKind.READ_ROSTER, subject, school_id=where.id, actor=SYSTEM, now=NOW)
    works.ask(WorkKind.FILE_SCANS, 4, school_id=school.id, actor=SYSTEM, now=NOW)
    first = works.take_up(now=NOW)
    assert [works.take_up(now=NOW).subject for _ in range(2)] == [3, 4]
    assert (first.subject, works.take_up(now=NOW)) == (1, None)
    works.end(first, {}, now=NOW)
    assert works.take_up(now=NOW).subject == 2


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
