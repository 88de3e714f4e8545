"""Parcels for tests: a school with an address, a place that devices come back to."""

from typing import Any

from tests import factories
from tests.factories import NOW, TODAY
from tracker.models.devices import Device
from tracker.models.parcels import Parcel
from tracker.models.schools import CampaignSetting, School
from tracker.operations import parcels
from tracker.rules.parcels import ParcelKind

RETURN_ADDRESS = "Région Normandie – retours PNL; 12 rue de l’Essai; 14000 Caen"


def with_return_address(text: str = RETURN_ADDRESS) -> None:
    """The campaign says where devices come back to."""
    set_to("return_address", text)


def set_to(name: str, value: Any) -> None:
    """A setting of the campaign, in force since long."""
    campaign = factories.make_campaign()
    CampaignSetting.insert(
        campaign=campaign, name=name, value=value, valid_from=TODAY.replace(month=1), set_at=NOW
    ).on_conflict_ignore().execute()


def addressed_school(**changes: Any) -> School:
    """A school to which the post can bring something."""
    return factories.make_school(**({"street": "3 rue du Port", "postcode": "14000", "city": "Caen"} | changes))


def outbound(school: School, *devices: Device, **changes: Any) -> Parcel:
    """Stock for the school, prepared."""
    return prepared(ParcelKind.OUTBOUND, school, *(devices or (factories.make_device(),)), **changes)


def prepared(kind: ParcelKind, school: School, *devices: Device, **changes: Any) -> Parcel:
    """A parcel of this kind with these devices."""
    values = {"actor": factories.actor(), "now": NOW} | changes
    return parcels.prepare(kind, [device.id for device in devices], school_id=school.id, **values)
