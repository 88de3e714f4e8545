"""Where a device is now, and since when."""

from datetime import datetime

from peewee import JOIN, fn

from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.rules.custody import Custody, DeviceState, Holder


def custody_now(device_id: int) -> Custody:
    """The three facts and the state of a device, from its row, its open allocation and its open loan. One query."""
    row = (
        Device.select(Device, Allocation.pupil.alias("allocated_to"), Loan.pupil.alias("answerable"))
        .join(Allocation, JOIN.LEFT_OUTER, on=(Allocation.device == Device.id) & Allocation.ended_at.is_null())
        .join(Loan, JOIN.LEFT_OUTER, on=(Loan.device == Device.id) & Loan.ended_at.is_null(), src=Device)
        .where(Device.id == device_id)
        .objects()
        .get()
    )
    return Custody(
        DeviceState(row.state), Holder(row.holder), row.school_id, row.pupil_id, row.allocated_to, row.answerable
    )


def unavailable_since(device_id: int, state: DeviceState) -> datetime | None:
    """Since when the device is in this state, from the ledger; None for one that is in stock. At most one query."""
    if state is DeviceState.IN_STOCK:
        return None
    earlier = CustodyEvent.alias()
    before = earlier.select(fn.COALESCE(fn.MAX(earlier.sequence), 0)).where(
        earlier.device == device_id, earlier.state != state
    )
    return (
        CustodyEvent.select(CustodyEvent.at)
        .where(CustodyEvent.device == device_id, CustodyEvent.sequence > before)
        .order_by(CustodyEvent.sequence)
        .scalar()
    )
