"""Cases from what is reported to the device in the pupil's hands again, on both engines."""

import uuid
from dataclasses import replace
from datetime import timedelta

import cv2
import numpy as np
import pytest

from tests.cases import make_case
from tests.factories import NOW, SCHOOL_YEAR, actor, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tests.meanwhile import refused_meanwhile
from tests.parcels import addressed_school, set_to, with_return_address
from tests.reuse import batch_of
from tracker.models.agreements import Agreement
from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.parcels import Parcel
from tracker.models.pupils import Enrolment
from tracker.models.returns import ExpectedReturn
from tracker.models.reuse import BatchDevice
from tracker.models.rosters import Departure
from tracker.models.schools import Campaign
from tracker.operations import allocations, case_decisions, cases, custody, ledger, parcels, reuse, taking_back
from tracker.operations.attachments import Subject, attach
from tracker.operations.case_steps import advance
from tracker.operations.cases import Report
from tracker.operations.departures import declare_departure
from tracker.operations.expected_returns import stop_expecting
from tracker.operations.sightings import note_sighting
from tracker.operations.taking_back import Look
from tracker.operations.undo import undo_hand_over
from tracker.rules.cases import CaseKind, CaseState, DocumentKind
from tracker.rules.custody import DeviceState, Holder, Movement
from tracker.rules.departures import Destination
from tracker.rules.refusals import Refused
from tracker.rules.returns import Condition, NextPlace, ReturnReason
from tracker.rules.reuse import BatchKind
from tracker.storage.local import LocalStorage

pytestmark = pytest.mark.usefixtures("db")
LATER = NOW + timedelta(days=3)
PHOTO = cv2.imencode(".jpg", np.full((40, 40, 3), 90, np.uint8))[1].tobytes()


class Lycee:
    """A pupil with a laptop, their school, logistics, and another laptop in the warehouse."""

    def __init__(self, folder) -> None:
        self.school = addressed_school()
        with_return_address()
        self.pupil = make_pupil(self.school)
        self.device, self.spare = make_device(self.school), make_device()
        self.boss, self.logistics = actor("admin", user=make_user()), actor("logistics", user=make_user("logistics"))
        self.referent = actor("school", [self.school], make_user("school", [self.school]))
        self.storage = LocalStorage(folder)
        lend(self.device, self.pupil, self.school)

    def report(self, kind: str, device=None, by=None, **changes) -> DeviceCase:
        told = Report((device or self.device).id, CaseKind(kind), "L’écran reste noir.")
        return cases.open_case(replace(told, **changes), actor=by or self.referent, now=LATER)

    def declare(self, case) -> None:
        subject = Subject(case=case)
        attach(PHOTO, "plainte.jpg", DocumentKind.DECLARATION, subject,
               storage=self.storage, actor=self.referent, now=LATER)  # fmt: skip

    def arrive(self, case) -> None:
        """What the returns desk does with a broken device that was awaited."""
        device, head = custody.lock(case.device_id), custody.chain_head(case.device_id)
        here = replace(custody.custody_of(head), state=DeviceState.IN_REPAIR, holder=Holder.WAREHOUSE,
                       school_id=None, pupil_id=None, answerable=None)  # fmt: skip
        custody.append(device, Movement.RETURNED, here, actor=self.logistics, now=LATER, head=head)
        Loan.update(ended_at=LATER, end_reason="repair").where(Loan.device == device, Loan.ended_at.is_null()).execute()
        stop_expecting(device.id, came_back=True, actor=self.logistics, now=LATER)
        advance(DeviceCase.get_by_id(case.id), CaseState.DIAGNOSIS, actor=self.logistics, now=LATER)

    def lend(self, device=None, now=LATER):
        return lend(device or self.device, self.pupil, self.school, now=now)

    def receive(self, parcel) -> None:
        parcels.ship([parcel.id], actor=self.logistics, now=LATER)
        parcels.receive(parcel.id, actor=self.referent, now=LATER)


@pytest.fixture
def lycee(db, tmp_path):
    return Lycee(tmp_path / "files")


def state_of(case) -> tuple[str, str | None]:
    found = DeviceCase.get_by_id(case.id)
    return found.state, found.outcome


