"""A small programme in which anything may happen next: what desks, schools, families, logistics and the queue do."""

import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
)

from tests.factories import NOW, actor, make_campaign, make_device, make_guardian, make_pupil, make_user
from tests.parcels import addressed_school, set_to, with_return_address
from tracker.models.attachments import Attachment
from tracker.models.cases import DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.database import open_database
from tracker.models.devices import Device
from tracker.models.family_links import FamilyLink
from tracker.models.parcels import Parcel
from tracker.models.pupils import Pupil
from tracker.models.returns import ExpectedReturn, ReturnRecord
from tracker.models.reuse import Batch, BatchDevice
from tracker.models.rosters import Departure
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.operations import (
    allocations,
    batch_outcomes,
    batches,
    case_decisions,
    cases,
    class_departures,
    departure_answers,
    departure_waiting,
    departures,
    expected_returns,
    loans,
    mail,
    parcels,
    reception,
    return_post,
    return_reminders,
    reuse,
    sightings,
    stocktake_ends,
    stocktakes,
    taking_back,
)
from tracker.operations.batch_outcomes import Told
from tracker.operations.case_holding import possible_steps
from tracker.operations.cases import Report
from tracker.operations.family_cases import report_by_family, write_to_family
from tracker.operations.links import Links
from tracker.operations.return_undo import undo_return
from tracker.operations.taking_back import Look
from tracker.operations.undo import undo_hand_over
from tracker.queries.pupils import Year
from tracker.rules.calendar import local_date
from tracker.rules.cases import REPORTED, CaseKind, CaseState, Step
from tracker.rules.custody import Movement
from tracker.rules.departures import Destination
from tracker.rules.parcels import ParcelKind, ParcelState
from tracker.rules.refusals import Refused
from tracker.rules.returns import Condition, NextPlace, ReturnReason
from tracker.rules.reuse import BatchKind, BatchOutcome, BatchState, Grade
from tracker.rules.stocktakes import Place, Resolution, StocktakePlace

LINKS = Links("key", "https://example.org")
UNDER_WAY = (ParcelState.PREPARED, ParcelState.SHIPPED)
ANY = st.integers(0, 5)
"""Which one of those there are."""


DEVICE = object()
STEPS = {
    Step.SEND_BACK: (cases.send_back,),
    Step.WITHDRAW: (cases.withdraw, "Fonctionne."),
    Step.FOUND: (cases.found, "Retrouvé."),
    Step.REFUSE: (cases.refuse, "Oxydé."),
    Step.CLOSE: (cases.close, "Vu."),
    Step.REPAIR: (case_decisions.repair,),
    Step.REPAIRED: (case_decisions.repaired,),
    Step.REPLACE: (case_decisions.grant_replacement,),
    Step.ACCEPT: (case_decisions.accept,),
    Step.ASSIGN: (case_decisions.assign, DEVICE),
    Step.SEND: (case_decisions.send,),
    Step.GIVE_UP: (case_decisions.give_up, "Parti."),
}


class Everybody:
    """A mail server that takes everything."""

    def send(self, message) -> None:
        """It was taken."""


