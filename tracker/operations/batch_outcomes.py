"""What became of the devices of a batch, one by one or from the partner's list (U1)."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.models.cases import DeviceCase
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.models.reuse import Batch, BatchDevice
from tracker.operations import allocations, custody
from tracker.operations.batches import around, held_batch, held_devices
from tracker.operations.case_decisions import note_repaired
from tracker.operations.case_steps import advance
from tracker.operations.reuse import note_erased
from tracker.queries.batches import contents
from tracker.queries.reuse import last_lent
from tracker.rules.access import Actor, Permission
from tracker.rules.cases import CaseState
from tracker.rules.names import search_key
from tracker.rules.refusals import Refused
from tracker.rules.reuse import (
    WAYS,
    BatchKind,
    BatchOutcome,
    BatchState,
    Grade,
    after_outcome,
    is_erased,
    outcome_refusal,
)

MOST_LINES = 5000
"""Lines of a partner's list."""


@dataclass(frozen=True)
class Told:
    """What a partner says of one device."""

    outcome: BatchOutcome
    grade: Grade | None = None


def record(batch_id: int, told: Mapping[int, Told], *, actor: Actor, now: datetime) -> int:
    """Rule U1. What became of these devices of a sent batch, by device id, all or none; how many there were.

    Raises Refused nothing_chosen, not_in_batch, outcome_known, and what the rule says (`serial`).
    """
    if not actor.may(Permission.MANAGE_REUSE):
        raise Refused("not_allowed")
    if not told:
        raise Refused("nothing_chosen")
    with database.atomic():
        batch = held_batch(batch_id, BatchState.SENT)
        devices = {device.id: device for device in held_devices(batch)}
        rows = {row.device_id: row for row in BatchDevice.select().where(BatchDevice.batch == batch_id)}
        _check(batch, devices, rows, told)
        lent = last_lent(told)
        for device_id in sorted(told):
            _become(batch, devices[device_id], rows[device_id], told[device_id], lent.get(device_id), actor, now)
    return len(told)


def _check(
    batch: Batch, devices: Mapping[int, Device], rows: Mapping[int, BatchDevice], told: Mapping[int, Told]
) -> None:
    for device_id, each in told.items():
        if device_id not in devices:
            raise Refused("not_in_batch", rule="U1")
        refused = outcome_refusal(BatchKind(batch.kind), each.outcome, each.grade)
        if rows[device_id].outcome:
            refused = Refused("outcome_known", rule="U1", outcome=rows[device_id].outcome)
        if refused:
            refused.facts["serial"] = devices[device_id].serial
            raise refused


def _become(
    batch: Batch, device: Device, row: BatchDevice, told: Told, lent_at: datetime | None, actor: Actor, now: datetime
) -> None:
    if batch.partner_erases and not is_erased(device.erased_at, lent_at):
        note_erased(device, actor=actor, now=now)
    if device.holder == WAYS[BatchKind(batch.kind)].holder:  # one that was lost there, or found elsewhere, stays so
        _move(batch, device, told, is_erased(device.erased_at, lent_at), actor, now)
    if told.outcome is BatchOutcome.REFURBISHED:
        device.refurbished, device.grade = True, told.grade
        device.save(only=(Device.refurbished, Device.grade))
    row.outcome, row.grade, row.outcome_at = told.outcome, told.grade, now
    row.save(only=(BatchDevice.outcome, BatchDevice.grade, BatchDevice.outcome_at))
    _tell(device.id, told.outcome, actor, now)


def _move(batch: Batch, device: Device, told: Told, erased: bool, actor: Actor, now: datetime) -> None:
    head = custody.chain_head(device.id)
    movement, after = after_outcome(custody.custody_of(head), told.outcome, erased=erased)
    if after.allocated_to != head.allocated_to:
        allocations.set_aside(device, after.allocated_to, head, around(batch), actor, now)
    custody.append(device, movement, after, actor=actor, now=now, circumstances=around(batch))


def _tell(device_id: int, outcome: BatchOutcome, actor: Actor, now: datetime) -> None:
    """Rule R1. Repaired: the pupil is owed this device. Not repairable: somebody decides what else the pupil gets."""
    if outcome is BatchOutcome.REPAIRED:
        note_repaired(device_id, actor=actor, now=now)
    elif outcome is BatchOutcome.NOT_REPAIRABLE:
        case = DeviceCase.get_or_none(DeviceCase.device == device_id, DeviceCase.state == CaseState.IN_REPAIR)
        if case:
            advance(case, CaseState.DIAGNOSIS, actor=actor, now=now, note=outcome)