def refused(code, work) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    assert caught.value.code == code
    return caught.value


def test_a_reported_breakdown_waits_for_the_device_and_the_loan_goes_on(lycee):
    case = lycee.report("breakdown")
    expected = ExpectedReturn.get()
    assert state_of(case) == ("awaiting_device", None)
    assert (expected.reason, expected.case_id, expected.due_on) == ("breakdown", case.id, LATER.date() + timedelta(15))
    assert Loan.get().ended_at is None
    assert [step.state for step in CaseStep.select().order_by(CaseStep.id)] == ["open", "awaiting_device"]


def test_what_a_family_reports_is_looked_at_before_the_device_travels(lycee):
    case = lycee.report("breakdown", confirmed=False)
    assert state_of(case) == ("open", None)
    assert ExpectedReturn.select().count() == 0
    cases.send_back(case.id, actor=lycee.referent, now=LATER)
    assert state_of(case) == ("awaiting_device", None)


def test_a_repaired_device_goes_back_through_the_school_and_the_hand_over_closes_the_case(lycee):
    case = lycee.report("breakdown")
    lycee.arrive(case)
    case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)
    case_decisions.repaired(case.id, actor=lycee.logistics, now=LATER)
    parcel = case_decisions.send(case.id, actor=lycee.logistics, now=LATER)
    lycee.receive(parcel)
    assert state_of(case) == ("owed", "repaired")
    answer = lycee.lend()
    assert state_of(case) == ("closed", "repaired")
    assert Parcel.get().state == "closed"
    undo_hand_over(answer.event_id, action_id=uuid.uuid4(), actor=lycee.boss, now=LATER)
    assert state_of(case) == ("owed", "repaired")
    assert ledger.verify().broken is None


def test_a_replacement_is_chosen_set_aside_and_linked_to_the_old_device(lycee):
    case = lycee.report("damage")
    lycee.arrive(case)
    case_decisions.grant_replacement(case.id, actor=lycee.logistics, now=LATER)
    case_decisions.assign(case.id, lycee.spare.id, actor=lycee.logistics, now=LATER)
    lycee.receive(case_decisions.send(case.id, actor=lycee.logistics, now=LATER))
    lycee.lend(lycee.spare)
    found = DeviceCase.get_by_id(case.id)
    assert (found.state, found.outcome, found.replacement_id) == ("closed", "replaced", lycee.spare.id)
    assert [row.device_id for row in Allocation.select().where(Allocation.ended_at.is_null())] == [lycee.spare.id]
    assert ledger.verify().broken is None


@pytest.mark.parametrize("way", ["repaired", "replaced", "unassigned"])
def test_a_device_that_is_owed_to_nobody_any_more_is_free_and_the_quota_is_as_before(lycee, way):
    case = lycee.report("damage")
    lycee.arrive(case)
    said = {"actor": lycee.logistics, "now": LATER}
    if way == "repaired":
        case_decisions.repair(case.id, **said)
        case_decisions.repaired(case.id, **said)
    else:
        case_decisions.grant_replacement(case.id, **said)
    if way == "replaced":
        case_decisions.assign(case.id, lycee.spare.id, **said)
    with pytest.raises(Refused, match="not_allowed"):
        case_decisions.give_up(case.id, "", actor=lycee.referent, now=LATER)
    found = case_decisions.give_up(case.id, "Parti en Bretagne.", **said)
    assert (found.state, found.outcome, found.replacement_id) == ("closed", "withdrawn", None)
    assert not Allocation.select().where(Allocation.ended_at.is_null()).exists()
    assert list(ledger.differences()) == []


def test_a_device_on_its_way_is_given_up_only_once_its_parcel_is_cancelled(lycee):
    case = lycee.report("breakdown")
    lycee.arrive(case)
    said = {"actor": lycee.logistics, "now": LATER}
    case_decisions.repair(case.id, **said)
    case_decisions.repaired(case.id, **said)
    parcel = case_decisions.send(case.id, **said)
    with pytest.raises(Refused) as found:
        case_decisions.give_up(case.id, "", **said)
    assert (found.value.code, found.value.facts["reference"]) == ("device_in_parcel", parcel.reference)
    parcels.cancel(parcel.id, **said)
    assert case_decisions.give_up(case.id, "", **said).state == "closed"


