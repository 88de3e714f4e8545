"""Hand-overs and their undo, on both engines."""

import uuid
from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tracker.models.agreements import Agreement
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.models.scans import ScanAction
from tracker.models.schools import School
from tracker.operations import custody, ledger, loans
from tracker.operations.cases import Report, open_case, withdraw
from tracker.operations.departures import declare_departure
from tracker.operations.scans import Answer
from tracker.operations.undo import undo_hand_over
from tracker.queries import candidates
from tracker.rules.access import Actor
from tracker.rules.cases import CaseKind
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.departures import Destination
from tracker.rules.refusals import Refused

pytestmark = pytest.mark.usefixtures("db")


class Hall:
    """A school on its distribution day: one desk, somebody at it, a device and a pupil."""

    def __init__(self, role: str = "staff") -> None:
        self.campaign = make_campaign()
        self.school = make_school()
        self.pupil = make_pupil(self.school)
        self.device = make_device(self.school)
        self.who = actor(role, user=make_user(role))
        self.boss = actor("admin", user=make_user())

    def request(self, **changes) -> loans.Request:
        values = {"device_id": self.device.id, "pupil_id": self.pupil.id, "school_id": self.school.id}
        return loans.Request(**(values | {"action_id": uuid.uuid4()} | changes))

    def hand_over(self, who: Actor | None = None, now=NOW, **changes) -> Answer:
        return loans.hand_over(self.request(**changes), campaign=self.campaign, actor=who or self.who, now=now)

    def undo(self, answer: Answer, who: Actor | None = None, now=NOW, **changes) -> Answer:
        values = {"action_id": uuid.uuid4()} | changes
        return undo_hand_over(answer.event_id, actor=who or self.who, now=now, **values)


@pytest.fixture
def hall(db):
    return Hall()


def test_a_hand_over_opens_a_loan_and_moves_the_device(hall):
    answer = hall.hand_over()
    device = Device.get_by_id(hall.device.id)
    assert answer.outcome == "done"
    assert (device.state, device.holder, device.pupil_id) == (DeviceState.LENT, Holder.PUPIL, hall.pupil.id)
    assert Loan.get().pupil_id == hall.pupil.id
    assert Allocation.get(Allocation.ended_at.is_null()).pupil_id == hall.pupil.id


def test_the_same_action_again_gives_the_first_answer_and_writes_nothing(hall):
    action = uuid.uuid4()
    first = hall.hand_over(action_id=action)
    events = CustodyEvent.select().count()
    again = hall.hand_over(action_id=action)
    assert (again.event_id, again.repeated) == (first.event_id, True)
    assert CustodyEvent.select().count() == events
    assert ScanAction.select().count() == 1


def test_an_action_of_somebody_else_is_unknown(hall):
    action = uuid.uuid4()
    hall.hand_over(action_id=action)
    with pytest.raises(Refused, match="not_found"):
        hall.hand_over(action_id=action, who=actor("staff", user=make_user("staff")))


def test_the_same_pair_again_is_already_done_not_a_second_loan(hall):
    hall.hand_over()
    assert hall.hand_over().outcome == "already"
    assert Loan.select().count() == 1


def refused(code: str, work) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    assert caught.value.code == code
    assert ScanAction.select().count() == 0
    assert Loan.select().count() == 0
    return caught.value


@pytest.mark.parametrize("state", [None, "sent", "signed", "refused"])
def test_without_a_validated_agreement_nothing_is_handed_over(hall, state):
    hall.pupil = make_pupil(hall.school, agreement=state)
    assert refused("agreement_missing", hall.hand_over).rule == "A4"


@pytest.mark.parametrize(("state", "code"), [(DeviceState.LOST, "device_lost"), (DeviceState.STOLEN, "device_stolen")])
def test_a_lost_or_stolen_device_raises_an_alarm_that_nobody_overrides(hall, state, code):
    hall.device = make_device(hall.school, state=state)
    boss = actor("admin", user=make_user())
    found = refused(code, lambda: hall.hand_over(who=boss, override_reason="because"))
    assert (found.rule, found.overridable_by) == ("R4", None)


