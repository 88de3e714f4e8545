"""What is printed: labels of devices, slips of pupils."""

from collections.abc import Sequence

import peewee

from tracker.models.devices import Device, DeviceModel
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.queries.pupils import Year, schooled
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.custody import DeviceState

MOST_LABELS = 3_000


def devices_by_number(numbers: Sequence[str], scope: Scope) -> list[Device]:
    """The devices within the scope that bear these serials or tags, in the order given, each with its model."""
    borne = Device.serial.in_(numbers) | Device.tag.in_(numbers)
    query = _devices().where(borne, within(scope, Device.school))
    found = {number: device for device in query for number in (device.serial, device.tag)}
    return list(dict.fromkeys(found[number] for number in numbers if number in found))


def stock_of(school_id: int | None, scope: Scope) -> list[Device]:
    """The devices within the scope in stock at a school (None: warehouse), by serial; MOST_LABELS and one at most."""
    place = Device.school == school_id if school_id else Device.school.is_null()
    query = _devices().where(Device.state == DeviceState.IN_STOCK.value, place, within(scope, Device.school))
    return list(query.order_by(Device.serial).limit(MOST_LABELS + 1))


def device_by_id(device_id: int, scope: Scope) -> Device | None:
    """One device with its model, within the scope."""
    return _devices().where(Device.id == device_id, within(scope, Device.school)).first()


def _devices() -> peewee.ModelSelect:
    return Device.select(Device, DeviceModel).join(DeviceModel)


def slips_of(school_id: int, year: Year, class_name: str, scope: Scope) -> list[Pupil]:
    """The pupils schooled at a school or in one class, by class and name, with `.class_name` and `.school_name`."""
    query = (
        Pupil.select(Pupil, Enrolment.class_name, School.name.alias("school_name"))
        .join(Enrolment)
        .join(School)
        .where(
            Enrolment.school == school_id,
            schooled(year),
            within(scope, Enrolment.school),
        )
        .order_by(Enrolment.class_name, Pupil.name_key, Pupil.id)
    )
    if class_name:
        query = query.where(Enrolment.class_name == class_name)
    return list(query.objects())
