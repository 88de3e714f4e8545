"""One search for everything: the exact hit of a code, and what begins with the words that were typed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import peewee
from peewee import SQL, fn

from tracker.models.devices import Device, DeviceModel
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.queries import devices, noted_devices, pupils, stocktakes
from tracker.queries.code_rules import rules_in_force
from tracker.queries.noted_devices import Desks, NotedFilter
from tracker.queries.parcels import by_number
from tracker.queries.prefix import starts_with
from tracker.queries.pupils import PupilFilter, Year, visible
from tracker.queries.scanned import ScannedText, classified
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.codes import OwnKind, parse_own_code
from tracker.rules.names import search_key

MOST = 10
"""Results of a group; the filtered list has the rest."""

SHORTEST = 2
"""Characters of the shortest name, class or school that is looked for."""


@dataclass(frozen=True)
class Hit:
    """The one thing that a code names exactly: its page can be opened at once."""

    device_id: int | None = None
    pupil_id: int | None = None
    stocktake_id: int | None = None
    parcel_id: int | None = None
    record_id: int | None = None


@dataclass(frozen=True)
class Group:
    """At most MOST rows of one kind, and whether there are more."""

    rows: list[dict[str, Any]]
    more: bool


@dataclass(frozen=True)
class Results:
    """What begins with the text, by kind; pupils and classes are None for who does not see pupils.

    `noted`: devices that a returns desk noted and that are nobody's on record, settled or not; None without returns.
    """

    devices: Group
    schools: Group
    pupils: Group | None = None
    classes: Group | None = None
    noted: Group | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing at all was found."""
        return not any(group and group.rows for group in self._groups)

    @property
    def _groups(self) -> tuple[Group | None, ...]:
        return self.devices, self.schools, self.pupils, self.classes, self.noted


def readings(text: str) -> tuple[str, ...]:
    """The text itself, then the values of the codes it may be, once keyboard and label prefix are undone."""
    codes = classified([ScannedText(text)], rules_in_force())
    return tuple(dict.fromkeys([text.strip().upper(), *(code.value.upper() for code in codes if code.value)]))


def exact(
    values: Sequence[str], scope: Scope, *, sees_pupils: bool, sees_parcels: bool = False, desks: Desks | None = None
) -> Hit | None:  # fmt: skip
    """The one thing that one of these values names, when there is exactly one. A query for each kind.

    Who sees pupils may open the record of a stocktake too. `desks`: those whose notes of unknown devices are looked at.
    """
    found = [Hit(device_id=row.id) for row in _devices_named(values, scope)]
    if sees_parcels:
        found += [Hit(parcel_id=row.id) for row in by_number(values, scope)]
    if sees_pupils:
        found += [Hit(pupil_id=row.id) for row in _pupils_of_slips(values, scope)]
        found += [Hit(stocktake_id=each) for each in stocktakes.of_codes(values, scope)]
    if desks:
        found += [Hit(record_id=each) for each in noted_devices.of_serials(values, desks)]
    return found[0] if len(found) == 1 else None


def is_slip(values: Iterable[str]) -> bool:
    """Whether one of the values is a pupil's slip: for who sees no pupils, the hand-over desk is the place for it."""
    codes = (parse_own_code(value) for value in values)
    return any(code and code.kind is OwnKind.PUPIL_SLIP for code in codes)


def _devices_named(values: Sequence[str], scope: Scope) -> peewee.ModelSelect:
    return Device.select(Device.id).where(devices.bears(values), devices.seen_within(scope)).limit(2)


def _pupils_of_slips(values: Sequence[str], scope: Scope) -> peewee.ModelSelect:
    return Pupil.select(Pupil.id).where(Pupil.slip_code.in_(values), visible(scope)).limit(2)