def test_only_a_device_of_the_same_kind_in_stock_and_nobodys_replaces_another(lycee):
    case = lycee.report("damage")
    lycee.arrive(case)
    case_decisions.grant_replacement(case.id, actor=lycee.logistics, now=LATER)
    hotspot, away, taken = make_device(kind="hotspot"), make_device(state="lost"), make_device(lycee.school)
    allocations.allocate(taken.id, make_pupil(lycee.school).id, actor=lycee.boss, now=LATER)
    for device, code in (
        (hotspot, "replacement_other_kind"),
        (away, "device_not_in_stock"),
        (taken, "device_allocated"),
    ):
        refused(code, lambda it=device: case_decisions.assign(case.id, it.id, actor=lycee.logistics, now=LATER))


@pytest.mark.parametrize(("kind", "state"), [("theft", "stolen"), ("loss", "lost")])
def test_a_missing_device_raises_its_alarm_at_once_and_the_pupil_stays_answerable(lycee, kind, state):
    lycee.report(kind)
    device = Device.get_by_id(lycee.device.id)
    assert (device.state, device.holder, device.pupil_id) == (state, "unknown", None)
    assert Loan.get().ended_at is None
    assert refused(f"device_{state}", lycee.lend).rule == "R4"


def test_without_declaration_no_replacement_with_it_the_loan_ends_and_another_is_lent(lycee):
    case = lycee.report("theft")
    found = refused("declaration_missing", lambda: case_decisions.accept(case.id, actor=lycee.boss, now=LATER))
    assert found.rule == "R2"
    assert state_of(case) == ("open", None)
    lycee.declare(case)
    case_decisions.accept(case.id, actor=lycee.logistics, now=LATER)
    assert (Loan.get().ended_at, Loan.get().end_reason) == (LATER, "theft")
    assert state_of(case) == ("owed", "replaced")
    case_decisions.assign(case.id, lycee.spare.id, actor=lycee.logistics, now=LATER)
    lycee.receive(case_decisions.send(case.id, actor=lycee.logistics, now=LATER))
    lycee.lend(lycee.spare)
    assert state_of(case) == ("closed", "replaced")
    assert ledger.verify().broken is None
    assert list(ledger.differences()) == []


def after_a_theft(lycee) -> DeviceCase:
    case = lycee.report("theft")
    lycee.declare(case)
    case_decisions.accept(case.id, actor=lycee.logistics, now=LATER)
    case_decisions.assign(case.id, lycee.spare.id, actor=lycee.logistics, now=LATER)
    lycee.receive(case_decisions.send(case.id, actor=lycee.logistics, now=LATER))
    lycee.lend(lycee.spare)
    return case


def test_a_second_theft_is_refused_with_the_first_case_and_an_administrator_may_override(lycee):
    first = after_a_theft(lycee)
    second = lycee.report("theft", lycee.spare)
    lycee.declare(second)
    found = refused("quota_used", lambda: case_decisions.accept(second.id, actor=lycee.boss, now=LATER))
    assert (found.rule, found.facts["case_id"]) == ("R2", first.id)
    reason = "Second vol, décision du 12 octobre"
    with pytest.raises(Refused, match="quota_used"):
        case_decisions.accept(second.id, actor=lycee.logistics, now=LATER, override_reason=reason)
    case_decisions.accept(second.id, actor=lycee.boss, now=LATER, override_reason=reason)
    assert DeviceCase.get_by_id(second.id).quota_case_id == first.id
    assert CaseStep.select().where(CaseStep.note == reason).count() == 1


@pytest.mark.parametrize("shared", [False, True])
def test_a_breakdown_after_a_theft_depends_on_whether_the_quota_is_shared(lycee, shared):
    set_to("shared_quota", shared)
    after_a_theft(lycee)
    case = lycee.report("breakdown", lycee.spare)
    lycee.arrive(case)
    if shared:
        assert refused("quota_used", lambda: case_decisions.repair(case.id, actor=lycee.boss, now=LATER)).rule == "R3"
    else:
        case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)
        assert state_of(case) == ("in_repair", "repaired")


