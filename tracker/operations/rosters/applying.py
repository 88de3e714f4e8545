"""What a comparison says, written: new rows in bulk, changes one by one, each with its line in the journal."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import peewee

from tracker.models.database import Table
from tracker.models.pupils import Enrolment, OtherIne, Pupil
from tracker.models.rosters import CodeAnswer, RosterChange, RosterImport
from tracker.operations.rosters import departing
from tracker.operations.rosters.comparison import Comparison, Planned
from tracker.operations.rosters.journal import Journal, plain
from tracker.operations.rosters.placing import ENROLMENT_FIELDS, PUPIL_FIELDS
from tracker.rules.access import Actor
from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.rules.departures import Destination
from tracker.rules.eligibility import Level
from tracker.rules.levels import mef_key
from tracker.rules.names import search_key
from tracker.rules.rosters import ChangeKind, CodeKind

Progress = Callable[[int, int], None]

AT_ONCE = 1_000
"""Rows of one INSERT: SQLite takes 32,766 values."""


def write(
    comparison: Comparison, roster_import: RosterImport, *, actor: Actor, now: datetime, progress: Progress
) -> None:
    """Write everything that is planned, within the caller's transaction."""
    lines = [Journal(planned, planned.pupil_id or 0) for planned in comparison.planned]
    done, total = 0, len(lines)
    for some in peewee.chunked(lines, AT_ONCE):
        _create_pupils([line for line in some if not line.pupil_id], now)
        _change_pupils([line for line in some if "new" not in line.after])
        _create_enrolments(some, comparison)
        _change_enrolments(some)
        departing.follow(some, comparison, actor=actor, now=now)
        _keep_numbers(some)
        _keep_journal(some, roster_import)
        done += len(some)
        progress(done, total)
    _ask_for_codes(comparison, roster_import)


def _create_pupils(lines: list[Journal], now: datetime) -> None:
    codes = _slip_codes(len(lines))
    rows = [_pupil_row(line, code, now) for line, code in zip(lines, codes, strict=True)]
    _insert(Pupil, rows)
    ids = dict(Pupil.select(Pupil.slip_code, Pupil.id).where(Pupil.slip_code.in_(codes)).tuples()) if codes else {}
    for line, code in zip(lines, codes, strict=True):
        line.pupil_id, line.after = ids[code], {"new": True}


def _pupil_row(line: Journal, code: str, now: datetime) -> dict[str, Any]:
    assert line.planned.placed is not None
    values = dict(zip(PUPIL_FIELDS, line.planned.placed.pupil, strict=True))
    return values | _keys(values) | {"slip_code": code, "created_at": now, "deceased": False}


def _keys(values: dict[str, Any]) -> dict[str, str]:
    last, first = values["last_name"], values["first_name"]
    return {"name_key": search_key(f"{last} {first}"), "first_name_key": search_key(f"{first} {last}")}


def _slip_codes(count: int) -> list[str]:
    """Codes that no slip carries yet."""
    codes: set[str] = set()
    while len(codes) < count:
        made = {own_code(OwnKind.PUPIL_SLIP, secrets.randbelow(BODIES)) for _ in range(count - len(codes))}
        codes |= made - {row[0] for row in Pupil.select(Pupil.slip_code).where(Pupil.slip_code.in_(made)).tuples()}
    return list(codes)


def _change_pupils(lines: list[Journal]) -> None:
    for line in lines:
        fields = {name: pair for name, pair in line.planned.fields.items() if name in PUPIL_FIELDS}
        if fields and line.planned.placed:
            values = {name: after for name, (_before, after) in fields.items()}
            names = {"last_name": line.planned.placed.row.last_name, "first_name": line.planned.placed.row.first_name}
            keys = _keys(names) if names.keys() & values.keys() else {}
            Pupil.update(values | keys).where(Pupil.id == line.pupil_id).execute()
            line.before["pupil"] = {name: plain(before) for name, (before, _after) in fields.items()}
            line.after["pupil"] = {name: plain(value) for name, value in values.items()}