@dataclass(frozen=True)
class Line:
    """One line of a partner's list as it was understood; `problem`: the code of what is wrong with it, or empty.

    `recorded`: the outcome that this device has already.
    """

    number: int
    serial: str
    outcome: str
    grade: str = ""
    problem: str = ""
    device_id: int | None = None
    recorded: str = ""


WORDS: dict[str, BatchOutcome] = {
    **dict.fromkeys(("repaired", "repare", "reparee", "ok"), BatchOutcome.REPAIRED),
    **dict.fromkeys(("refurbished", "reconditionne", "reconditionnee"), BatchOutcome.REFURBISHED),
    **dict.fromkeys(
        ("not repairable", "not_repairable", "irreparable", "non reparable", "hs", "hors service"),
        BatchOutcome.NOT_REPAIRABLE,
    ),
    **dict.fromkeys(("recycled", "recycle", "recyclee", "detruit", "detruite", "destroyed"), BatchOutcome.RECYCLED),
}
"""What partners write for an outcome, as `search_key` spells it."""

_HEADINGS = frozenset({"serial", "serial number", "serie", "numero de serie", "n serie", "no de serie", "sn"})


def read_list(batch: Batch, text: str) -> list[Line]:
    """The partner's list `serial;outcome;grade` next to the batch: what each line says, what is wrong with it.

    Nothing is written. Raises Refused list_empty, list_too_long. One query.
    """
    rows = _rows(text)
    if not rows:
        raise Refused("list_empty")
    if len(rows) > MOST_LINES:
        raise Refused("list_too_long", most=MOST_LINES)
    known = {number: row for row in contents(batch.id) for number in (row["serial"], row["tag"])}
    seen: set[int] = set()
    lines = []
    for number, cells in rows:
        line = _line(BatchKind(batch.kind), number, cells, known, seen)
        seen |= {line.device_id} if line.device_id else set()
        lines.append(line)
    return lines


def _rows(text: str) -> list[tuple[int, list[str]]]:
    sample = text[:2000]
    delimiter = max(";\t,", key=sample.count)
    try:
        read = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))
    except csv.Error as error:
        raise Refused("list_unreadable") from error
    rows = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(read, 1) if any(cells)]
    return rows[1:] if rows and search_key(rows[0][1][0]) in _HEADINGS else rows


def _line(kind: BatchKind, number: int, cells: list[str], known: Mapping[str, dict], seen: set[int]) -> Line:
    serial, word, grade = (*cells, "", "", "")[:3]
    serial, grade = serial.upper()[:40], grade.upper()[:10]
    row, outcome = known.get(serial), WORDS.get(search_key(word.replace("_", " ")))
    problem = _problem(kind, row, outcome, grade, seen)
    device_id, recorded = (row["device_id"], row["outcome"] or "") if row else (None, "")
    return Line(number, serial, outcome or word[:40], grade, problem, device_id, recorded)


def _problem(kind: BatchKind, row: dict | None, outcome: BatchOutcome | None, grade: str, seen: set[int]) -> str:
    if row is None:
        return "not_in_batch"
    if row["device_id"] in seen:
        return "line_twice"
    if row["outcome"]:
        return "outcome_known"
    if outcome is None:
        return "outcome_unknown"
    if grade and grade not in set(Grade):
        return "grade_unknown"
    refused = outcome_refusal(kind, outcome, Grade(grade) if grade else None)
    return refused.code if refused else ""


def apply_list(batch_id: int, text: str, *, actor: Actor, now: datetime) -> int:
    """Rule U1. The whole list is recorded, or with the first problem nothing. Raises Refused list_has_problems."""
    with database.atomic():
        lines = read_list(held_batch(batch_id, BatchState.SENT), text)
        wrong = sum(bool(line.problem) for line in lines)
        if wrong:
            raise Refused("list_has_problems", count=wrong)
        return record(batch_id, _told(lines), actor=actor, now=now)


def _told(lines: Iterable[Line]) -> dict[int, Told]:
    return {
        line.device_id: Told(BatchOutcome(line.outcome), Grade(line.grade) if line.grade else None)
        for line in lines
        if line.device_id
    }
