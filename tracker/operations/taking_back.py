"""Devices of the programme on a returns desk: taken back, looked at, found again (`return_undo.py` undoes)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.returns import ReturnRecord
from tracker.models.schools import Campaign
from tracker.operations import allocations, custody, scans, sightings
from tracker.operations.custody import Circumstances
from tracker.operations.departures import open_departure_from_desk
from tracker.operations.expected_returns import stop_expecting
from tracker.operations.parcel_arrivals import note_found
from tracker.operations.returned import case_into_diagnosis, leave_nothing_open
from tracker.operations.scans import Answer
from tracker.queries.batches import batch_codes
from tracker.queries.campaigns import settings_of
from tracker.queries.returns_desk import Arrived, arrived
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.refusals import Refused
from tracker.rules.returns import (
    STATE_AT,
    Accessory,
    Condition,
    NextPlace,
    ReturnReason,
    Way,
    may_look_again,
    needs_a_reason,
)  # fmt: skip
from tracker.rules.triage import next_place

LONGEST_NOTE = 300


@dataclass(frozen=True)
class Look:
    """What was seen of a device at the warehouse. `next_place` None: as the rule proposes."""

    condition: Condition
    missing: tuple[Accessory, ...] = ()
    next_place: NextPlace | None = None
    note: str = ""


@dataclass(frozen=True)
class Request:
    """A device on a returns desk: of the warehouse (`school_id` None), else of a school, where nothing is judged.

    `reason`: said at the desk for a device that nobody waits for. `again`: decide anew where a device goes.
    """

    device_id: int
    school_id: int | None
    action_id: uuid.UUID
    scanned: str = ""
    reason: ReturnReason | None = None
    look: Look | None = None
    again: bool = False

    @property
    def at_warehouse(self) -> bool:
        """Whether the device is looked at here."""
        return self.school_id is None

    @property
    def place(self) -> Holder:
        """Who holds the device from now on."""
        return Holder.WAREHOUSE if self.at_warehouse else Holder.SCHOOL


def take_back(request: Request, *, campaign: Campaign, actor: Actor, now: datetime) -> Answer:
    """Rules L7, R1, R4, U1. What lies on the desk is back: of a pupil, collected before, or lost until now.

    `returned`, `looked_at`, `found`, or `already`: nothing to do. The same action again gives the first answer and
    writes nothing. Raises Refused; then nothing is written.
    """
    check_desk(request.school_id, actor)
    if request.look and len(request.look.note) > LONGEST_NOTE:
        raise Refused("note_too_long", most=LONGEST_NOTE)
    return scans.until_not_overtaken(lambda: _take_back(request, campaign, actor, now))


def check_desk(school_id: int | None, actor: Actor) -> None:
    """Who may take devices back at this desk. Raises Refused not_allowed, school_not_found."""
    if not actor.may(Permission.TAKE_BACK) or (school_id is None and not actor.may(Permission.TRIAGE)):
        raise Refused("not_allowed")
    if not actor.scope.covers(school_id):
        raise Refused("school_not_found")


def _take_back(request: Request, campaign: Campaign, actor: Actor, now: datetime) -> Answer:
    device = custody.lock(request.device_id)
    earlier = scans.earlier_answer(request.action_id, actor, device_id=device.id)
    if earlier:
        return earlier
    head = custody.chain_head(device.id)
    known = arrived(device.id)
    assert known is not None
    moment = max(now, head.at)  # a clock that was set back: a return is not dated before what went before it
    writer = _Return(request, device, head, known, campaign, actor, moment)
    way = known.way(at_warehouse=request.at_warehouse)
    if way is Way.ALREADY and request.again and request.at_warehouse and may_look_again(known.custody):
        way = Way.LOOK_AT
    done = writer.write(way)
    return scans.remember(done, request.action_id, actor=actor, now=now) if done.event_id else done


@dataclass(frozen=True)
class _Return:
    """One device on the desk with all that is known of it, inside the transaction that holds its row."""

    request: Request
    device: Device
    head: CustodyEvent
    known: Arrived
    campaign: Campaign
    actor: Actor
    now: datetime

    def write(self, way: Way) -> Answer:
        """What this way asks for; `already` where it asks for nothing."""
        if way is Way.TAKE_BACK:
            return self._from_a_pupil()
        if way is Way.LOOK_AT:
            self._check_batch()
            return self._record("looked_at", Movement.TRIAGED, self._here(self._decided(), self._still_whose()))
        if way is Way.FOUND:
            return self._found()
        return Answer("already", self.device.id, self.known.pupil_id)

    def _from_a_pupil(self) -> Answer:
        is_expected = self.known.expected_id is not None
        if needs_a_reason(self.known.custody, is_expected=is_expected) and not self.request.reason:
            raise Refused("return_reason_missing", rule="L7")
        state = STATE_AT[self._decided()] if self.request.at_warehouse else DeviceState.RETURNED
        whose = self.known.custody.allocated_to if self.known.has_case else None
        return self._record("returned", Movement.RETURNED, self._at(state, whose))

    def _check_batch(self) -> None:
        """Rule U1. What lies in a batch goes to its partner, until somebody takes it out."""
        codes = batch_codes([self.device.id])
        if codes:
            raise Refused("triage_in_batch", rule="U1", serial=self.device.serial, batch=codes[self.device.id])

    def _found(self) -> Answer:
        """Rule R4. It is really here: its case hears of it while it is still missing, then it is kept apart."""
        sightings.note_sighting(
            self.device.id, where_school_id=self.request.school_id, actor=self.actor, now=self.now
        )  # fmt: skip
        note_found(self.device.id)
        return self._record("found", Movement.FOUND, self._at(DeviceState.QUARANTINED, None))

    def _decided(self) -> NextPlace:
        look = self.request.look
        if look is None:
            raise Refused("condition_missing", rule="U1")
        return look.next_place or self._proposed(look)

    def _proposed(self, look: Look) -> NextPlace:
        today = local_date(self.now)
        old_from = settings_of(self.campaign, today)["old_from_years"]
        return next_place(
            self.known.findings(
                look.condition, frozenset(look.missing), reason=self.request.reason, old_from=old_from, today=today
            )
        )

    def _still_whose(self) -> int | None:
        """Rule R1. A device with a case stays its pupil's; one set aside stays so while it can be lent."""
        allocated_to = self.known.custody.allocated_to
        return allocated_to if self.known.has_case or self._decided() is NextPlace.STOCK else None

    def _here(self, place: NextPlace, whose: int | None) -> Custody:
        return self._at(STATE_AT[place], whose)

    def _at(self, state: DeviceState, whose: int | None) -> Custody:
        return Custody(state, self.request.place, self.request.school_id, None, allocated_to=whose)

    def _record(self, outcome: str, movement: Movement, after: Custody) -> Answer:
        """The event, what ends with it, and what the desk saw."""
        event = custody.append(
            self.device, movement, after, actor=self.actor, now=self.now, circumstances=self._around(), head=self.head
        )
        self._end_loan(outcome)
        if after.allocated_to != self.known.custody.allocated_to:
            allocations.replace_open(self.device, after.allocated_to, self.now)
        expected = stop_expecting(self.device.id, came_back=True, actor=self.actor, now=self.now)
        closed = leave_nothing_open(self.device.id, self.known.pupil_id, actor=self.actor, now=self.now)
        if expected is None and self.request.reason is ReturnReason.DEPARTURE and self.known.pupil_id:
            # Whom no roster has missed yet: where they go is asked, though nothing is left to come back (L5).
            open_departure_from_desk(self.known.pupil_id, actor=self.actor, now=self.now)
        case_id = case_into_diagnosis(self.known, actor=self.actor, now=self.now) if self.request.at_warehouse else None
        row = self._seen(after, event) | {"expected": expected, "departures": closed, "case": case_id}
        made = ReturnRecord.create(**row)
        return Answer(outcome, self.device.id, self.known.pupil_id, event.id, record_id=made.id)

    def _around(self) -> Circumstances:
        """The note stays with the record: people write names into notes, and no name ever enters the ledger."""
        request = self.request
        return Circumstances(request.action_id, request.scanned[:200], desk_school_id=request.school_id)

    def _end_loan(self, outcome: str) -> None:
        reason = "found" if outcome == "found" else "repair" if self.known.has_case else "returned"
        open_loan = (Loan.device == self.device.id) & Loan.ended_at.is_null()
        Loan.update(ended_at=self.now, end_reason=reason).where(open_loan).execute()

    def _seen(self, after: Custody, event: CustodyEvent) -> dict[str, object]:
        look, request = self.request.look, self.request
        decided = next((place for place, state in STATE_AT.items() if state is after.state), None)
        facts: dict[str, object] = {"missing": []}
        if look:
            facts = {"condition": look.condition, "missing": [*look.missing], "note": look.note}
        return facts | {
            "device": self.device.id, "serial": self.device.serial, "pupil": self.known.pupil_id,
            "school": request.school_id, "event_id": event.id, "reason": self.known.reason or request.reason,
            "next_place": decided, "received_by": self.actor.user_id, "received_at": self.now,
        }  # fmt: skip