def test_a_device_of_another_school_is_refused(hall):
    hall.device = make_device(make_school())
    refused("device_other_school", hall.hand_over)


def test_a_pupil_of_another_school_is_refused(hall):
    hall.pupil = make_pupil(make_school())
    refused("pupil_other_school", hall.hand_over)


def test_a_school_never_learns_of_a_pupil_of_another(hall):
    hall.pupil = make_pupil(make_school())
    who = actor("school", schools=[hall.school], user=make_user("school", schools=[hall.school]))
    refused("not_found", lambda: hall.hand_over(who=who))


def test_a_desk_of_a_school_that_is_not_mine_is_refused(hall):
    who = actor("school", schools=[make_school()], user=make_user("school"))
    refused("school_not_found", lambda: hall.hand_over(who=who))


@pytest.mark.parametrize(
    ("enrolment", "code", "rule"),
    [
        ({"level": "terminale_gt"}, "level_not_foreseen", "E1"),
        ({"level": "cap_of_3"}, "three_year_cap", "E1"),
        ({"level": "unknown", "mef": "39920010110"}, "level_unknown", "E1"),
        ({"level": "premiere_gt"}, "second_year", "E2"),
        ({"class_name": ""}, "not_schooled", "E3"),
        ({"left_on": NOW.date()}, "not_schooled", "E3"),
    ],
)
def test_who_gets_no_laptop_is_refused_with_the_rule(hall, enrolment, code, rule):
    hall.pupil = make_pupil(hall.school, **enrolment)
    assert refused(code, hall.hand_over).rule == rule


def leave(hall, destination: Destination, on=TODAY) -> None:
    declare_departure(hall.pupil.id, on, destination, actor=hall.boss, now=NOW)


@pytest.mark.parametrize("destination", [Destination.CFA, Destination.END_OF_SCHOOLING, Destination.TO_QUALIFY])
def test_who_has_left_by_the_schools_word_is_refused_before_any_roster_says_so(hall, destination):
    leave(hall, destination)
    with pytest.raises(Refused, match="not_schooled") as refused:
        hall.hand_over()
    assert (refused.value.rule, refused.value.facts["left_on"]) == ("E3", TODAY)
    assert hall.hand_over(hall.boss, override_reason="Prêt pour un examen").outcome == "done"


@pytest.mark.parametrize(
    ("destination", "on"), [(Destination.APPRENTICE_HERE, TODAY), (Destination.CFA, TODAY + timedelta(days=1))]
)
def test_who_stays_in_class_or_leaves_later_only_gets_a_laptop(hall, destination, on):
    leave(hall, destination, on)
    assert hall.hand_over().outcome == "done"


def test_for_a_pupil_who_died_nothing_is_handed_over_whoever_insists(hall):
    leave(hall, Destination.DIED)
    with pytest.raises(Refused, match="pupil_deceased"):
        hall.hand_over(hall.boss, override_reason="Je passe outre")


def test_an_administrator_overrides_with_a_reason_on_record(hall):
    hall.pupil = make_pupil(hall.school, agreement="sent", level="premiere_gt")
    answer = hall.hand_over(who=actor("admin", user=make_user()), override_reason="Décision du 3 octobre")
    event = CustodyEvent.get_by_id(answer.event_id)
    assert (event.overridden, event.rule) == ("second_year, agreement_missing", "E2, A4")
    assert event.reason == "Décision du 3 octobre"


def test_nobody_else_overrides(hall):
    hall.pupil = make_pupil(hall.school, agreement=None)
    refused("agreement_missing", lambda: hall.hand_over(override_reason="please"))


def test_a_second_laptop_is_refused_with_the_serial_of_the_first(hall):
    hall.hand_over()
    first = hall.device
    hall.device = make_device(hall.school)
    with pytest.raises(Refused, match="pupil_has_laptop") as caught:
        hall.hand_over(who=hall.boss, override_reason="twins")
    assert caught.value.facts["serial"] == first.serial


def test_a_lent_device_is_refused_to_a_second_pupil(hall):
    hall.hand_over()
    hall.pupil = make_pupil(hall.school)
    with pytest.raises(Refused, match="device_lent"):
        hall.hand_over()


