"""An import as a session: a file comes in, is previewed, applied, cancelled; its file is kept for a time."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO

import structlog

from tracker.models.database import database, locked, take_turn
from tracker.models.rosters import RosterChange, RosterImport
from tracker.models.schools import School
from tracker.operations import works
from tracker.operations.rosters.applying import Progress, write
from tracker.operations.rosters.comparison import Comparison
from tracker.operations.rosters.guardians import GuardianComparison, write_guardians
from tracker.operations.rosters.readings import Compared, Reading, compared
from tracker.operations.rosters.summary import summary
from tracker.operations.rosters.vocabulary import VocabularyComparison, write_vocabulary
from tracker.queries.campaigns import settings_in_force
from tracker.rosters import Kind, Roster, read_roster
from tracker.rules.access import SYSTEM, Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.refusals import Refused
from tracker.rules.rosters import ImportState, Origin
from tracker.rules.work import WorkKind
from tracker.storage.storage import Storage, Stored

log = structlog.get_logger()

TURN = 7_213_005_120
"""One import is compared or written at a time: two schools may name the same pupil at the same moment."""


def take_in(
    file: Stored, file_name: str, school_id: int, *, origin: Origin, actor: Actor, now: datetime
) -> RosterImport:
    """Record a file that storage keeps already, and ask for its preview as long work. Raises Refused."""
    _check(actor, school_id)
    with database.atomic():
        made = _record(file, file_name, school_id, ImportState.WAITING, origin, actor, now)
        works.ask(WorkKind.READ_ROSTER, made.id, school_id=school_id, actor=actor, now=now)
    return made


def _record(
    file: Stored, file_name: str, school_id: int, state: ImportState, origin: Origin, actor: Actor, now: datetime
) -> RosterImport:
    made = RosterImport.create(
        school=school_id, state=state, origin=origin, file_name=file_name[-200:], file=file.key,
        digest=file.digest, size=file.size, uploaded_by=actor.user_id, uploaded_at=now,
    )  # fmt: skip
    log.info("roster taken in", roster_import=made.id, school=school_id, size=file.size, by=actor.user_id)
    return made


def _check(actor: Actor, school_id: int) -> None:
    if not actor.may(Permission.IMPORT_ROSTERS):
        raise Refused("not_allowed")
    if not actor.scope.covers(school_id):
        raise Refused("school_not_found")


def find(import_id: int, actor: Actor) -> RosterImport:
    """An import that this person may see. Raises Refused not_found."""
    found = RosterImport.get_or_none(RosterImport.id == import_id)
    if found is None or not actor.may(Permission.IMPORT_ROSTERS) or not actor.scope.covers(found.school_id):
        raise Refused("not_found")
    return found


def preview(
    import_id: int, source: BinaryIO, *, now: datetime, progress: Callable[[int, int | None], None] | None = None
) -> Reading:
    """Read and compare, and keep what was found for the screen. `progress`: bytes read, and in all where known."""
    roster = read_roster(source, progress=progress)
    with database.atomic():
        found = locked(RosterImport.select().where(RosterImport.id == import_id)).get()
        if found.state not in _OPEN:
            raise Refused("import_not_ready")
        take_turn(TURN)
        reading = _compared(found, roster, local_date(now))
        _keep(found, reading, _state_after(found, reading))
    return reading


def read_again(import_id: int, *, actor: Actor, now: datetime) -> None:
    """Ask once more for a preview that could not be made. Raises Refused: import_not_ready, work_under_way."""
    with database.atomic():
        found = locked(RosterImport.select().where(RosterImport.id == find(import_id, actor).id)).get()
        if found.state != ImportState.WAITING:
            raise Refused("import_not_ready")
        works.ask(WorkKind.READ_ROSTER, found.id, school_id=found.school_id, actor=actor, now=now)


_OPEN = (ImportState.WAITING, ImportState.READY, ImportState.REFUSED)


def _state_after(found: RosterImport, reading: Reading) -> ImportState:
    """A file that is early waits for its pupils; the terminal has said already that it was refused."""
    if reading.is_early and found.origin != Origin.TERMINAL:
        return ImportState.WAITING
    return ImportState.REFUSED if reading.broken else ImportState.READY


def _compared(found: RosterImport, roster: Roster, today: date) -> Reading:
    school = School.get_by_id(found.school_id)
    return compared(roster, school, school.uai, today, found.accepted or {})


def _keep(found: RosterImport, reading: Reading, state: ImportState) -> None:
    found.kind = reading.roster.kind or ""
    found.school_year, found.exported_at = reading.school_year, reading.roster.exported_at
    found.preview, found.accepted, found.state = summary(reading), dict(reading.accepted), state
    found.save()


def ask_to_apply(import_id: int, accepted: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Say yes to what needs one, and have the file applied as long work. Raises Refused."""
    with database.atomic():
        found = locked(RosterImport.select().where(RosterImport.id == find(import_id, actor).id)).get()
        if found.state != ImportState.READY:
            raise Refused("import_not_ready")
        _check_answers(found, accepted)
        found.accepted = dict(accepted)
        found.save()
        works.ask(WorkKind.APPLY_ROSTER, found.id, school_id=found.school_id, actor=actor, now=now)


