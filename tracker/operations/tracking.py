"""Tracking numbers written down: by hand, or many at once from a carrier's file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from tracker.models.database import database, locked
from tracker.models.parcels import Parcel
from tracker.operations.parcel_holding import check_may_send
from tracker.rules.access import Actor, Permission
from tracker.rules.parcels import ParcelState, checked_tracking
from tracker.rules.refusals import Refused
from tracker.rules.sscc import parse_sscc

log = structlog.get_logger()
MOST_LINES = 5_000


@dataclass(frozen=True)
class LineProblem:
    """A line of the file that nothing could be made of: which, why, and the text that it rests on."""

    line: int
    code: str
    text: str


def set_tracking(parcel_id: int, tracking: str, *, actor: Actor, now: datetime) -> Parcel:
    """Write the carrier’s number down, or take it away (empty). Raises Refused: tracking_form, not_found."""
    kept = checked_tracking(tracking)
    with database.atomic():
        parcel = locked(Parcel.select().where(Parcel.id == parcel_id)).first()
        if parcel is None or not actor.scope.covers(parcel.school_id):
            raise Refused("not_found")
        check_may_send(parcel.kind, actor)
        if parcel.state == ParcelState.CANCELLED:
            raise Refused("parcel_state", rule="D8", state=parcel.state, reference=parcel.reference)
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
    references = {parse_sscc(row[0]) for _, row in rows if row}
    ids = dict(Parcel.select(Parcel.reference, Parcel.id).where(Parcel.reference.in_(references - {None})).tuples())
    found: dict[int, str] = {}
    problems: list[LineProblem] = []
    for line, row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells) or (line == 1 and not any(sign.isdigit() for sign in cells[0])):
            continue  # an empty line, or the headings
        problem = _problem(cells, ids, found)
        if problem:
            problems.append(LineProblem(line, problem, cells[0][:40]))
        else:
            found[ids[parse_sscc(cells[0])]] = checked_tracking(cells[1])
    return found, problems


def _problem(cells: list[str], ids: dict[str, int], found: dict[int, str]) -> str:
    reference = parse_sscc(cells[0])
    if reference is None:
        return "no_sscc"
    if reference not in ids:
        return "unknown"
    if ids[reference] in found:
        return "twice"
    try:
        return "" if len(cells) > 1 and checked_tracking(cells[1]) else "no_tracking"
    except Refused:
        return "tracking_form"