def allocate(device, pupil):
    place = Custody(DeviceState.IN_STOCK, Holder.SCHOOL, device.school_id, allocated_to=pupil.id)
    custody.append(device, Movement.ALLOCATED, place, actor=actor(), now=NOW)
    Allocation.create(device=device, pupil=pupil, kind=device.kind, started_at=NOW)


def test_a_device_set_aside_for_another_pupil_is_refused_and_a_swap_exchanges_the_two(hall):
    other_pupil, other_device = make_pupil(hall.school), make_device(hall.school)
    allocate(hall.device, other_pupil)
    allocate(other_device, hall.pupil)
    refused("device_allocated", hall.hand_over)
    assert hall.hand_over(swap=True).outcome == "done"
    open_ones = Allocation.select().where(Allocation.ended_at.is_null())
    assert {(row.device_id, row.pupil_id) for row in open_ones} == {
        (hall.device.id, hall.pupil.id),
        (other_device.id, other_pupil.id),
    }


def to_repair(device, pupil):
    away = Custody(DeviceState.IN_REPAIR, Holder.REPAIRER, allocated_to=pupil.id)
    custody.append(device, Movement.SENT_TO_REPAIR, away, actor=actor(), now=NOW)


@pytest.mark.parametrize("in_repair", [False, True])
def test_a_swap_is_refused_where_the_pupil_has_nothing_in_stock_to_swap(hall, in_repair):
    allocate(hall.device, make_pupil(hall.school))
    if in_repair:
        broken = make_device(hall.school)
        allocate(broken, hall.pupil)
        to_repair(broken, hall.pupil)
    found = refused("device_allocated", lambda: hall.hand_over(swap=True))
    assert (found.overridable_by, found.facts["swap_possible"]) == ("admin", False)


def test_an_administrator_takes_a_device_that_was_set_aside_for_another_with_a_reason_on_record(hall):
    other_pupil = make_pupil(hall.school)
    allocate(hall.device, other_pupil)
    answer = hall.hand_over(who=hall.boss, override_reason="L’autre est parti")
    event = CustodyEvent.get_by_id(answer.event_id)
    assert (event.overridden, event.rule, event.reason) == ("device_allocated", "D4", "L’autre est parti")
    assert set_aside() == {(hall.device.id, hall.pupil.id)}
    assert list(ledger.differences()) == []


def test_a_device_in_repair_is_nobodys_after_an_override_and_the_pupils_again_after_its_undo(hall):
    other_pupil, broken = make_pupil(hall.school), make_device(hall.school)
    allocate(hall.device, other_pupil)
    allocate(broken, hall.pupil)
    to_repair(broken, hall.pupil)
    answer = hall.hand_over(who=hall.boss, swap=True, override_reason="Le sien est en panne")
    assert set_aside() == {(hall.device.id, hall.pupil.id)}
    hall.undo(answer, who=hall.boss)
    assert set_aside() == {(hall.device.id, other_pupil.id), (broken.id, hall.pupil.id)}
    assert list(ledger.differences()) == []


def test_who_may_override_reads_every_reason_that_one_reason_answers_for(hall):
    hall.pupil = make_pupil(hall.school, agreement="sent")
    allocate(hall.device, make_pupil(hall.school))
    found = refused("agreement_missing", lambda: hall.hand_over(who=hall.boss))
    assert [one.code for one in found.facts["also"]] == ["device_allocated"]
    assert "also" not in refused("agreement_missing", hall.hand_over).facts


def test_a_reason_longer_than_300_characters_is_refused(hall):
    hall.pupil = make_pupil(hall.school, agreement="sent")
    assert refused("reason_too_long", lambda: hall.hand_over(who=hall.boss, override_reason="x" * 301)).facts
    assert hall.hand_over(who=hall.boss, override_reason="x" * 300).outcome == "done"


def test_a_lost_device_says_since_when_whatever_happened_to_it_afterwards(hall):
    hall.device = make_device(hall.school, state=DeviceState.LOST)
    later = Custody(DeviceState.LOST, Holder.UNKNOWN, hall.school.id)
    custody.append(hall.device, Movement.UNALLOCATED, later, actor=actor(), now=NOW + timedelta(days=2))
    found = refused("device_lost", lambda: hall.hand_over(now=NOW + timedelta(days=3)))
    assert found.facts["since"] == NOW


