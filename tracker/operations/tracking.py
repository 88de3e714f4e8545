"""Tracking numbers written down: by hand, or many at once from a carrier's file."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import peewee
import structlog

from tracker.models.database import database, locked
from tracker.models.parcels import Parcel
from tracker.operations.parcel_holding import check_may_send
from tracker.rules.access import Actor, Permission, Scope
from tracker.rules.parcels import ParcelState, checked_tracking
from tracker.rules.refusals import Refused
from tracker.rules.sscc import parse_sscc

log = structlog.get_logger()
MOST_LINES = 5_000


@dataclass(frozen=True)
class LineProblem:
    """A line of the file that nothing could be made of: which, why, and the text that it rests on.

    `reference`: the parcel that has the line's number already.
    """

    line: int
    code: str
    text: str
    reference: str = ""


def set_tracking(parcel_id: int, tracking: str, *, actor: Actor, now: datetime) -> Parcel:
    """Write the carrier’s number down, or take it away (empty).

    Rule D8. Raises Refused: tracking_form, not_found, parcel_state, tracking_known, tracking_known_elsewhere.
    """
    kept = checked_tracking(tracking)
    with database.atomic():
        parcel = locked(Parcel.select().where(Parcel.id == parcel_id)).first()
        if parcel is None or not actor.scope.covers(parcel.school_id):
            raise Refused("not_found")
        check_may_send(parcel.kind, actor)
        if parcel.state == ParcelState.CANCELLED:
            raise Refused("parcel_state", rule="D8", state=parcel.state, reference=parcel.reference)
        _check_free(kept, parcel, actor.scope)
        parcel.tracking = kept
        parcel.save(only=(Parcel.tracking,))
    log.info("tracking written", parcel=parcel_id, by=actor.user_id, at=now.isoformat())
    return parcel


def import_tracking(lines: Iterable[list[str]], *, actor: Actor, now: datetime) -> tuple[int, list[LineProblem]]:
    """Rows of reference and tracking number: how many were written, and what is wrong with the others.

    All or nothing: with one problem nothing is written. Raises Refused: not_allowed, tracking_file_too_long.
    """
    if not actor.may(Permission.MANAGE_PARCELS):
        raise Refused("not_allowed")
    rows = list(enumerate(lines, start=1))
    if len(rows) > MOST_LINES:
        raise Refused("tracking_file_too_long", most=MOST_LINES)
    with database.atomic():
        found, problems = _read(rows)
        if problems:
            return 0, problems
        for parcel_id, tracking in found.items():
            Parcel.update(tracking=tracking).where(Parcel.id == parcel_id).execute()
    log.info("tracking imported", parcels=len(found), by=actor.user_id, at=now.isoformat())
    return len(found), []


def _read(rows: list[tuple[int, list[str]]]) -> tuple[dict[int, str], list[LineProblem]]:
    lines = [(line, [cell.strip() for cell in row]) for line, row in rows]
    file = _file_of([cells for _line, cells in lines if cells])
    problems: list[LineProblem] = []
    for line, cells in lines:
        if not any(cells) or (line == 1 and not any(sign.isdigit() for sign in cells[0])):
            continue  # an empty line, or the headings
        problem = file.problem(cells)
        if problem:
            problems.append(LineProblem(line, problem, cells[0][:40], file.known.get(_number(cells), "")))
        else:
            file.take(cells)
    return file.found, problems


@dataclass
class _File:
    """The parcels that a file names, by reference; its numbers that others have; what it says of each so far."""

    parcels: dict[str, Parcel]
    known: dict[str, str]
    found: dict[int, str] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    def take(self, cells: list[str]) -> None:
        """The number of a line that has no problem."""
        number = _number(cells)
        self.found[self.parcels[parse_sscc(cells[0]) or ""].id] = number
        self.given.add(number)

    def problem(self, cells: list[str]) -> str:
        """Why nothing can be made of this line; empty where all is well."""
        reference, number = parse_sscc(cells[0]), _number(cells)
        parcel = self.parcels.get(reference or "")
        if parcel is None:
            return "unknown" if reference else "no_sscc"
        if parcel.state == ParcelState.CANCELLED:
            return "cancelled"
        if parcel.id in self.found:
            return "twice"
        if not number:
            return "tracking_form" if len(cells) > 1 and cells[1] else "no_tracking"
        return "number_twice" if number in self.given else "number_known" if number in self.known else ""


def _file_of(lines: list[list[str]]) -> _File:
    """What is on record of these lines. Two queries. A number that another line takes away from a parcel is free."""
    references = {parse_sscc(cells[0]) for cells in lines} - {None}
    rows = Parcel.select(Parcel.id, Parcel.reference, Parcel.state).where(Parcel.reference.in_(references))
    parcels = {each.reference: each for each in rows}
    others = _with_number({_number(cells) for cells in lines} - {""}, besides=[each.id for each in parcels.values()])
    return _File(parcels, {each.tracking: each.reference for each in others})


def _number(cells: list[str]) -> str:
    """The tracking number of a line; empty where there is none that can be one."""
    try:
        return checked_tracking(cells[1]) if len(cells) > 1 else ""
    except Refused:
        return ""


def _with_number(numbers: Collection[str], *, besides: Collection[int]) -> peewee.ModelSelect:
    """The other parcels that have one of these numbers; what was cancelled may have given its label to another one."""
    return Parcel.select().where(
        Parcel.tracking.in_(list(numbers)), Parcel.id.not_in(list(besides)), Parcel.state != ParcelState.CANCELLED
    )


def _check_free(number: str, parcel: Parcel, scope: Scope) -> None:
    """Rule D8. A carrier’s number names one parcel: given to two it would find neither."""
    other = _with_number([number], besides=[parcel.id]).first() if number else None
    if other and scope.covers(other.school_id):
        raise Refused("tracking_known", rule="D8", reference=other.reference)
    if other:
        raise Refused("tracking_known_elsewhere", rule="D8")
