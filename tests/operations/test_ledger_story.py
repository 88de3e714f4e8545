"""Any sequence of hand-overs, swaps, undos and repeats ends in a whole ledger that says what the tables say."""

import uuid

import peewee
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from tests.factories import NOW, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tracker.models.loans import Allocation, Loan
from tracker.operations import allocations, ledger, loans
from tracker.operations.scans import Answer
from tracker.operations.undo import undo_hand_over
from tracker.rules.refusals import Refused

PLACES = st.integers(0, 3)


class DistributionDay(RuleBasedStateMachine):
    """Four devices, four pupils (the last without an agreement), one desk; `held` is what the test expects."""

    hand_overs = Bundle("hand_overs")

    def __init__(self) -> None:
        super().__init__()
        self.campaign, self.school = make_campaign(), make_school()
        self.devices = [make_device(self.school) for _ in range(4)]
        self.pupils = [make_pupil(self.school, agreement="validated" if number < 3 else None) for number in range(4)]
        self.who = actor("logistics", user=make_user("logistics"))
        self.held: dict[int, int] = {}
        self.aside: dict[int, int] = {}
        self.last: dict[int, int] = {}

    def ask(self, device: int, pupil: int, action: uuid.UUID, swap: bool) -> Answer:
        request = loans.Request(
            self.devices[device].id, self.pupils[pupil].id, self.school.id, action, swap=swap, scanned="TAG"
        )
        return loans.hand_over(request, campaign=self.campaign, actor=self.who, now=NOW)

    def expected(self, device: int, pupil: int, swap: bool) -> str:
        if self.held.get(device) == pupil:
            return "already"
        if device in self.held or pupil in self.held.values() or pupil == 3:
            return "refused"
        swapped = swap and pupil in self.aside.values()
        return "done" if self.aside.get(device, pupil) == pupil or swapped else "refused"

    @rule(target=hand_overs, device=PLACES, pupil=PLACES, swap=st.booleans())
    def hand_over(self, device: int, pupil: int, swap: bool):
        action, expected = uuid.uuid4(), self.expected(device, pupil, swap)
        try:
            answer = self.ask(device, pupil, action, swap)
        except Refused:
            assert expected == "refused"
            return None
        assert answer.outcome == expected
        owner, other = (None, None)
        if expected == "done":
            owner, other = self.lend(device, pupil)
            self.last[device] = answer.event_id
        return (answer, action, device, pupil, owner, other)

    def lend(self, device: int, pupil: int) -> tuple[int | None, int | None]:
        """Whose the device was to be, and the other device that was set aside for the pupil."""
        owner = self.aside.pop(device, None)
        other = next((each for each, whose in self.aside.items() if whose == pupil), None)
        if other is not None:
            del self.aside[other]
            if owner is not None:
                self.aside[other] = owner
        self.held[device] = pupil
        self.aside[device] = pupil
        return owner, other

    @rule(done=hand_overs)
    def send_again(self, done):
        if done is None or done[0].outcome != "done":
            return
        answer, action, device, pupil, _owner, _other = done
        again = self.ask(device, pupil, action, False)
        assert (again.event_id, again.repeated) == (answer.event_id, True)

    @rule(done=consumes(hand_overs))
    def undo(self, done):
        if done is None or done[0].outcome != "done":
            return
        answer, _action, device, pupil, owner, other = done
        try:
            undo_hand_over(answer.event_id, action_id=uuid.uuid4(), actor=self.who, now=NOW)
        except Refused:
            assert self.held.get(device) != pupil or self.last[device] != answer.event_id
            return
        assert self.held.pop(device) == pupil
        if owner is None:
            del self.aside[device]
            if other is not None and other not in self.held and other not in self.aside:
                self.aside[other] = pupil
        elif owner != pupil and other is None:
            del self.aside[device]
            if owner not in self.aside.values():
                self.aside[device] = owner

    @rule(device=PLACES, pupil=PLACES)
    def set_aside(self, device: int, pupil: int):
        free = device not in self.held and device not in self.aside and pupil not in self.aside.values()
        try:
            allocations.allocate(self.devices[device].id, self.pupils[pupil].id, actor=self.who, now=NOW)
        except Refused:
            assert not free
            return
        assert free
        self.aside[device] = pupil

    @invariant()
    def the_tables_hold_what_is_expected(self):
        numbers = {each.id: number for number, each in enumerate(self.devices)}
        pupils = {each.id: number for number, each in enumerate(self.pupils)}
        for table, expected in ((Loan, self.held), (Allocation, self.aside)):
            rows = table.select().where(table.device.in_(list(numbers)), table.ended_at.is_null())
            assert [(numbers[row.device_id], pupils[row.pupil_id]) for row in rows.order_by(table.device)] == sorted(
                expected.items()
            )

    def teardown(self):
        proof = ledger.verify()
        assert proof.broken is None, proof.broken
        assert list(ledger.differences()) == []
        assert most_open_loans(Loan.device) <= 1
        assert most_open_loans(Loan.pupil) <= 1


def most_open_loans(of: peewee.Field) -> int:
    """The largest number of open loans that one device, or one pupil, has."""
    counts = Loan.select(peewee.fn.COUNT(Loan.id)).where(Loan.ended_at.is_null()).group_by(of).tuples()
    return max((count for (count,) in counts), default=0)


def test_any_story_ends_in_a_whole_ledger(db):
    run_state_machine_as_test(
        DistributionDay,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
