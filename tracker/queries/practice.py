"""Codes to try a desk with: real devices and pupils of one school, each with the answer that they should get."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import peewee

from tracker.models.agreements import Agreement
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Allocation, Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.queries.pupils import Year, schooled
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState
from tracker.rules.custody import DeviceKind, DeviceState, Holder
from tracker.rules.eligibility import Eligible

NO_SUCH_SERIAL = "PF0TEST1"
"""A serial of a maker's form that no device of the programme has."""


_IS_HERE = Device.holder == Holder.SCHOOL
"""What is in a parcel for the school is not there yet (D8)."""


@dataclass(frozen=True)
class Practice:
    """What to scan, in this order, and what the desk should answer.

    `answer`: done, already, or the code of a refusal. `scans`: what each text is (device, pupil, article) and the
    text itself. `facts`: the names behind them, for people.
    """

    answer: str
    scans: tuple[tuple[str, str], ...]
    facts: dict[str, str] = field(default_factory=dict)


def test_codes(school_id: int, year: Year, scope: Scope) -> list[Practice]:
    """A handful of situations at the desk of this school; those for which nothing is on record are left out.

    A device of another place is named only to who may see it.

    Nothing is reserved: once a device of the list has been handed over, ask again.
    """
    here = _Here(school_id, year, scope)
    return [practice for practice in here.situations() if practice]


class _Here:
    def __init__(self, school_id: int, year: Year, scope: Scope) -> None:
        self.school_id, self.year, self.scope = school_id, year, scope

    def situations(self) -> Iterator[Practice | None]:
        free, other_free = self._free_devices(2)
        ready, other_ready = self._ready_pupils(2)
        yield _pair("done", free, ready)
        yield _pair("agreement_missing", other_free, self._pupil_without_agreement())
        yield _pair("second_year", other_free, self._pupil_in_second_year())
        yield _pair("device_allocated", self._device_of_somebody_else(), other_ready)
        yield self._already()
        yield _pair("device_lent", self._lent_device(), other_ready)
        yield _pair("pupil_has_laptop", other_free, self._pupil_with_laptop())
        yield _pair("device_other_school", self._device_elsewhere(), other_ready)
        yield _alone("device_lost", self._device_in(DeviceState.LOST))
        yield _alone("device_stolen", self._device_in(DeviceState.STOLEN))
        yield self._article()
        yield Practice("device_unknown", (("device", NO_SUCH_SERIAL),))

    def _free_devices(self, count: int) -> list[Device | None]:
        taken = Allocation.select(Allocation.device).where(Allocation.ended_at.is_null())
        query = self._devices(DeviceState.IN_STOCK).where(Device.id.not_in(taken), _IS_HERE).limit(count)
        return _padded(query, count)

    def _devices(self, state: DeviceState) -> peewee.ModelSelect:
        laptop = (Device.kind == DeviceKind.LAPTOP) & (Device.state == state) & (Device.holder != Holder.PARCEL)
        return Device.select().where(laptop, Device.school == self.school_id).order_by(Device.id.desc())

    def _pupils(self) -> peewee.ModelSelect:
        """Eligible or not, schooled here, without a laptop and with none set aside."""
        provided = Allocation.select(Allocation.pupil).where(Allocation.ended_at.is_null())
        return (
            Pupil.select()
            .join(Enrolment, on=(Enrolment.pupil == Pupil.id))
            .join(Agreement, peewee.JOIN.LEFT_OUTER, on=self._agreement())
            .where(Enrolment.school == self.school_id, schooled(self.year))
            .where(Pupil.id.not_in(provided))
            .order_by(Pupil.id.desc())
        )

    def _agreement(self) -> peewee.Expression:
        return (Agreement.pupil == Pupil.id) & (Agreement.school_year == self.year.school_year)

    def _ready_pupils(self, count: int) -> list[Pupil | None]:
        ready = (Enrolment.eligible == Eligible.YES) & (Agreement.state == AgreementState.VALIDATED)
        return _padded(self._pupils().where(ready).limit(count), count)

    def _pupil_without_agreement(self) -> Pupil | None:
        unsigned = Agreement.state.is_null() | (Agreement.state != AgreementState.VALIDATED)
        return self._pupils().where(Enrolment.eligible == Eligible.YES, unsigned).first()

    def _pupil_in_second_year(self) -> Pupil | None:
        return self._pupils().where(Enrolment.eligible_reason == "second_year").first()

    def _device_of_somebody_else(self) -> Device | None:
        aside = Allocation.select(Allocation.device).where(Allocation.ended_at.is_null())
        return self._devices(DeviceState.IN_STOCK).where(Device.id.in_(aside), _IS_HERE).first()

    def _loan(self) -> Loan | None:
        lent = (Loan.school == self.school_id) & Loan.ended_at.is_null() & (Loan.kind == DeviceKind.LAPTOP)
        return Loan.select(Loan, Device, Pupil).join(Device).switch(Loan).join(Pupil).where(lent).first()

    def _already(self) -> Practice | None:
        loan = self._loan()
        return _pair("already", loan.device, loan.pupil) if loan else None

    def _lent_device(self) -> Device | None:
        loan = self._loan()
        return loan.device if loan else None

    def _pupil_with_laptop(self) -> Pupil | None:
        loan = self._loan()
        return loan.pupil if loan else None

    def _device_elsewhere(self) -> Device | None:
        at_a_school = (Device.holder == "school") & (Device.state == DeviceState.IN_STOCK)
        elsewhere = at_a_school & (Device.school != self.school_id) & within(self.scope, Device.school)
        return Device.select().where(elsewhere).order_by(Device.id).first()

    def _device_in(self, state: DeviceState) -> Device | None:
        seen = (Device.state == state) & within(self.scope, Device.school)
        return Device.select().where(seen).order_by(Device.id).first()

    def _article(self) -> Practice | None:
        model = DeviceModel.select().where(DeviceModel.article != "").order_by(DeviceModel.id).first()
        return Practice("saw_article", (("article", model.article),), {"model": model.label}) if model else None


def _padded(query: peewee.ModelSelect, count: int) -> list[Any]:
    found = list(query)
    return found + [None] * (count - len(found))


def _pair(answer: str, device: Device | None, pupil: Pupil | None) -> Practice | None:
    if device is None or pupil is None:
        return None
    scans = (("device", device.tag), ("pupil", pupil.slip_code))
    return Practice(answer, scans, {"serial": device.serial, "pupil": pupil.full_name})


def _alone(answer: str, device: Device | None) -> Practice | None:
    return Practice(answer, (("device", device.serial),), {"serial": device.serial}) if device else None