def test_a_repair_that_fails_becomes_a_replacement_within_the_same_quota(lycee):
    case = lycee.report("breakdown")
    lycee.arrive(case)
    case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)
    case_decisions.grant_replacement(case.id, actor=lycee.logistics, now=LATER)
    assert state_of(case) == ("owed", "replaced")


def test_who_is_owed_a_device_gets_it_whatever_the_level_and_the_year_of_the_agreement(lycee):
    case = lycee.report("breakdown")
    lycee.arrive(case)
    Enrolment.update(level="premiere_gt").execute()
    Agreement.update(school_year=SCHOOL_YEAR - 1).execute()
    case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)
    with pytest.raises(Refused, match="second_year"):
        lycee.lend(lycee.spare)
    case_decisions.repaired(case.id, actor=lycee.logistics, now=LATER)
    lycee.receive(case_decisions.send(case.id, actor=lycee.logistics, now=LATER))
    assert lycee.lend().outcome == "done"


def test_a_loaner_bridges_the_repair_stays_nobodys_and_comes_back_first(lycee):
    set_to("loaners", True)
    case = lycee.report("breakdown")
    lycee.arrive(case)
    Enrolment.update(level="premiere_gt").execute()
    case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)
    lycee.lend(lycee.spare)
    assert [row.device_id for row in Allocation.select().where(Allocation.ended_at.is_null())] == [lycee.device.id]
    case_decisions.repaired(case.id, actor=lycee.logistics, now=LATER)
    assert ExpectedReturn.get(ExpectedReturn.closed_at.is_null()).reason == "loaner"
    lycee.receive(case_decisions.send(case.id, actor=lycee.logistics, now=LATER))
    assert refused("loaner_first", lycee.lend).facts["serial"] == lycee.spare.serial
    assert ledger.verify().broken is None
    assert list(ledger.differences()) == []


def test_a_device_that_the_pupil_finds_again_is_in_their_hands_as_before(lycee):
    case = lycee.report("loss")
    cases.found(case.id, "Dans le casier", actor=lycee.referent, now=LATER)
    device = Device.get_by_id(lycee.device.id)
    assert (device.state, device.pupil_id) == ("lent", lycee.pupil.id)
    assert state_of(case) == ("closed", "found")
    assert ledger.verify().broken is None


def test_a_refusal_needs_its_reason_and_leaves_the_pupil_answerable(lycee):
    case = lycee.report("theft")
    refused("case_reason", lambda: cases.refuse(case.id, "  ", actor=lycee.logistics, now=LATER))
    cases.refuse(case.id, "Pas de déclaration", actor=lycee.logistics, now=LATER)
    assert state_of(case) == ("refused", "refused")
    assert Loan.get().ended_at is None


def test_a_withdrawn_breakdown_is_waited_for_no_more(lycee):
    case = lycee.report("breakdown")
    cases.withdraw(case.id, "Fonctionne", actor=lycee.referent, now=LATER)
    assert state_of(case) == ("closed", "withdrawn")
    assert ExpectedReturn.get().closed_at == LATER


def test_one_case_at_a_time_for_a_device_and_a_step_only_when_it_is_its_turn(lycee):
    case = lycee.report("breakdown")
    assert refused("case_open", lambda: lycee.report("damage")).facts["case_id"] == case.id
    refused("case_state", lambda: case_decisions.repaired(case.id, actor=lycee.logistics, now=LATER))
    refused("not_allowed", lambda: cases.refuse(case.id, "non", actor=lycee.referent, now=LATER))


def test_another_schools_device_and_case_are_not_found(lycee):
    stranger = actor("school", [make_school()], make_user("school"))
    case = lycee.report("breakdown")
    refused("not_found", lambda: cases.withdraw(case.id, "", actor=stranger, now=LATER))
    report = Report(make_device(lycee.school).id, CaseKind.DAMAGE, "Cassé")
    refused("not_found", lambda: cases.open_case(report, actor=stranger, now=LATER))


