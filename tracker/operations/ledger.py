"""Proving the custody ledger, sealing it once a day, and rebuilding from it what the other tables say."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

import peewee

from tracker.models.custody import CustodyEvent, LedgerCheckpoint
from tracker.models.database import database, is_postgres, snapshot
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.operations.custody import hashed_facts
from tracker.queries import ledger
from tracker.queries.campaigns import current_campaign
from tracker.queries.ledger import Projected
from tracker.rules.calendar import local_date
from tracker.rules.custody import GENESIS
from tracker.rules.ledger import Break, Flaw, Link, Seal, Sealed, broken_link, broken_seal


@dataclass
class Proof:
    """What a verification went through, and the first break that it met (None: the ledger is whole)."""

    events: int = 0
    devices: int = 0
    checkpoints: int = 0
    broken: Break | None = None


def verify() -> Proof:
    """Recompute every chain and every checkpoint's seal, in one pass and constant memory; stops at the first break."""
    with snapshot():
        proof = Proof()
        seals = _Seals(ledger.checkpoints())
        proof.broken = _first_broken_link(proof, seals) or _empty_chain() or seals.first_broken(proof)
        return proof


def _first_broken_link(proof: Proof, seals: "_Seals") -> Break | None:
    before: Link | None = None
    for row in ledger.events():
        link = _link(row)
        if before is None or before.device_id != link.device_id:
            seals.end_of_chain(before)
            before = None
            proof.devices += 1
        broken = broken_link(link, before)
        if broken:
            return broken
        seals.pass_over(before, link)
        proof.events += 1
        before = link
    seals.end_of_chain(before)
    return None


def _link(row: dict[str, Any]) -> Link:
    facts = hashed_facts(row)
    return Link(row["id"], row["device_id"], row["sequence"], row["previous_hash"], row["hash"], facts)


def _empty_chain() -> Break | None:
    device = ledger.device_without_chain()
    return Break(Flaw.EMPTY_CHAIN, device.id, 1, "received", "nothing") if device else None


class _Seals:
    """The seals of all checkpoints, recomputed side by side while the chains pass by."""

    def __init__(self, checkpoints: list[LedgerCheckpoint]) -> None:
        self.sealed = [Sealed(row.day, row.at, row.up_to, row.devices, row.seal) for row in checkpoints]
        before = [GENESIS, *(each.seal for each in self.sealed)]
        self.computed = [
            Seal(previous, each.day, each.at, each.up_to) for previous, each in zip(before, self.sealed, strict=False)
        ]
        self._next = 0

    def pass_over(self, before: Link | None, link: Link) -> None:
        """Checkpoints older than `link` saw the event before it as the head, or (first event) no chain at all."""
        while self._next < len(self.sealed) and self.sealed[self._next].up_to < link.id:
            if before:
                self.computed[self._next].add(before.device_id, before.hash)
            self._next += 1

    def end_of_chain(self, last: Link | None) -> None:
        """The rest of the checkpoints saw the last event as the head."""
        for seal in self.computed[self._next :] if last else ():
            seal.add(last.device_id, last.hash)  # type: ignore[union-attr]
        self._next = 0

    def first_broken(self, proof: Proof) -> Break | None:
        """The oldest checkpoint that does not hold."""
        for sealed, computed in zip(self.sealed, self.computed, strict=True):
            broken = broken_seal(sealed, computed)
            if broken:
                return broken
            proof.checkpoints += 1
        return None


def checkpoint(*, now: datetime) -> LedgerCheckpoint:
    """Seal the heads of all chains, once a day: the same day again gives the first seal.

    Desks go on meanwhile: chains only grow, so that the heads as of one event can be read at leisure.
    """
    day = LedgerCheckpoint.day == local_date(now)
    found = LedgerCheckpoint.get_or_none(day)
    if found:
        return found
    with database.atomic():
        _hold_still("custody_event")
        up_to = ledger.last_event_id()
    sealed = _sealed(up_to, now)
    try:
        with database.atomic():
            return LedgerCheckpoint.create(**asdict(sealed))
    except peewee.IntegrityError:  # somebody else sealed the day in the meantime
        return LedgerCheckpoint.get(day)