def beginning_with(
    text: str, scope: Scope, year: Year, *, sees_pupils: bool, desks: Desks | None = None
) -> Results:  # fmt: skip
    """What begins with the text, at most MOST of each kind. Two queries, three more with pupils, one with `desks`."""
    return Results(
        devices=_group(_devices(text, scope)),
        schools=_group(_schools(text, scope, year)),
        pupils=_pupils(text, scope, year) if sees_pupils else None,
        classes=_group(_classes(text, scope, year)) if sees_pupils else None,
        noted=_group(_noted(text, desks)) if desks else None,
    )


def _group(query: peewee.ModelSelect) -> Group:
    rows = _first(query)
    return Group(rows[:MOST], len(rows) > MOST)


def _first(query: peewee.ModelSelect) -> list[dict[str, Any]]:
    """The rows of a group, and one more where there are more."""
    return list(query.limit(MOST + 1).dicts())


def _long_enough(text: str) -> peewee.Expression:
    return SQL("1 = 1") if len(text) >= SHORTEST else SQL("1 = 0")


def _devices(text: str, scope: Scope) -> peewee.ModelSelect:
    return (
        Device.select(
            Device.id, Device.serial, Device.state, Device.kind, DeviceModel.maker, DeviceModel.name.alias("model"),
            School.name.alias("school"),
        )
        .join(DeviceModel, on=(DeviceModel.id == Device.model))
        .join_from(Device, School, peewee.JOIN.LEFT_OUTER, on=(School.id == Device.school))
        .where(starts_with(Device.serial, text.strip().upper()), devices.seen_within(scope), _long_enough(text))
        .order_by(Device.serial)
    )  # fmt: skip


def _noted(text: str, desks: Desks) -> peewee.ModelSelect:
    matching = noted_devices.listing(NotedFilter(q=text.strip(), state=noted_devices.ALL), desks)
    shown = noted_devices.with_columns(matching, desks.scope)
    return shown.where(_long_enough(text)).order_by(*noted_devices.ORDER.terms(backwards=False))


def _pupils(text: str, scope: Scope, year: Year) -> Group:
    """Those whose family name begins so come first; the list that « see all » opens has the same rows.

    Two queries, each walking its own index in order and stopping early: one for both would sort all namesakes.
    """
    key = search_key(text)
    query = pupils.with_columns(PupilFilter(left="any"), scope, year).where(_long_enough(key))
    by_name = starts_with(Pupil.name_key, key)
    rows = _first(query.where(by_name).order_by(Pupil.name_key, Enrolment.id))
    by_given_name = query.where(starts_with(Pupil.first_name_key, key), ~by_name)
    rows += _first(by_given_name.order_by(Pupil.first_name_key, Enrolment.id))
    return Group(rows[:MOST], len(rows) > MOST)


def _classes(text: str, scope: Scope, year: Year) -> peewee.ModelSelect:
    """Classes of the year with their school and number of pupils."""
    begins = starts_with(Enrolment.class_name, text.strip().upper()) | starts_with(Enrolment.class_name, text.strip())
    return (
        School.select(
            School.id.alias("school_id"), School.name.alias("school"), Enrolment.class_name,
            fn.COUNT(Enrolment.id).alias("pupils"),
        )
        .join(Enrolment, on=(Enrolment.school == School.id))
        .where(within(scope, School.id), pupils.schooled(year), begins, _long_enough(text))
        .group_by(School.id, School.name, School.name_key, Enrolment.class_name)
        .order_by(Enrolment.class_name, School.name_key)
    )  # fmt: skip


def _schools(text: str, scope: Scope, year: Year) -> peewee.ModelSelect:
    """Schools by any word of their name, their town or their UAI: there are few, so that each is looked at."""
    key = search_key(text)
    a_word = starts_with(School.name_key, key) | School.name_key.contains(f" {key}")
    place = School.city.startswith(text.strip()) | School.uai.startswith(text.strip().upper())
    return (
        School.select(School.id, School.name, School.city, School.uai)
        .where(within(scope, School.id), a_word | place, _long_enough(key))
        .order_by(School.name_key)
    )
