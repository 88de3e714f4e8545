"""A few parcels of the sample: on its way, waiting to be opened, ready to leave."""

from datetime import datetime, timedelta

from tracker.models.agreements import Agreement
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.pupils import Enrolment
from tracker.models.schools import Campaign, CampaignSetting, School
from tracker.operations import parcels
from tracker.rules.access import SYSTEM
from tracker.rules.agreements import AgreementState
from tracker.rules.calendar import local_date
from tracker.rules.custody import DeviceKind, DeviceState, Holder
from tracker.rules.eligibility import Eligible
from tracker.rules.parcels import ParcelKind

RETURN_ADDRESS = "Région Normandie – retours PNL; 1 rue de l’Exemple; 14000 Caen"


def pack_parcels(campaign: Campaign, schools: list[School], now: datetime) -> int:
    """Stock for the first school, a named parcel for two others; how many."""
    CampaignSetting.update(value=RETURN_ADDRESS).where(
        CampaignSetting.campaign == campaign, CampaignSetting.name == "return_address"
    ).execute()
    stock = [device.id for device in _in_the_warehouse(6)]
    first = parcels.prepare(ParcelKind.OUTBOUND, stock[:3], school_id=schools[0].id, actor=SYSTEM, now=_ago(now, 10))
    parcels.ship([first.id], actor=SYSTEM, now=_ago(now, 9))
    for school, device_id in zip(schools[:3], stock[3:], strict=True):
        pupil_id = _waiting(school, campaign, now)
        if pupil_id:
            parcels.prepare(
                ParcelKind.NAMED, [device_id], school_id=school.id, pupil_id=pupil_id, actor=SYSTEM, now=_ago(now, 1)
            )
    return 1 + len(schools[:3])


def _ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _in_the_warehouse(count: int) -> list[Device]:
    there = (Device.state == DeviceState.IN_STOCK) & (Device.holder == Holder.WAREHOUSE)
    return list(Device.select().where(there, Device.kind == DeviceKind.LAPTOP).order_by(Device.serial).limit(count))


def _waiting(school: School, campaign: Campaign, now: datetime) -> int | None:
    """A pupil of the school who has signed and waits for a laptop."""
    signed = Agreement.select(Agreement.pupil).where(
        Agreement.state == AgreementState.VALIDATED, Agreement.school_year == campaign.school_year
    )
    has_one = Loan.select(Loan.pupil).where(Loan.ended_at.is_null())
    set_aside = Allocation.select(Allocation.pupil).where(Allocation.ended_at.is_null())
    found = (
        Enrolment.select(Enrolment.pupil)
        .where(
            Enrolment.school == school, Enrolment.school_year == campaign.school_year,
            Enrolment.eligible == Eligible.YES, Enrolment.pupil.in_(signed),
            Enrolment.pupil.not_in(has_one | set_aside),
            Enrolment.left_on.is_null() | (Enrolment.left_on > local_date(now)),
        )
        .order_by(Enrolment.id)
        .first()
    )  # fmt: skip
    return found.pupil_id if found else None
