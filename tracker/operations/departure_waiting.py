"""The waiting time of who left for nobody knows where: once it is over, their devices are to come back (L5)."""

from datetime import date, datetime, timedelta

import peewee
import structlog
from peewee import SQL, fn

from tracker.models.database import database, take_turn
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.operations.departure_answers import expect_all, hold_devices, keep
from tracker.operations.rosters.imports import TURN
from tracker.queries.campaigns import settings_in_force
from tracker.rules.access import SYSTEM
from tracker.rules.calendar import local_date
from tracker.rules.custody import DeviceState
from tracker.rules.departures import STAYING, Consequence, Destination, Fate

log = structlog.get_logger()


def return_after_waiting(*, now: datetime) -> int:
    """Rules L2, L5. Expect the devices of departures whose waiting time is over, from today on; how many departures.

    A return that somebody gave up for a reason is not asked for again by itself. The destination stays as it is; the
    program's own answer is on record.
    """
    today = local_date(now)
    settings = settings_in_force(today)
    last_left = today - timedelta(days=int(settings["transfer_waiting_days"]) + 1)
    means = Consequence("L5", Fate.RETURNS, today + timedelta(days=int(settings["return_days"])))
    with database.atomic():
        take_turn(TURN)
        late = list(_late(last_left))
        for departure in late:
            hold_devices(departure.pupil_id)
            loans = list(_unasked().where(Loan.pupil == departure.pupil_id))
            expect_all(departure, loans, means, actor=SYSTEM, now=now)
            keep(departure, Destination(departure.destination), actor=SYSTEM, now=now, done={"waited": True})
    log.info("waiting times over", departures=len(late))
    return len(late)


def _late(last_left: date) -> peewee.ModelSelect:
    due = (
        Departure.closed_at.is_null() & (Departure.left_on <= last_left) & Departure.destination.not_in(sorted(STAYING))
    )
    held = _unasked().where(Loan.pupil == Departure.pupil).select(SQL("1"))
    return Departure.select().where(due, fn.EXISTS(held)).order_by(Departure.id)


def _unasked() -> peewee.ModelSelect:
    """The loans of devices in hand that nobody expects and nobody has given up."""
    given_up = (ExpectedReturn.opened_at >= Loan.started_at) & (ExpectedReturn.closed_because != "")
    expected = ExpectedReturn.select(SQL("1")).where(
        ExpectedReturn.device == Loan.device, ExpectedReturn.closed_at.is_null() | given_up
    )
    lent = Loan.ended_at.is_null() & (Device.state == DeviceState.LENT.value)
    return Loan.select().join(Device).where(lent, ~fn.EXISTS(expected))
