"""Taking one import back, alone, while nothing rests on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import peewee
import structlog

from tracker.models.agreements import Agreement, Invitation
from tracker.models.database import among, database, locked, take_turn
from tracker.models.loans import Allocation, Loan
from tracker.models.pupils import Enrolment, OtherIne, Pupil
from tracker.models.rosters import Departure, DepartureAnswer, RosterChange, RosterImport
from tracker.operations.expected_returns import wait_again
from tracker.operations.rosters import departing
from tracker.operations.rosters.guardians import restore_guardians
from tracker.operations.rosters.imports import TURN, find
from tracker.operations.rosters.vocabulary import forget_code, put_names
from tracker.operations.withholding import open_again
from tracker.rosters.rows import Kind
from tracker.rules.access import Actor
from tracker.rules.names import search_key
from tracker.rules.refusals import Refused
from tracker.rules.rosters import ChangeKind, CodeKind, ImportState

log = structlog.get_logger()
_AT_ONCE = 10_000
_NAMES = (Kind.SIECLE_STRUCTURES.value, Kind.SIECLE_NOMENCLATURES.value)


def undo(import_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an import back whole. Raises Refused: import_not_applied, import_forgotten, import_rests (says on what)."""
    with database.atomic():
        found = locked(RosterImport.select().where(RosterImport.id == find(import_id, actor).id)).get()
        if found.state != ImportState.APPLIED:
            raise Refused("import_not_applied")
        if found.file is None:
            raise Refused("import_forgotten", rule="E3")
        take_turn(TURN)
        if rests := what_rests(found):
            raise Refused("import_rests", rule="E3", rests=rests)
        _take_back(found, actor, now)
        found.state, found.undone_by, found.undone_at = ImportState.UNDONE, actor.user_id, now
        found.save()
    log.info("roster undone", roster_import=found.id, by=actor.user_id)


def what_rests(found: RosterImport) -> dict[str, int]:
    """What happened since to the pupils that the import touched, counted by kind; empty: it may be undone."""
    touched = RosterChange.select(RosterChange.pupil).where(
        RosterChange.roster_import == found, RosterChange.pupil.is_null(False)
    )
    since = found.applied_at
    happened = {
        "imports": _later_imports(found, touched),
        "loans": Loan.select().where(Loan.pupil.in_(touched), (Loan.started_at >= since) | (Loan.ended_at >= since)),
        "allocations": Allocation.select().where(Allocation.pupil.in_(touched), Allocation.started_at >= since),
        "agreements": Agreement.select().where(
            Agreement.pupil.in_(touched), _moved_since(since) | among(Agreement.pupil, _new(found))
        ),
        "requests": Invitation.select()
        .join(Agreement)
        .where(Agreement.pupil.in_(touched), Invitation.created_at >= since),
        "departures": Departure.select().where(
            Departure.pupil.in_(touched), (Departure.noticed_at > since) | (Departure.closed_at > since)
        ),
        "answers": DepartureAnswer.select()
        .join(Departure)
        .where(Departure.pupil.in_(touched), DepartureAnswer.answered_at >= since),
    }
    counts = {kind: query.count() for kind, query in happened.items()}
    return {kind: count for kind, count in counts.items() if count}


def _later_imports(found: RosterImport, touched: peewee.ModelSelect) -> peewee.ModelSelect:
    later = (RosterImport.applied_at > found.applied_at) | (
        (RosterImport.applied_at == found.applied_at) & (RosterImport.id > found.id)
    )
    return (
        RosterImport.select(RosterImport.id)
        .join(RosterChange)
        .where(later, RosterImport.state == ImportState.APPLIED, RosterChange.pupil.in_(touched) | _same_names(found))
        .distinct()
    )


def _same_names(found: RosterImport) -> peewee.Expression:
    """Later files that name classes of the same school, or level codes: those are every school's."""
    same = (RosterImport.kind == found.kind) & RosterImport.kind.in_([*_NAMES])
    return same & ((RosterImport.school == found.school_id) | (RosterImport.kind == Kind.SIECLE_NOMENCLATURES.value))


def _new(found: RosterImport) -> list[int]:
    """The pupils who are there since this import only: whatever hangs on them would go with them."""
    of_pupils = RosterChange.select(RosterChange.pupil, RosterChange.after).where(
        RosterChange.roster_import == found, RosterChange.kind == ChangeKind.ARRIVAL
    )
    return [change.pupil_id for change in of_pupils if change.after and change.after.get("new")]


def _moved_since(since: datetime) -> peewee.Expression:
    moments = (Agreement.sent_at, Agreement.signed_at, Agreement.validated_at, Agreement.printed_at,
               Agreement.decided_at)  # fmt: skip
    condition = moments[0] >= since
    for moment in moments[1:]:
        condition = condition | (moment >= since)
    return condition


def _take_back(found: RosterImport, actor: Actor, now: datetime) -> None:
    changes = list(RosterChange.select().where(RosterChange.roster_import == found).order_by(RosterChange.id.desc()))
    new = [change.pupil_id for change in changes if (change.after or {}).get("new")]
    for change in changes:
        if not (change.after or {}).get("new"):
            _take_back_one(change, found, actor, now)
    for some in peewee.chunked(new, _AT_ONCE):
        Pupil.delete().where(Pupil.id.in_(some)).execute()
    for change in changes:
        for kind, codes in (change.after or {}).get("codes", {}).items():
            for code in codes:
                forget_code(CodeKind(kind), code)


def _take_back_one(change: RosterChange, found: RosterImport, actor: Actor, now: datetime) -> None:
    before, after = change.before or {}, change.after or {}
    Departure.delete().where(Departure.id.in_(after.get("departures", []))).execute()
    OtherIne.delete().where(OtherIne.ine.in_(after.get("numbers", []))).execute()
    for departure in before.get("departures", []):
        _write_back(Departure, departure)
    if after.get("enrolled"):
        theirs = (Enrolment.pupil == change.pupil_id) & (Enrolment.school == found.school_id)
        Enrolment.delete().where(theirs, Enrolment.school_year == found.school_year).execute()
    for table in ("enrolment", "elsewhere"):
        if before.get(table):
            _write_back(Enrolment, before[table])
    _take_back_pupil(change.pupil_id, before)
    for device_id, school_id in before.get("loans", []):
        departing.move_loan(device_id, school_id, actor=actor, now=now)
    wait_again(before.get("expected", []))
    for table in before.keys() & {"classes", "mefs"}:
        put_names(table, found, before[table])


def _take_back_pupil(pupil_id: int, before: Mapping[str, Any]) -> None:
    values = dict(before.get("pupil", {}))
    if "deceased" in before:
        values["deceased"] = before["deceased"]
    if values:
        Pupil.update(values).where(Pupil.id == pupil_id).execute()
        pupil = Pupil.get_by_id(pupil_id)
        pupil.name_key = search_key(f"{pupil.last_name} {pupil.first_name}")
        pupil.first_name_key = search_key(f"{pupil.first_name} {pupil.last_name}")
        pupil.save()
    open_again((link, datetime.fromisoformat(until)) for link, until in before.get("links", ()))
    if "guardians" in before:
        restore_guardians(pupil_id, before["guardians"], before["gone"])


def _write_back(table: Any, values: Mapping[str, Any]) -> None:
    row = table.get_by_id(values["id"])
    for name, value in values.items():
        if name != "id":
            setattr(row, name, table._meta.fields[name].python_value(value))
    row.save()