def test_a_missing_device_that_is_scanned_opens_one_case_however_often(lycee):
    device = make_device(lycee.school, state="stolen")
    first = note_sighting(device.id, where_school_id=lycee.school.id, actor=lycee.logistics, now=LATER)
    again = note_sighting(device.id, where_school_id=lycee.school.id, actor=lycee.logistics, now=LATER)
    assert (first.id, first.kind) == (again.id, "sighting")
    assert CaseStep.select().where(CaseStep.seen).count() == 1
    note_sighting(device.id, where_school_id=None, actor=lycee.logistics, now=LATER)
    assert CaseStep.select().where(CaseStep.seen).count() == 2
    cases.close(first.id, "Rendu à la logistique", actor=lycee.logistics, now=LATER)
    assert note_sighting(make_device().id, where_school_id=None, actor=lycee.logistics, now=LATER) is None


def test_the_sighting_of_a_reported_theft_is_noted_on_its_own_case(lycee):
    case = lycee.report("theft")
    assert note_sighting(lycee.device.id, where_school_id=None, actor=lycee.logistics, now=LATER).id == case.id
    assert state_of(case) == ("open", None)


def still_expected() -> list[tuple[int, str, int | None]]:
    rows = ExpectedReturn.select().where(ExpectedReturn.closed_at.is_null()).order_by(ExpectedReturn.device)
    return [(row.device_id, row.reason, row.case_id) for row in rows]


@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("end", ["withdraw", "refuse"])
def test_a_case_that_asks_no_more_leaves_a_departure_its_device(lycee, end, confirmed):
    declare_departure(lycee.pupil.id, LATER.date(), Destination.CFA, actor=lycee.referent, now=LATER)
    case = lycee.report("breakdown", confirmed=confirmed)
    getattr(cases, end)(case.id, "Fonctionne", actor=lycee.logistics, now=LATER)
    assert still_expected() == [(lycee.device.id, "departure", None)]


def test_an_accepted_theft_is_waited_for_no_more_and_a_departure_is_over_with_it(lycee):
    declare_departure(lycee.pupil.id, LATER.date(), Destination.CFA, actor=lycee.referent, now=LATER)
    case = lycee.report("theft")
    lycee.declare(case)
    assert still_expected() != []
    case_decisions.accept(case.id, actor=lycee.logistics, now=LATER)
    assert (still_expected(), Departure.get().closed_at) == ([], LATER)


def test_what_was_with_nobody_is_owed_to_nobody(lycee):
    case = lycee.report("damage", lycee.spare, lycee.logistics)
    assert state_of(case) == ("diagnosis", None)
    case_decisions.grant_replacement(case.id, actor=lycee.logistics, now=LATER)
    assert state_of(case) == ("closed", "replaced")


@pytest.mark.parametrize("destination", [Destination.DIED, Destination.CFA, Destination.END_OF_SCHOOLING])
def test_nothing_is_owed_to_a_pupil_who_died_or_left_for_where_no_device_goes_along(lycee, destination):
    case = lycee.report("theft")
    lycee.declare(case)
    declare_departure(lycee.pupil.id, LATER.date(), destination, actor=lycee.referent, now=LATER)
    case_decisions.accept(case.id, actor=lycee.logistics, now=LATER)
    assert state_of(case) == ("closed", "replaced")


@pytest.mark.parametrize(
    ("destination", "days"), [(Destination.APPRENTICE_HERE, 0), (Destination.TO_QUALIFY, 0), (Destination.CFA, 1)]
)
def test_who_stays_or_may_still_turn_up_in_a_member_school_is_owed_a_device(lycee, destination, days):
    case = lycee.report("theft")
    lycee.declare(case)
    leaves = LATER.date() + timedelta(days=days)
    declare_departure(lycee.pupil.id, leaves, destination, actor=lycee.referent, now=LATER)
    case_decisions.accept(case.id, actor=lycee.logistics, now=LATER)
    assert state_of(case)[0] == "owed"


def test_whose_device_is_being_repaired_gets_no_other_one_besides(lycee):
    case = lycee.report("breakdown")
    lycee.arrive(case)
    found = refused("case_gives_another", lambda: lycee.lend(lycee.spare))
    assert (found.rule, found.overridable_by, found.facts["at"]) == ("R1", "admin", LATER)
    case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)
    case_decisions.repaired(case.id, actor=lycee.logistics, now=LATER)
    refused("case_gives_another", lambda: lycee.lend(lycee.spare))
    assert lycee.lend().outcome == "done"


