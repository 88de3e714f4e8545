"""A lost or stolen device that is scanned somewhere: the alarm is put on record (R4)."""

from datetime import datetime, timedelta

import structlog

from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.operations import custody
from tracker.operations.case_steps import advance, note
from tracker.queries.custody import unavailable_since
from tracker.rules.access import Actor
from tracker.rules.calendar import local_date
from tracker.rules.cases import CaseKind, CaseState
from tracker.rules.custody import DeviceState
from tracker.rules.loans import raises_alarm
from tracker.rules.refusals import Refused
from tracker.rules.rosters import school_year_of

log = structlog.get_logger()
AGAIN_AFTER = timedelta(hours=1)
"""The same device scanned again at the same place within this time is the same sighting."""


def note_sighting(device_id: int, *, where_school_id: int | None, actor: Actor, now: datetime) -> DeviceCase | None:
    """Rule R4. The case that knows of the sighting: the open one of the device, else a new one.

    None for a device that is not missing. `where_school_id`: the school at whose desk it was seen; None: the warehouse.
    """
    with database.atomic():
        device = custody.lock(device_id)
        if not raises_alarm(device.state):
            return None
        case = DeviceCase.get_or_none(DeviceCase.device == device, DeviceCase.closed_at.is_null())
        if case is None:
            head = custody.chain_head(device.id)
            case = DeviceCase.create(
                kind=CaseKind.SIGHTING, state=CaseState.OPEN, device=device, pupil=head.answerable,
                school=where_school_id or head.school_id, school_year=school_year_of(local_date(now)),
                opened_by=actor.user_id, opened_at=now, state_since=now,
            )  # fmt: skip
            advance(case, CaseState.OPEN, actor=actor, now=now)
        if not _just_noted(case, where_school_id, now):
            note(case, seen_at=where_school_id, actor=actor, now=now)
    log.warning("missing device seen", case=case.id, school=where_school_id, by=actor.user_id)
    return case


def refuse_missing(device_id: int, *, where_school_id: int | None, actor: Actor, now: datetime) -> None:
    """Rule R4. A missing device at a desk for something else: on record in its case, and nothing else is done with it.

    Outside of any transaction: what is put on record stays. Raises Refused: device_lost, device_stolen.
    """
    state = DeviceState(Device.select(Device.state).where(Device.id == device_id).scalar() or DeviceState.IN_STOCK)
    if raises_alarm(state):
        note_sighting(device_id, where_school_id=where_school_id, actor=actor, now=now)
        raise Refused(f"device_{state}", rule="R4", since=unavailable_since(device_id, state))


def _just_noted(case: DeviceCase, school_id: int | None, now: datetime) -> bool:
    same = (CaseStep.case == case) & CaseStep.seen & (CaseStep.at > now - AGAIN_AFTER)
    place = CaseStep.school.is_null() if school_id is None else CaseStep.school == school_id
    return CaseStep.select().where(same, place).exists()
