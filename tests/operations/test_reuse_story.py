"""Any sequence of sorting, batches and outcomes ends in a whole ledger that says what the tables say."""

import contextlib
import uuid

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.factories import NOW, actor, make_device, make_pupil, make_school, make_user
from tracker.models.devices import Device
from tracker.models.loans import Allocation
from tracker.models.reuse import Batch, BatchDevice
from tracker.operations import allocations, batch_outcomes, batches, ledger, reuse
from tracker.operations.batch_outcomes import Told
from tracker.rules.custody import Holder
from tracker.rules.refusals import Refused
from tracker.rules.returns import NextPlace
from tracker.rules.reuse import WAYS, BatchKind, BatchOutcome, BatchState, Grade

PLACES = st.integers(0, 2)


class SecondLives(RuleBasedStateMachine):
    """Three devices, the first set aside for a pupil, one batch of each kind open at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.who = actor("logistics", user=make_user("logistics"))
        self.devices = [make_device() for _ in range(3)]
        allocations.allocate(self.devices[0].id, make_pupil(make_school()).id, actor=self.who, now=NOW)
        self.mine = [device.id for device in self.devices]
        self.batches = {kind: self.new(kind) for kind in BatchKind}

    def new(self, kind: BatchKind) -> int:
        return batches.open_batch(kind, "Atelier", actor=self.who, now=NOW).id

    @rule(device=PLACES, place=st.sampled_from(NextPlace))
    def triage(self, device: int, place: NextPlace):
        with contextlib.suppress(Refused):
            reuse.triage([self.mine[device]], place, reason="x", actor=self.who, now=NOW)

    @rule(device=PLACES, kind=st.sampled_from(BatchKind))
    def scan(self, device: int, kind: BatchKind):
        with contextlib.suppress(Refused):
            batches.add_device(self.batches[kind], self.mine[device], action_id=uuid.uuid4(), actor=self.who, now=NOW)

    @rule(device=PLACES, kind=st.sampled_from(BatchKind))
    def take_out(self, device: int, kind: BatchKind):
        batches.remove_device(self.batches[kind], self.mine[device], actor=self.who)

    @rule(kind=st.sampled_from(BatchKind))
    def send(self, kind: BatchKind):
        with contextlib.suppress(Refused):
            batches.send(self.batches[kind], actor=self.who, now=NOW)
            self.batches[kind] = self.new(kind)

    @rule(device=PLACES, outcome=st.sampled_from(BatchOutcome))
    def tell(self, device: int, outcome: BatchOutcome):
        told = {self.mine[device]: Told(outcome, Grade.B if outcome is BatchOutcome.REFURBISHED else None)}
        for row in BatchDevice.select().where(BatchDevice.device == self.mine[device]):
            with contextlib.suppress(Refused):
                batch_outcomes.record(row.batch_id, told, actor=self.who, now=NOW)

    @invariant()
    def a_device_is_with_a_partner_as_long_as_its_outcome_is_unknown(self):
        holders = {WAYS[kind].holder for kind in BatchKind}
        for row in Device.select().where(Device.id.in_(self.mine), Device.state != "retired"):
            away = BatchDevice.select().join(Batch).where(
                BatchDevice.device == row, BatchDevice.outcome.is_null(), Batch.state == BatchState.SENT
            )  # fmt: skip
            assert away.exists() is (Holder(row.holder) in holders)

    @invariant()
    def nobody_is_promised_what_is_given_away(self):
        promised = Allocation.select(Allocation.device).where(Allocation.ended_at.is_null())
        gone = Device.select().where(
            Device.id.in_(promised), Device.state.in_(["to_refurbish", "to_recycle", "retired"])
        )
        assert not gone.exists()

    def teardown(self):
        proof = ledger.verify()
        assert proof.broken is None, proof.broken
        assert list(ledger.differences()) == []


def test_any_story_of_reuse_ends_in_a_whole_ledger(db):
    run_state_machine_as_test(
        SecondLives,
        settings=settings(
            max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