def test_any_device_alike_is_the_replacement_and_the_chosen_one_is_free_again(lycee):
    case, other = lycee.report("damage"), make_device(lycee.school)
    lycee.arrive(case)
    case_decisions.grant_replacement(case.id, actor=lycee.logistics, now=LATER)
    case_decisions.assign(case.id, lycee.spare.id, actor=lycee.logistics, now=LATER)
    answer = lycee.lend(other)
    assert (state_of(case), DeviceCase.get().replacement_id) == (("closed", "replaced"), other.id)
    undo_hand_over(answer.event_id, action_id=uuid.uuid4(), actor=lycee.boss, now=LATER)
    assert (state_of(case), DeviceCase.get().replacement_id) == (("owed", "replaced"), lycee.spare.id)
    assert case_decisions.send(case.id, actor=lycee.logistics, now=LATER).kind == "named"
    assert list(ledger.differences()) == []


def test_a_refused_breakdown_frees_the_device_awaits_the_loaner_and_is_not_passed_by_at_a_desk(lycee):
    set_to("loaners", True)
    case = lycee.report("breakdown")
    lycee.arrive(case)
    lycee.lend(lycee.spare)
    cases.refuse(case.id, "Oxydation", actor=lycee.logistics, now=LATER)
    assert not Allocation.select().where(Allocation.ended_at.is_null()).exists()
    assert still_expected() == [(lycee.spare.id, "loaner", case.id)]
    give_back(lycee, lycee.spare)
    another = make_device(lycee.school)
    found = refused("case_was_refused", lambda: lycee.lend(another))
    assert (found.rule, found.overridable_by) == ("R1", "admin")
    assert lend(another, lycee.pupil, lycee.school, now=LATER, override_reason="Décidé").outcome == "done"


def give_back(lycee, device):
    """The device, over the returns desk of the warehouse."""
    request = taking_back.Request(device.id, None, uuid.uuid4(), reason=ReturnReason.OTHER, look=Look(Condition.GOOD))
    return taking_back.take_back(request, campaign=Campaign.get(), actor=lycee.logistics, now=LATER)


def test_what_a_case_is_open_about_is_lent_to_nobody(lycee):
    lycee.report("damage", lycee.spare, lycee.logistics)
    another = make_pupil(lycee.school)
    assert refused("device_has_case", lambda: lend(lycee.spare, another, lycee.school, now=LATER)).rule == "R1"


def test_a_loaner_that_is_stolen_is_not_owed_again_beside_the_device_that_is(lycee):
    set_to("loaners", True)
    first = lycee.report("breakdown")
    lycee.arrive(first)
    lycee.lend(lycee.spare)
    theft = lycee.report("theft", lycee.spare)
    lycee.declare(theft)
    case_decisions.accept(theft.id, actor=lycee.logistics, now=LATER)
    assert (state_of(theft)[0], state_of(first)[0]) == ("closed", "diagnosis")


def test_a_device_repaired_by_word_is_out_of_its_batch(lycee):
    waits = lycee.report("breakdown")
    lycee.arrive(waits)
    case_decisions.repair(waits.id, actor=lycee.logistics, now=LATER)
    batch_of(BatchKind.REPAIR, [lycee.device], now=LATER, who=lycee.logistics)
    case_decisions.repaired(waits.id, actor=lycee.logistics, now=LATER)
    assert not BatchDevice.select().exists()
    away = lycee.report("damage", lycee.spare, lycee.logistics)
    reuse.triage([lycee.spare.id], NextPlace.REPAIR, reason="Écran", actor=lycee.logistics, now=LATER)
    batch_of(BatchKind.REPAIR, [lycee.spare], now=LATER, who=lycee.logistics, sent=True)
    case_decisions.repair(away.id, actor=lycee.logistics, now=LATER)
    case_decisions.repaired(away.id, actor=lycee.logistics, now=LATER)
    assert (BatchDevice.get().outcome, Device.get_by_id(lycee.spare.id).holder) == ("repaired", "warehouse")
    assert ledger.verify().broken is None