def test_a_lent_device_says_since_when(hall):
    hall.hand_over()
    hall.pupil = make_pupil(hall.school)
    with pytest.raises(Refused, match="device_lent") as caught:
        hall.hand_over(now=NOW + timedelta(days=1))
    assert caught.value.facts["since"] == NOW


def test_a_refusal_names_the_day_of_the_agreement_the_level_and_the_membership(hall):
    hall.pupil = make_pupil(hall.school, agreement="sent")
    Agreement.update(sent_at=NOW - timedelta(days=9)).execute()
    assert refused("agreement_missing", hall.hand_over).facts["agreement_on"] == NOW - timedelta(days=9)
    hall.pupil = make_pupil(hall.school, level="premiere_gt")
    assert refused("second_year", hall.hand_over).facts["level"] == "premiere_gt"
    ended = NOW.date() - timedelta(days=1)
    School.update(member_until=ended).execute()
    assert refused("school_not_member", hall.hand_over).facts["member_until"] == ended


def test_a_clock_that_was_set_back_does_not_hinder_an_undo(hall):
    done = hall.hand_over()
    hall.undo(done, now=NOW - timedelta(hours=1))
    assert Loan.get().ended_at == NOW
    assert CustodyEvent.get(CustodyEvent.undoes == done.event_id).at == NOW


def test_an_undo_puts_the_device_back_where_it_was(hall):
    before = (hall.device.state, hall.device.holder, hall.device.school_id)
    hall.undo(hall.hand_over())
    device = Device.get_by_id(hall.device.id)
    assert (device.state, device.holder, device.school_id) == before
    assert Loan.get().end_reason == "undone"
    assert Allocation.select().where(Allocation.ended_at.is_null()).count() == 0


def set_aside() -> set[tuple[int, int]]:
    return {(row.device_id, row.pupil_id) for row in Allocation.select().where(Allocation.ended_at.is_null())}


def test_an_undo_gives_the_pupil_back_the_device_that_had_been_set_aside(hall):
    other_device = make_device(hall.school)
    allocate(other_device, hall.pupil)
    hall.undo(hall.hand_over())
    assert set_aside() == {(other_device.id, hall.pupil.id)}
    assert list(ledger.differences()) == []


def test_an_undo_gives_back_to_the_pupil_from_whom_the_device_was_taken(hall):
    other_pupil = make_pupil(hall.school)
    allocate(hall.device, other_pupil)
    hall.undo(hall.hand_over(who=hall.boss, override_reason="L’autre est parti"), who=hall.boss)
    assert set_aside() == {(hall.device.id, other_pupil.id)}
    assert list(ledger.differences()) == []


def test_after_a_swap_is_undone_each_pupil_keeps_the_new_device_aside(hall):
    other_pupil, other_device = make_pupil(hall.school), make_device(hall.school)
    allocate(hall.device, other_pupil)
    allocate(other_device, hall.pupil)
    hall.undo(hall.hand_over(swap=True))
    assert set_aside() == {(hall.device.id, hall.pupil.id), (other_device.id, other_pupil.id)}


def test_a_device_that_nobody_knows_is_refused(hall):
    refused("not_found", lambda: hall.hand_over(device_id=999_999))


def test_the_action_of_an_undo_never_answers_for_a_hand_over(hall):
    action = uuid.uuid4()
    hall.undo(hall.hand_over(), action_id=action)
    with pytest.raises(Refused, match="stale_page"):
        hall.hand_over(action_id=action)


def test_a_desk_that_was_overtaken_takes_nothing_from_the_pupil_who_was_served(hall, monkeypatch):
    """The device set aside for our pupil goes to another between our question and our lock (PostgreSQL)."""
    promised, other_pupil, ask = make_device(hall.school), make_pupil(hall.school), candidates.allocated_device
    allocate(promised, hall.pupil)
    allocate(make_device(hall.school), other_pupil)
    other = hall.request(device_id=promised.id, pupil_id=other_pupil.id, swap=True)

    def overtaken(pupil_id, device_id):
        found = ask(pupil_id, device_id)
        monkeypatch.setattr(candidates, "allocated_device", ask)
        loans.hand_over(other, campaign=hall.campaign, actor=hall.who, now=NOW)
        return found

    monkeypatch.setattr(candidates, "allocated_device", overtaken)
    assert hall.hand_over().outcome == "done"
    lent_to_nobody = (CustodyEvent.state == DeviceState.LENT) & CustodyEvent.allocated_to.is_null()
    assert CustodyEvent.select().where(lent_to_nobody).count() == 0