class WaysBack(RuleBasedStateMachine):
    """Two schools with two pupils and one, five laptops; somebody of logistics, who may everything but override."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        copy = Path(self.folder.name) / "tracker.db"
        shutil.copyfile(self.template, copy)
        self.opened = open_database(f"sqlite:///{copy}")
        self.opened.connect()
        self.opened.execute_sql("PRAGMA synchronous = OFF")  # no power cut here
        self.now, self.changed = NOW, True
        self.campaign = make_campaign()
        with_return_address()
        self.schools = [addressed_school(name="Lycée A"), addressed_school(name="Lycée B")]
        self.pupils = [make_pupil(self.schools[number // 2]) for number in range(3)]
        for pupil in self.pupils:
            make_guardian(pupil)
        self.devices = [make_device(self.schools[0] if number < 3 else None) for number in range(5)]
        self.who = actor("logistics", user=make_user("logistics"))
        self.mailer = Everybody()

    @initialize(loaners=st.booleans())
    def begin(self, loaners):
        set_to("loaners", loaners)
        for device, pupil in zip(self.devices[:2], self.pupils[:2], strict=True):
            self.hand_over_to(device.id, pupil.id)

    def teardown(self):
        self.opened.close_all()
        self.folder.cleanup()

    # --- helpers

    @property
    def by(self) -> dict:
        self.now += timedelta(minutes=5)
        return {"actor": self.who, "now": self.now}

    @property
    def year(self) -> Year:
        return Year(self.campaign.school_year, local_date(self.now))

    def one(self, query, number: int):
        rows = list(query.order_by(query.model.id))
        return rows[number % len(rows)] if rows else None

    def device(self, number: int) -> int:
        return self.devices[number % len(self.devices)].id

    def pupil(self, number: int) -> int:
        return self.pupils[number % len(self.pupils)].id

    def school(self, number: int) -> int:
        return self.schools[number % len(self.schools)].id

    def school_of(self, pupil_id: int) -> int:
        return self.schools[[each.id for each in self.pupils].index(pupil_id) // 2].id

    def try_to(self, work: Callable, *args, **kwargs):
        """What is refused changes nothing."""
        with contextlib.suppress(Refused):
            done = work(*args, **kwargs)
            self.changed = True
            return done

    def hand_over_to(self, device_id: int, pupil_id: int, **changes):
        request = loans.Request(device_id, pupil_id, self.school_of(pupil_id), uuid.uuid4(), **changes)
        return self.try_to(loans.hand_over, request, campaign=self.campaign, **self.by)

    # --- the desk of a hand-over

    @rule(device=ANY, pupil=ANY, swap=st.booleans())
    def hand_over(self, device, pupil, swap):
        self.hand_over_to(self.device(device), self.pupil(pupil), swap=swap)

    @rule(number=ANY)
    def hand_over_what_is_owed(self, number):
        case = self.one(DeviceCase.select().where(DeviceCase.state == CaseState.OWED), number)
        if case:
            self.hand_over_to(case.replacement_id or case.device_id, case.pupil_id)

    @rule(number=ANY)
    def undo_a_hand_over(self, number):
        event = self.one(CustodyEvent.select().where(CustodyEvent.movement == Movement.HANDED_OVER), -1 - number)
        if event:
            self.try_to(undo_hand_over, event.id, action_id=uuid.uuid4(), **self.by)

    @rule(device=ANY, pupil=ANY)
    def set_aside(self, device, pupil):
        self.try_to(allocations.allocate, self.device(device), self.pupil(pupil), **self.by)

    # --- departures

    @rule(pupil=ANY, destination=st.sampled_from(Destination), to=ANY)
    def declare(self, pupil, destination, to):
        self.try_to(
            departures.declare_departure, self.pupil(pupil), local_date(self.now), destination,
            to_school_id=self.school(to), **self.by,
        )  # fmt: skip

    @rule(number=ANY, destination=st.sampled_from(Destination), to=ANY)
    def answer(self, number, destination, to):
        departure = self.one(Departure.select(), number)
        if departure:
            self.try_to(
                departure_answers.answer_departure, departure.id, destination, to_school_id=self.school(to), **self.by
            )

    @rule(school=ANY)
    def end_a_class(self, school):
        due_on = local_date(self.now) + timedelta(days=10)
        self.try_to(
            class_departures.end_of_schooling,
            self.school(school),
            self.campaign.school_year,
            ["2GT1"],
            due_on,
            **self.by,
        )

    @rule(days=st.sampled_from([1, 20, 40]))
    def wait(self, days):
        self.now += timedelta(days=days)

    @rule()
    def every_hour(self):
        departure_waiting.return_after_waiting(now=self.by["now"])
        return_reminders.remind_families(links=LINKS, now=self.now)

    @rule(device=ANY, reason=st.sampled_from([ReturnReason.END_OF_YEAR, ReturnReason.OTHER]))
    def ask_back(self, device, reason):
        self.try_to(
            expected_returns.ask_for_return, self.device(device), reason, due_on=local_date(self.now), **self.by
        )

    @rule(number=ANY)
    def wait_no_more(self, number):
        row = self.one(ExpectedReturn.select().where(ExpectedReturn.closed_at.is_null()), number)
        if row:
            self.try_to(expected_returns.give_up_return, row.id, "Dit au téléphone.", **self.by)

    # --- mail

    @rule(number=ANY)
    def write(self, number):
        row = self.one(ExpectedReturn.select().where(ExpectedReturn.closed_at.is_null()), number)
        if row:
            self.try_to(return_reminders.write_to_families, [row.id], links=LINKS, **self.by)

    @rule(pupil=ANY)
    def ask_to_report(self, pupil):
        self.try_to(write_to_family, self.pupil(pupil), links=LINKS, **self.by)

    @rule()
    def deliver(self):
        """Rule L5, at every mail."""
        dead = {each.id for each in Pupil.select().where(Pupil.deceased)}
        while sent := mail.deliver_next(self.mailer, now=self.now):
            if sent.sent_at:
                about = {link.pupil_id for link in FamilyLink.select().where(FamilyLink.mail == sent.id)} | {
                    sent.pupil_id
                }
                assert not about & dead

    # --- returns

    @rule(device=ANY, reason=st.sampled_from([None, *ReturnReason]), condition=st.sampled_from(Condition),
          place=st.sampled_from([None, *NextPlace]), again=st.booleans())  # fmt: skip
    def bring_to_the_warehouse(self, device, reason, condition, place, again):
        look = Look(condition, next_place=place)
        request = taking_back.Request(self.device(device), None, uuid.uuid4(), reason=reason, look=look, again=again)
        self.try_to(taking_back.take_back, request, campaign=self.campaign, **self.by)

    @rule(number=ANY, condition=st.sampled_from(Condition))
    def bring_what_is_expected(self, number, condition):
        row = self.one(ExpectedReturn.select().where(ExpectedReturn.closed_at.is_null()), number)
        if row:
            request = taking_back.Request(row.device_id, None, uuid.uuid4(), look=Look(condition))
            self.try_to(taking_back.take_back, request, campaign=self.campaign, **self.by)

    @rule(device=ANY, reason=st.sampled_from([None, *ReturnReason]), school=ANY)
    def bring_to_a_school(self, device, reason, school):
        request = taking_back.Request(self.device(device), self.school(school), uuid.uuid4(), reason=reason)
        self.try_to(taking_back.take_back, request, campaign=self.campaign, **self.by)

    @rule(number=ANY)
    def undo_a_return(self, number):
        record = self.one(ReturnRecord.select(), -1 - number)
        if record:
            self.try_to(undo_return, record.id, action_id=uuid.uuid4(), **self.by)

    @rule(number=ANY)
    def label(self, number):
        row = self.one(ExpectedReturn.select().where(ExpectedReturn.closed_at.is_null()), number)
        if row:
            self.try_to(return_post.prepare_return, row.id, **self.by)

    @rule(number=ANY)
    def label_of_the_family(self, number):
        link = self.one(FamilyLink.select().where(FamilyLink.purpose == "return"), number)
        if link:
            self.try_to(return_post.prepare_from_link, link, now=self.by["now"])

    # --- parcels

    @rule(kind=st.sampled_from(ParcelKind), device=ANY, more=ANY, school=ANY, pupil=ANY)
    def pack(self, kind, device, more, school, pupil):
        whose = self.pupil(pupil)
        named = kind is ParcelKind.NAMED
        school_id = self.school_of(whose) if named else self.school(school)
        self.try_to(
            parcels.prepare, kind, {self.device(device), self.device(more)}, school_id=school_id,
            pupil_id=whose if named else None, **self.by,
        )  # fmt: skip

    @rule(number=ANY, what=st.sampled_from(["ship", "take_back", "cancel", "receive"]))
    def move_a_parcel(self, number, what):
        parcel = self.one(Parcel.select().where(Parcel.state.not_in(["closed", "cancelled"])), number)
        if parcel is None:
            return
        if what == "ship":
            self.try_to(parcels.ship, [parcel.id], **self.by)
        else:
            self.try_to(getattr(parcels, what), parcel.id, **self.by)

    @rule(device=ANY, school=ANY)
    def take_in(self, device, school):
        self.try_to(
            reception.take_in, self.device(device), school_id=self.school(school), action_id=uuid.uuid4(), **self.by
        )

    @rule(number=ANY)
    def take_in_whole(self, number):
        parcel = self.one(Parcel.select(), number)
        if parcel:
            self.try_to(
                reception.take_in_whole, parcel.id, school_id=parcel.school_id, action_id=uuid.uuid4(), **self.by
            )

    @rule(number=ANY)
    def undo_a_reception(self, number):
        event = self.one(CustodyEvent.select().where(CustodyEvent.movement == Movement.ARRIVED), -1 - number)
        if event:
            self.try_to(reception.undo_reception, event.id, action_id=uuid.uuid4(), **self.by)

    # --- cases

    @rule(device=ANY, kind=st.sampled_from(sorted(REPORTED)), confirmed=st.booleans())
    def report(self, device, kind, confirmed):
        told = Report(self.device(device), kind, "Écran noir.", confirmed=confirmed)
        case = self.try_to(cases.open_case, told, **self.by)
        if case:
            Attachment.create(
                case=case, kind="declaration", file_name="plainte.pdf", file=uuid.uuid4().hex, size=8,
                media_type="application/pdf", digest="0" * 64, added_at=self.now,
            )  # fmt: skip

    @rule(number=ANY, device=ANY)
    def report_of_the_family(self, number, device):
        link = self.one(FamilyLink.select().where(FamilyLink.purpose == "case"), number)
        if link:
            self.try_to(report_by_family, link, self.device(device), CaseKind.BREAKDOWN, "Noir.", now=self.by["now"])

    @rule(device=ANY, school=st.sampled_from([None, 0, 1]))
    def see_by_chance(self, device, school):
        where = None if school is None else self.school(school)
        self.try_to(sightings.note_sighting, self.device(device), where_school_id=where, **self.by)

    @rule(number=ANY, step=ANY, device=ANY)
    def go_on_with_a_case(self, number, step, device):
        case = self.one(DeviceCase.select().where(DeviceCase.closed_at.is_null()), number)
        possible = possible_steps(case) if case else ()
        if not possible:
            return
        work, *said = STEPS[possible[step % len(possible)]]
        self.try_to(work, case.id, *(self.device(device) if each is DEVICE else each for each in said), **self.by)

    # --- stocktakes

    @rule(place=st.sampled_from(StocktakePlace), school=ANY, devices=st.sets(ANY, max_size=2))
    def take_stock(self, place, school, devices):
        at = Place(
            place, None if place is StocktakePlace.WAREHOUSE else self.school(school),
            "2GT1" if place is StocktakePlace.CLASS else "",
        )  # fmt: skip
        made = self.try_to(stocktakes.start, at, year=self.year, **self.by)
        for number in sorted(devices) if made else ():
            device = Device.get_by_id(self.device(number))
            sight = stocktakes.Sight(device.serial, device.id)
            self.try_to(stocktakes.see, made.id, sight, action_id=uuid.uuid4(), year=self.year, **self.by)

    @rule(number=ANY, way=st.sampled_from([Resolution.MOVED_HERE, Resolution.DECLARED_LOST]))
    def settle(self, number, way):
        open_ones = Stocktake.select().where(Stocktake.state != "closed")
        line = self.one(StocktakeLine.select().where(StocktakeLine.stocktake.in_(open_ones)), number)
        if line:
            self.try_to(stocktake_ends.resolve, line.stocktake_id, line.id, way, "Vu.", **self.by)

    @rule(number=ANY)
    def close_a_stocktake(self, number):
        found = self.one(Stocktake.select().where(Stocktake.state != "closed"), number)
        if found:
            self.try_to(stocktake_ends.close, found.id, "Voilà.", year=self.year, **self.by)

    # --- reuse

    @rule(device=ANY, place=st.sampled_from(NextPlace))
    def triage(self, device, place):
        self.try_to(reuse.say_erased, [self.device(device)], **self.by)
        self.try_to(reuse.triage, [self.device(device)], place, reason="Tri.", **self.by)

    @rule(kind=st.sampled_from(BatchKind), device=ANY)
    def put_into_a_batch(self, kind, device):
        batch = self.one(Batch.select().where(Batch.kind == kind, Batch.state == BatchState.OPEN), 0)
        batch = batch or batches.open_batch(kind, "Atelier", **self.by)
        self.try_to(batches.add_device, batch.id, self.device(device), action_id=uuid.uuid4(), **self.by)

    @rule(number=ANY)
    def send_a_batch(self, number):
        batch = self.one(Batch.select().where(Batch.state == BatchState.OPEN), number)
        if batch:
            self.try_to(batches.send, batch.id, partner_erases=True, **self.by)

    @rule(number=ANY, outcome=st.sampled_from(BatchOutcome))
    def tell_an_outcome(self, number, outcome):
        row = self.one(BatchDevice.select().where(BatchDevice.outcome.is_null()), number)
        if row:
            told = {row.device_id: Told(outcome, Grade.B if outcome is BatchOutcome.REFURBISHED else None)}
            self.try_to(batch_outcomes.record, row.batch_id, told, **self.by)
