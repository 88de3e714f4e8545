"""A stocktake of the sample: a school's own stock half counted, with something strange and something missing."""

import uuid
from datetime import datetime, timedelta

from tracker.models.devices import Device
from tracker.models.schools import School
from tracker.models.stocktakes import StocktakeLine
from tracker.models.users import User
from tracker.operations import stocktakes
from tracker.operations.stocktakes import Sight
from tracker.queries.pupils import Year
from tracker.rules.access import Actor, Role
from tracker.rules.calendar import local_date
from tracker.rules.custody import Holder
from tracker.rules.stocktakes import Place, StocktakePlace

_LEFT_TO_SEE = 3
_STRANGE = "PC-SALLE-12"


def count_a_cupboard(school: School, school_year: int, *, now: datetime) -> None:
    """Most of the cupboard was seen, a device of the warehouse too, and a computer of the school's own."""
    year = Year(school_year, local_date(now))
    who = Actor(User.get(User.role == Role.LOGISTICS).id, Role.LOGISTICS)
    begun = now - timedelta(hours=2)
    made = stocktakes.start(Place(StocktakePlace.SCHOOL, school.id), year=year, actor=who, now=begun)
    expected = StocktakeLine.select().where(StocktakeLine.stocktake == made.id).order_by(StocktakeLine.id)
    stray = Device.select().where(Device.holder == Holder.WAREHOUSE).order_by(Device.id).get()
    sights = [Sight(line.code, line.device_id) for line in expected][:-_LEFT_TO_SEE]
    for number, sight in enumerate([*sights, Sight(stray.serial, stray.id), Sight(_STRANGE)]):
        at = begun + timedelta(seconds=10 * number)
        stocktakes.see(made.id, sight, action_id=uuid.uuid4(), year=year, actor=who, now=at)