def test_after_an_undo_the_pair_can_be_handed_over_again(hall):
    hall.undo(hall.hand_over())
    assert hall.hand_over().outcome == "done"


def test_an_undo_is_itself_done_once(hall):
    done, action = hall.hand_over(), uuid.uuid4()
    first = hall.undo(done, action_id=action)
    assert hall.undo(done, action_id=action).event_id == first.event_id
    with pytest.raises(Refused, match="nothing_to_undo"):
        hall.undo(done)


def test_somebody_elses_hand_over_is_undone_by_logistics_only(hall):
    done = hall.hand_over()
    with pytest.raises(Refused, match="undo_not_yours"):
        hall.undo(done, who=actor("staff", user=make_user("staff")))
    assert hall.undo(done, who=actor("logistics", user=make_user("logistics"))).outcome == "undone"


def test_yesterdays_hand_over_is_not_undone(hall):
    done = hall.hand_over()
    with pytest.raises(Refused, match="undo_too_late") as caught:
        hall.undo(done, now=NOW + timedelta(hours=25))
    assert caught.value.facts["at"] == NOW


def test_a_second_hotspot_is_refused_even_to_an_administrator(hall):
    boss, first = actor("admin", user=make_user()), make_device(hall.school, kind="hotspot")
    hall.hand_over(who=boss, device_id=first.id, override_reason="Couverture vue sur place")
    second = make_device(hall.school, kind="hotspot")
    with pytest.raises(Refused, match="pupil_has_hotspot") as caught:
        hall.hand_over(who=boss, device_id=second.id, override_reason="Encore un")
    assert caught.value.facts["serial"] == first.serial


def test_a_hotspot_waits_for_the_coverage_check(hall):
    hall.device = make_device(hall.school, kind="hotspot")
    assert refused("coverage_unchecked", hall.hand_over).rule == "C3"


def test_a_hotspot_is_not_asked_for_level_or_laptop_but_for_agreement_and_schooling(hall):
    hall.device = make_device(hall.school, kind="hotspot")
    hall.pupil = make_pupil(hall.school, level="terminale_gt")
    event = hall.hand_over(who=hall.boss, override_reason="Couverture vue sur place").event_id
    assert CustodyEvent.get_by_id(event).overridden == "coverage_unchecked"
    hall.device = make_device(hall.school, kind="hotspot")
    hall.pupil = make_pupil(hall.school, level="premiere_gt", left_on=NOW.date(), agreement=None)
    event = hall.hand_over(who=hall.boss, override_reason="Décidé").event_id
    assert CustodyEvent.get_by_id(event).overridden == "not_schooled, agreement_missing, coverage_unchecked"


def test_after_an_undo_nobody_waits_for_what_the_pupil_never_had(hall):
    answer = hall.hand_over()
    declare_departure(hall.pupil.id, TODAY, Destination.CFA, actor=hall.boss, now=NOW)
    assert ExpectedReturn.get().closed_at is None
    hall.undo(answer)
    assert (ExpectedReturn.get().closed_at, ExpectedReturn.get().came_back) == (NOW, False)
    assert Departure.get().closed_at == NOW


def test_a_hand_over_is_not_undone_while_a_case_about_its_device_is_open(hall):
    answer = hall.hand_over()
    case = open_case(Report(hall.device.id, CaseKind.BREAKDOWN, "Écran noir"), actor=hall.boss, now=NOW)
    with pytest.raises(Refused, match="undo_has_case"):
        hall.undo(answer)
    withdraw(case.id, "Fonctionne", actor=hall.boss, now=NOW)
    assert hall.undo(answer).outcome == "undone"