def _check_answers(found: RosterImport, accepted: Mapping[str, Any]) -> None:
    said, answered = set(accepted.get("stops", ())), accepted.get("identities", {})
    asked = {each["key"] for each in found.preview["proposals"]}
    still_open = [stop for stop in found.preview["stops"] if stop not in said]
    if asked <= set(answered):
        still_open = [stop for stop in still_open if stop != "identity"]
    if still_open:
        raise Refused("stops_open", rule="E3", stops=still_open)


def apply(import_id: int, source: BinaryIO, *, actor: Actor, now: datetime, progress: Progress) -> Reading:
    """Rules E3, L1, L5. Do everything that the file says, in one transaction. Raises Refused.

    The file is compared anew: where something has come up since the preview that needs a yes, nothing is written
    and the new preview is kept.
    """
    find(import_id, actor)
    roster = read_roster(source)
    with database.atomic():
        reading = _apply(import_id, roster, local_date(now), actor, now, progress)
    if reading.refused:
        raise Refused("stops_open", rule="E3", stops=list(reading.open_stops))
    log.info("roster applied", roster_import=import_id, by=actor.user_id, **reading.counts())
    return reading


def _apply(import_id: int, roster: Roster, today: date, actor: Actor, now: datetime, progress: Progress) -> Reading:
    """Within the caller's transaction: the file is applied, or its new preview is kept."""
    found = locked(RosterImport.select().where(RosterImport.id == import_id)).get()
    if found.state != ImportState.READY:
        raise Refused("import_not_ready")
    take_turn(TURN)
    reading = _compared(found, roster, today)
    if reading.refused or reading.compared is None:
        _keep(found, reading, _state_after(found, reading))
        return reading
    _write(reading.compared, found, actor, now, progress)
    found.applied_by, found.applied_at = actor.user_id, now
    _keep(found, reading, ImportState.APPLIED)
    if isinstance(reading.compared, Comparison):
        _read_early_ones(found.school_id, now)
    return reading


def _read_early_ones(school_id: int, now: datetime) -> None:
    """The pupils are there: what waited for them is read once more, in the order in which it came."""
    early = RosterImport.select().where(
        RosterImport.school == school_id, RosterImport.state == ImportState.WAITING,
        RosterImport.kind == Kind.SIECLE_GUARDIANS,
    )  # fmt: skip
    for each in early.order_by(RosterImport.uploaded_at, RosterImport.id):
        with suppress(Refused):  # somebody has asked for it already
            works.ask(WorkKind.READ_ROSTER, each.id, school_id=school_id, actor=SYSTEM, now=now)


def apply_at_once(
    file: Stored, source: BinaryIO, file_name: str, school_id: int, accepted: Mapping[str, Any], *,
    origin: Origin, actor: Actor, now: datetime, today: date | None = None,
    progress: Progress = lambda done, total: None,
) -> tuple[RosterImport, Reading]:  # fmt: skip
    """Apply a file that storage keeps already, without preview or queue: the terminal's way. Raises Refused.

    `today`: the day that it is taken to be, for what the file means; on record stands `now`, whatever that day. Where
    it is refused nothing is written but that it was there: see the reading.
    """
    _check(actor, school_id)
    roster = read_roster(source)
    with database.atomic():
        made = _record(file, file_name, school_id, ImportState.READY, origin, actor, now)
        made.accepted = dict(accepted)
        made.save()
        reading = _apply(made.id, roster, today or local_date(now), actor, now, progress)
        if reading.refused and not reading.broken:
            RosterImport.update(state=ImportState.CANCELLED).where(RosterImport.id == made.id).execute()
    log.info("roster from the terminal", roster_import=made.id, whole=not reading.refused, **reading.counts())
    return made, reading


def _write(compared: Compared, found: RosterImport, actor: Actor, now: datetime, progress: Progress) -> None:
    found.school_year = compared.ground.school_year
    if isinstance(compared, Comparison):
        write(compared, found, actor=actor, now=now, progress=progress)
    elif isinstance(compared, GuardianComparison):
        write_guardians(compared, found)
    elif isinstance(compared, VocabularyComparison):
        write_vocabulary(compared, found)


def cancel(import_id: int, *, actor: Actor) -> None:
    """Leave a file that was not applied. Raises Refused."""
    with database.atomic():
        found = locked(RosterImport.select().where(RosterImport.id == find(import_id, actor).id)).get()
        if found.state not in _OPEN:
            raise Refused("import_not_ready")
        found.state = ImportState.CANCELLED
        found.save()


def forget_files(storage: Storage, *, now: datetime) -> int:
    """Delete the files whose time is over, and what their journals say of pupils; who, when and counts stay.

    One that still waited for somebody's yes can no longer be applied: it is cancelled.
    """
    days = int(settings_in_force(local_date(now))["roster_file_days"])
    old = RosterImport.select().where(
        RosterImport.file.is_null(False), RosterImport.uploaded_at < now - timedelta(days)
    )
    forgotten = 0
    for found in list(old):
        storage.delete(found.file)
        with database.atomic():
            RosterChange.delete().where(RosterChange.roster_import == found).execute()
            kept = {name: (found.preview or {}).get(name) for name in ("counts", "stops")}
            state = ImportState.CANCELLED if found.state in _OPEN else found.state
            RosterImport.update(file=None, preview=kept, state=state).where(RosterImport.id == found.id).execute()
        forgotten += 1
    return forgotten
