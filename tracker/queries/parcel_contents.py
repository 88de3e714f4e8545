"""What parcels hold, as their labels name it."""

from collections.abc import Collection

from tracker.models.devices import Device
from tracker.models.parcels import ParcelDevice


def serials_of(parcel_ids: Collection[int]) -> dict[int, list[str]]:
    """The serial numbers of what each parcel holds. One query."""
    query = ParcelDevice.select(ParcelDevice.parcel, Device.serial).join(Device)
    found: dict[int, list[str]] = {parcel_id: [] for parcel_id in parcel_ids}
    for parcel_id, serial in query.where(ParcelDevice.parcel.in_(list(parcel_ids))).order_by(Device.serial).tuples():
        found[parcel_id].append(serial)
    return found