def test_what_is_not_here_cannot_be_repaired(lycee):
    case = lycee.report("damage", lycee.spare, lycee.logistics)
    case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)
    device, head = custody.lock(lycee.spare.id), custody.chain_head(lycee.spare.id)
    gone = replace(custody.custody_of(head), state=DeviceState.LOST, holder=Holder.UNKNOWN)
    custody.append(device, Movement.DECLARED_LOST, gone, actor=lycee.logistics, now=LATER)
    refused("case_device_away", lambda: case_decisions.repaired(case.id, actor=lycee.logistics, now=LATER))
    assert ledger.verify().broken is None


def test_a_hand_over_undone_opens_no_case_and_no_parcel_of_an_earlier_one(lycee):
    case = lycee.report("breakdown")
    lycee.arrive(case)
    case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)
    case_decisions.repaired(case.id, actor=lycee.logistics, now=LATER)
    lycee.receive(case_decisions.send(case.id, actor=lycee.logistics, now=LATER))
    lycee.lend()
    give_back(lycee, lycee.device)
    again = lycee.lend(now=LATER + timedelta(hours=1))
    undo_hand_over(again.event_id, action_id=uuid.uuid4(), actor=lycee.boss, now=LATER + timedelta(hours=2))
    assert (state_of(case), Parcel.get().state) == (("closed", "repaired"), "closed")


def test_a_device_found_again_is_where_its_loan_went_meanwhile(lycee):
    case, other = lycee.report("loss"), addressed_school()
    declare_departure(lycee.pupil.id, LATER.date(), Destination.MEMBER_SCHOOL, to_school_id=other.id,
                      actor=lycee.referent, now=LATER)  # fmt: skip
    cases.found(case.id, "Dans le sac", actor=lycee.logistics, now=LATER)
    assert Device.get_by_id(lycee.device.id).school_id == Loan.get().school_id == other.id


def test_two_cases_of_one_pupil_are_decided_one_after_the_other(lycee):
    """The second decision waits for the first, and finds the quota used."""
    first = lycee.report("breakdown")
    lycee.arrive(first)
    second = make_case(make_device(), lycee.school, pupil=lycee.pupil, state="diagnosis")

    def repair(case: DeviceCase) -> None:
        case_decisions.repair(case.id, actor=lycee.logistics, now=LATER)

    assert refused_meanwhile(lambda: repair(first), lambda: repair(second)) == ["quota_used"]


def test_a_theft_whose_device_came_back_over_a_desk_is_closed_as_found(lycee):
    case = lycee.report("theft")
    give_back(lycee, lycee.device)
    cases.found(case.id, "Rapporté", actor=lycee.referent, now=LATER)
    assert (state_of(case), Device.get_by_id(lycee.device.id).holder) == (("closed", "found"), "warehouse")


def test_a_loss_of_what_nobody_answered_for_is_found_at_a_desk(lycee):
    case = lycee.report("loss", lycee.spare, lycee.logistics)
    refused("case_found_elsewhere", lambda: cases.found(case.id, "Là", actor=lycee.logistics, now=LATER))


def test_who_was_lent_another_one_meanwhile_is_owed_none(lycee):
    case = lycee.report("theft")
    lycee.declare(case)
    give_back(lycee, lycee.device)
    lycee.lend(lycee.spare)
    case_decisions.accept(case.id, actor=lycee.logistics, now=LATER)
    assert state_of(case) == ("closed", "replaced")


def test_a_replacement_is_not_taken_back_once_the_old_device_was_found_and_has_a_case_again(lycee):
    first = lycee.report("loss")
    lycee.declare(first)
    case_decisions.accept(first.id, actor=lycee.logistics, now=LATER)
    answer = lycee.lend(lycee.spare)
    give_back(lycee, lycee.device)
    cases.close(DeviceCase.get(DeviceCase.kind == "sighting").id, "Vu", actor=lycee.logistics, now=LATER)
    lycee.report("damage", by=lycee.logistics)
    undo = {"action_id": uuid.uuid4(), "actor": lycee.boss, "now": LATER}
    refused("undo_has_case", lambda: undo_hand_over(answer.event_id, **undo))
