"""Any story of departures, parcels, cases, stocktakes and batches leaves every device in one place, owed once."""

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.operations.ways_back import UNDER_WAY, WaysBack
from tracker.models.cases import DeviceCase
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.models.returns import ExpectedReturn
from tracker.models.reuse import BatchDevice
from tracker.models.rosters import Departure
from tracker.operations import ledger
from tracker.rules.cases import BROKEN, MISSING, CaseOutcome, CaseState
from tracker.rules.custody import DeviceState, Holder
from tracker.rules.departures import Destination
from tracker.rules.parcels import ParcelKind, ParcelState
from tracker.rules.reuse import WAYS, BatchKind, BatchState

ALWAYS: list[Callable[[WaysBack], None]] = []


def always(check: Callable[[WaysBack], None]) -> Callable[[WaysBack], None]:
    """Mark what is looked at after each step that did something."""
    ALWAYS.append(check)
    return check


class Watched(WaysBack):
    """The same, with what always holds."""

    @invariant()
    def all_holds(self):
        """What is refused changes nothing: it is not looked at again."""
        if self.changed:
            for check in ALWAYS:
                check(self)
        self.changed = False

    @always
    def the_ledger_is_whole_and_the_tables_say_the_same(self):
        proof = ledger.verify()
        assert proof.broken is None, proof.broken
        assert list(ledger.differences()) == []

    @always
    def a_lent_device_has_a_loan_and_stands_where_its_loan_is(self):
        for device in Device.select():
            loan = Loan.get_or_none(Loan.device == device, Loan.ended_at.is_null())
            assert (device.state == DeviceState.LENT) <= (loan is not None)
            if loan:
                assert device.state in (DeviceState.LENT, DeviceState.LOST, DeviceState.STOLEN), device.state
                assert device.holder in (Holder.PUPIL, Holder.PARCEL, Holder.UNKNOWN), device.holder
            if device.holder == Holder.PUPIL:
                assert (device.pupil_id, device.school_id) == (loan.pupil_id, loan.school_id)

    @always
    def what_is_expected_is_lent_to_whom_it_is_expected_of(self):
        for each in ExpectedReturn.select().where(ExpectedReturn.closed_at.is_null()):
            loan = Loan.get_or_none(Loan.device == each.device_id, Loan.ended_at.is_null())
            assert loan is not None, "expected, and lent to nobody"
            assert (loan.pupil_id, loan.school_id) == (each.pupil_id, each.school_id)

    @always
    def a_device_in_a_parcel_is_in_one_parcel_that_goes_somewhere(self):
        for device in Device.select():
            inside = list(
                ParcelDevice.select().join(Parcel).where(
                    ParcelDevice.device == device, ParcelDevice.arrived_at.is_null(),
                    Parcel.state.in_([*UNDER_WAY, ParcelState.RECEIVED]),
                )
            )  # fmt: skip
            under_way = [row for row in inside if row.parcel.state in UNDER_WAY]
            assert len(under_way) <= 1
            if device.holder == Holder.PARCEL:
                assert inside, "in a parcel that is none any more"
            for row in under_way:
                if row.parcel.kind != ParcelKind.RETURN:
                    assert device.holder == Holder.PARCEL or device.state in (DeviceState.LOST, DeviceState.STOLEN)
                else:
                    assert device.holder in (Holder.PUPIL, Holder.SCHOOL, Holder.PARCEL, Holder.UNKNOWN)
                    assert row.parcel.pupil_id is None or device.state != DeviceState.IN_STOCK

    @always
    def a_device_is_with_a_partner_as_long_as_its_batch_says_so(self):
        partners = {WAYS[kind].holder for kind in BatchKind}
        for row in BatchDevice.select().where(BatchDevice.outcome.is_null()):
            device, batch = row.device, row.batch
            if batch.state == BatchState.OPEN:
                assert device.state != DeviceState.LENT
            else:
                assert device.holder in partners or device.state in (DeviceState.LOST, DeviceState.STOLEN), (
                    device.holder
                )
        for device in Device.select().where(Device.holder.in_([each.value for each in partners])):
            if device.state != DeviceState.RETIRED:
                assert BatchDevice.select().where(BatchDevice.device == device, BatchDevice.outcome.is_null()).exists()

    @always
    def a_case_stands_where_its_device_is(self):
        for case in DeviceCase.select().where(DeviceCase.closed_at.is_null()):
            device = Device.get_by_id(case.device_id)
            if case.kind in BROKEN and case.state == CaseState.AWAITING_DEVICE:
                assert device.state in (DeviceState.LENT, DeviceState.RETURNED), device.state
            if case.kind in BROKEN and case.state in (CaseState.DIAGNOSIS, CaseState.IN_REPAIR):
                assert device.state != DeviceState.LENT
            if case.state == CaseState.OWED:
                loan = Loan.get_or_none(Loan.device == case.device_id, Loan.ended_at.is_null())
                assert loan is None or loan.pupil_id != case.pupil_id

    @always
    def a_pupil_is_owed_one_device_and_only_while_they_have_none(self):
        for pupil in self.pupils:
            owing = list(DeviceCase.select().where(DeviceCase.pupil == pupil, DeviceCase.state == CaseState.OWED))
            assert len(owing) <= 1
            lent = Loan.get_or_none(Loan.pupil == pupil, Loan.ended_at.is_null())
            if owing and lent:
                loaners = [each.loaner_id for each in DeviceCase.select().where(DeviceCase.pupil == pupil)]
                assert lent.device_id in loaners

    @always
    def a_quota_is_used_once(self):
        granted = DeviceCase.outcome.in_([CaseOutcome.REPAIRED, CaseOutcome.REPLACED])
        for pupil in self.pupils:
            for kinds in (BROKEN, MISSING):
                used = DeviceCase.select().where(DeviceCase.pupil == pupil, granted, DeviceCase.kind.in_(sorted(kinds)))
                assert used.count() <= 1

    @always
    def an_answered_departure_is_open_only_for_what_is_to_come_back(self):
        for departure in Departure.select().where(Departure.closed_at.is_null()):
            held = list(Loan.select().where(Loan.pupil == departure.pupil_id, Loan.ended_at.is_null()))
            if departure.destination != Destination.TO_QUALIFY:
                assert held, f"open for nothing: {departure.destination}"

    @always
    def a_received_parcel_is_whole_and_a_closed_one_handed_over(self):
        for parcel in Parcel.select():
            rows = list(ParcelDevice.select().where(ParcelDevice.parcel == parcel))
            if parcel.kind == ParcelKind.RETURN and parcel.state == ParcelState.RECEIVED:
                assert all(row.arrived_at for row in rows)
            if parcel.state == ParcelState.CLOSED:
                assert all(row.handed_over_at for row in rows)


def test_any_story_of_ways_back_leaves_every_device_in_one_place_and_nobody_owed_twice(migrated_sqlite):
    Watched.template = migrated_sqlite
    run_state_machine_as_test(
        Watched,
        settings=settings(
            max_examples=15, stateful_step_count=100, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
