"""What happened to the sample's devices before today: set aside, lost, sent to repair, handed over."""

import uuid
from datetime import datetime, timedelta
from random import Random

from tracker.models.agreements import Agreement
from tracker.models.devices import Device
from tracker.models.loans import Allocation
from tracker.models.pupils import Enrolment
from tracker.models.schools import Campaign, School
from tracker.models.users import SchoolMembership, User
from tracker.operations import allocations, custody, loans
from tracker.operations.custody import Circumstances
from tracker.rules.access import SYSTEM, Actor, Role, Scope
from tracker.rules.agreements import AgreementState
from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder, Movement
from tracker.rules.eligibility import Eligible

_MISHAPS = (
    (Movement.DECLARED_LOST, DeviceState.LOST, Holder.UNKNOWN, 6, "Perdu dans les transports"),
    (Movement.DECLARED_STOLEN, DeviceState.STOLEN, Holder.UNKNOWN, 4, "Déclaration au commissariat"),
    (Movement.SENT_TO_REPAIR, DeviceState.IN_REPAIR, Holder.REPAIRER, 8, "Écran fendu"),
)
SET_ASIDE = 4
HANDED_OVER_TODAY, HANDED_OVER_BEFORE = 3, 2
DAYS = 4


class Past:
    """The days before now, at the schools that have a pallet."""

    def __init__(self, campaign: Campaign, schools: list[School], dice: Random, now: datetime) -> None:
        self.campaign, self.schools, self.dice, self.now = campaign, schools, dice, now

    def happen(self) -> int:
        """Everything, oldest first; how many hand-overs were done."""
        self._mishaps()
        for school in self.schools:
            self._set_aside(school)
        return sum(self._hand_over_day(day) for day in reversed(range(DAYS + 1)))

    def _mishaps(self) -> None:
        for movement, state, holder, count, reason in _MISHAPS:
            for device in self._stock(None, count):
                around = Circumstances(reason=reason)
                at = self.now - timedelta(days=self.dice.randrange(6, 20))
                place = Custody(state, holder)
                custody.append(device, movement, place, actor=SYSTEM, now=at, circumstances=around)

    def _set_aside(self, school: School) -> None:
        pupils = self._waiting(school, SET_ASIDE)
        for device, pupil_id in zip(self._stock(school, SET_ASIDE), pupils, strict=False):
            allocations.allocate(device.id, pupil_id, actor=SYSTEM, now=self.now - timedelta(days=5))

    def _hand_over_day(self, days_ago: int) -> int:
        many = HANDED_OVER_BEFORE if days_ago else HANDED_OVER_TODAY
        at = self.now - timedelta(days=days_ago, minutes=5 * len(self.schools) * many)
        done = 0
        for school in self.schools[days_ago % 2 :: 2]:
            who = self._somebody_at(school)
            for device, pupil_id in zip(self._stock(school, many), self._waiting(school, many), strict=False):
                at += timedelta(minutes=2)
                self._hand_over(device, pupil_id, school, who, at)
                done += 1
        return done

    def _hand_over(self, device: Device, pupil_id: int, school: School, who: Actor, at: datetime) -> None:
        action_id = uuid.UUID(int=self.dice.getrandbits(128), version=4)
        request = loans.Request(device.id, pupil_id, school.id, action_id, scanned=device.serial)
        loans.hand_over(request, campaign=self.campaign, actor=who, now=at)

    def _somebody_at(self, school: School) -> Actor:
        theirs = User.select().join(SchoolMembership).where(SchoolMembership.school == school.id).first()
        if theirs and self.dice.random() < 0.5:
            return Actor(theirs.id, Role.SCHOOL, Scope(frozenset({school.id})))
        return Actor(User.get(User.role == Role.STAFF).id, Role.STAFF)

    def _stock(self, school: School | None, count: int) -> list[Device]:
        """Laptops in stock at the school, or in the warehouse, that are set aside for nobody."""
        place = Device.school.is_null() if school is None else Device.school == school.id
        of_stock = (Device.state == DeviceState.IN_STOCK) & (Device.kind == DeviceKind.LAPTOP)
        free = Device.id.not_in(Allocation.select(Allocation.device).where(Allocation.ended_at.is_null()))
        return list(Device.select().where(place, of_stock, free).order_by(Device.tag).limit(count))

    def _waiting(self, school: School, count: int) -> list[int]:
        """Pupils with everything that a hand-over asks for, who have no laptop and none set aside."""
        ready = (Enrolment.eligible == Eligible.YES) & (Agreement.state == AgreementState.VALIDATED)
        provided = Allocation.select(Allocation.pupil).where(Allocation.ended_at.is_null())
        query = (
            Enrolment.select(Enrolment.pupil)
            .join(Agreement, on=(Agreement.pupil == Enrolment.pupil))
            .where(Enrolment.school == school.id, ready, Enrolment.pupil.not_in(provided))
            .order_by(Enrolment.id)
        )
        return [row.pupil_id for row in query.limit(count)]