def _sealed(up_to: int, now: datetime) -> Sealed:
    earlier = ledger.checkpoints()
    seal = Seal(earlier[-1].seal if earlier else GENESIS, local_date(now), now, up_to)
    for head in ledger.heads(up_to):
        seal.add(head["device_id"], head["hash"])
    return Sealed(local_date(now), now, up_to, seal.devices, seal.text())


def _hold_still(*tables: str) -> None:
    """Nothing is written there until the end of the transaction, and nothing is half way (an event below `up_to`)."""
    for table in tables if is_postgres() else ():
        database.execute_sql(f'LOCK TABLE "{table}" IN EXCLUSIVE MODE')


@dataclass(frozen=True)
class Difference:
    """A device of which a table says something else than the ledger; `fact` is what it is about."""

    device_id: int
    serial: str
    fact: str
    ledger: str | int | None
    found: str | int | None


def differences() -> Iterator[Difference]:
    """Where the devices' rows, open allocations and open loans differ from what the ledger says, by device."""
    with snapshot():
        for now, head in _side_by_side():
            yield from _compared(now, head)


def rebuild(*, now: datetime) -> list[Difference]:
    """Write what the ledger says into the devices' rows, allocations and loans, all or nothing; what was changed."""
    with database.atomic():
        _hold_still("device", "custody_event")
        wrong = [(each, head) for row, head in _side_by_side() for each in _compared(row, head)]
        for each, _ in wrong:
            _withdraw(each, now)
        for each, head in wrong:
            _write(each, head)
        return [each for each, _ in wrong]


def _side_by_side() -> Iterator[tuple[Projected, dict[str, Any]]]:
    for each, head in zip_longest(ledger.projection(), ledger.heads()):
        # Every event has its device (a foreign key); a device without an event makes the two lists part.
        if each is None or head is None or each.device_id != head["device_id"]:
            raise ValueError("a device has no event: `verify` names it")
        yield each, head


def _compared(now: Projected, head: dict[str, Any]) -> Iterator[Difference]:
    told = {
        "state": (head["state"], now.state),
        "holder": (head["holder"], now.holder),
        "school_id": (head["school_id"], now.school_id),
        "pupil_id": (head["pupil_id"], now.pupil_id),
        "allocation": (head["allocated_to"], now.allocation),
        "loan": (head["answerable"], now.loan),
    }
    for fact, (expected, found) in told.items():
        if expected != found:
            yield Difference(now.device_id, now.serial, fact, expected, found)


_OPENED = {"allocation": (Allocation, "allocated_to"), "loan": (Loan, "answerable")}


def _withdraw(each: Difference, now: datetime) -> None:
    """End what the ledger does not know, before anything new is opened: two open ones are refused."""
    if each.fact not in _OPENED:
        return
    table, _column = _OPENED[each.fact]
    ended = {"ended_at": now} | ({"end_reason": "rebuilt"} if table is Loan else {})
    table.update(**ended).where(table.device == each.device_id, table.ended_at.is_null()).execute()


def _write(each: Difference, head: dict[str, Any]) -> None:
    if each.fact not in _OPENED:
        custody = {name: head[name] for name in ("state", "holder", "school_id", "pupil_id")}
        Device.update(**custody).where(Device.id == each.device_id).execute()
    elif each.ledger is not None:
        _open(each)


def _open(each: Difference) -> None:
    table, column = _OPENED[each.fact]
    pupil_id = int(each.ledger or 0)
    event = ledger.opening(each.device_id, column, pupil_id)
    kind = Device.select(Device.kind).where(Device.id == each.device_id).scalar()
    values = {"device": each.device_id, "pupil": pupil_id, "kind": kind, "started_at": event.at}
    if table is Loan:
        values |= _lending(event)
    table.insert(**values).execute()


def _lending(event: CustodyEvent) -> dict[str, Any]:
    campaign = current_campaign(local_date(event.at))
    year = campaign.school_year if campaign else local_date(event.at).year
    return {"school": event.desk_school_id or event.school_id, "school_year": year}