def _create_enrolments(lines: list[Journal], comparison: Comparison) -> None:
    new = [line for line in lines if line.planned.placed and line.planned.enrolment_id is None]
    shared = {"school": comparison.ground.school_id, "school_year": comparison.ground.school_year}
    _insert(Enrolment, [_enrolment_row(line) | shared for line in new])
    for line in new:
        line.after["enrolled"] = True


def _enrolment_row(line: Journal) -> dict[str, Any]:
    assert line.planned.placed is not None
    return dict(zip(ENROLMENT_FIELDS, line.planned.placed.enrolment, strict=True)) | {"pupil": line.pupil_id}


def _change_enrolments(lines: list[Journal]) -> None:
    """The rows of this year that go on, and the last row of who left."""
    for line in lines:
        planned = line.planned
        if planned.enrolment_id is None or planned.here is None:
            continue
        before = {name: getattr(planned.here, name) for name in ENROLMENT_FIELDS}
        changed = {name: value for name, value in _enrolment_after(planned).items() if before[name] != value}
        if changed:
            Enrolment.update(changed).where(Enrolment.id == planned.enrolment_id).execute()
        line.before["enrolment"] = {name: plain(before[name]) for name in changed} | {"id": planned.enrolment_id}
        line.after["enrolment"] = {name: plain(value) for name, value in changed.items()}


def _enrolment_after(planned: Planned) -> dict[str, Any]:
    """Of who left, what the comparison says and no more: the row may be of an earlier year than the file."""
    if planned.ends:
        return {name: after for name, (_before, after) in planned.fields.items() if name in ENROLMENT_FIELDS}
    return dict(zip(ENROLMENT_FIELDS, planned.placed.enrolment, strict=True)) if planned.placed else {}


def _keep_numbers(lines: list[Journal]) -> None:
    """Every further national number that the file or our own memory has of a pupil."""
    wanted = {ine: line for line in lines for ine in _other_numbers(line)}
    there = OtherIne.select(OtherIne.ine).where(OtherIne.ine.in_(list(wanted)))
    known = {row[0] for row in there.tuples()} if wanted else set()
    for ine, line in wanted.items():
        if ine not in known:
            line.after.setdefault("numbers", []).append(ine)
    _insert(OtherIne, [{"ine": ine, "pupil": line.pupil_id} for ine, line in wanted.items() if ine not in known])


def _other_numbers(line: Journal) -> Iterator[str]:
    if line.planned.placed is None:
        return
    in_force = line.planned.placed.pupil[0]
    known = line.planned.here or line.planned.elsewhere
    for ine in (*line.planned.placed.row.ines, known.ine if known else None):
        if ine and ine != in_force:
            yield ine


def _keep_journal(lines: list[Journal], roster_import: RosterImport) -> None:
    rows = [
        {
            "roster_import": roster_import.id, "pupil": line.pupil_id, "kind": line.planned.kind.value,
            "before": line.before or None, "after": line.after or None,
        }
        for line in lines
    ]  # fmt: skip
    _insert(RosterChange, rows)


def _ask_for_codes(comparison: Comparison, roster_import: RosterImport) -> None:
    """Rules E1, L5. Codes that nobody knows are put before an administrator."""
    placed = comparison.placed
    unknown = {mef_key(each.row.mef) for each in placed if each.enrolment[0] == Level.UNKNOWN and each.row.mef}
    reasons = {each.row.exit_reason for each in placed if each.row.exit_reason}
    destinations = {reason: comparison.ground.exit_destination(reason) for reason in reasons}
    unsure = {reason for reason, to in destinations.items() if to is Destination.TO_QUALIFY}
    asked = {
        CodeKind.MEF.value: _ask(CodeKind.MEF, unknown - {""}),
        CodeKind.EXIT_REASON.value: _ask(CodeKind.EXIT_REASON, unsure),
    }
    if any(asked.values()):
        RosterChange.create(roster_import=roster_import, kind=ChangeKind.CHANGED, after={"codes": asked})


def _ask(kind: CodeKind, codes: Iterable[str]) -> list[str]:
    """The codes that nobody had asked about yet."""
    return [code for code in sorted(codes) if CodeAnswer.get_or_create(kind=kind, code=code)[1]]


def _insert(table: type[Table], rows: list[dict[str, Any]]) -> None:
    if rows:
        table.insert_many(rows).execute()
