"""Families that still have a device to send back: what it is, whom mail reaches, what was sent before (L7)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import peewee
from peewee import JOIN

from tracker.models.devices import Device, DeviceModel
from tracker.models.family_links import FamilyLink
from tracker.models.mail import OutboxMail
from tracker.models.parcels import Parcel
from tracker.models.pupils import Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.schools import School
from tracker.queries.families import contacts_of, has_left
from tracker.queries.scope import within
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.calendar import local_date
from tracker.rules.custody import DeviceState
from tracker.rules.expected_returns import is_overdue
from tracker.rules.families import LinkPurpose
from tracker.rules.parcels import ParcelState
from tracker.rules.recipients import Asked, Contact, Reach, reach

BATCH = 1_000
ON_ITS_WAY = (ParcelState.SHIPPED, ParcelState.RECEIVED, ParcelState.CLOSED)
"""A parcel with which the family has done its part."""


@dataclass(frozen=True)
class Owed:
    """One device to be sent back; `expected_on`: since when."""

    label: str
    serial: str
    expected_on: date
    due_on: date


@dataclass(frozen=True)
class OwingFamily:
    """A pupil with what must come back; `asked`: the mails since it is expected, by address."""

    pupil: Pupil
    school: str
    devices: tuple[Owed, ...]
    reach: Reach
    asked: dict[str, list[Asked]]

    @property
    def name(self) -> str:
        """Given name first, as in a letter."""
        return f"{self.pupil.first_name} {self.pupil.last_name}"

    def is_late(self, today: date) -> bool:
        """Whether nothing of it is still in time."""
        return all(is_overdue(each.due_on, today) for each in self.devices)


def expected_of_families(scope: Scope) -> peewee.ModelSelect:
    """Rule L7. What is expected of pupils, within the scope, and not on its way yet.

    Nobody is asked for what was lost or stolen: there is nothing to send.
    """
    is_waiting = ExpectedReturn.parcel.is_null() | Parcel.state.not_in(list(ON_ITS_WAY))
    is_waiting &= Device.state.not_in([DeviceState.LOST, DeviceState.STOLEN])
    return (
        ExpectedReturn.select(ExpectedReturn, Pupil, School, Device, DeviceModel)
        .join(Pupil)
        .join_from(ExpectedReturn, School)
        .join_from(ExpectedReturn, Device)
        .join(DeviceModel)
        .join_from(ExpectedReturn, Parcel, JOIN.LEFT_OUTER)
        .where(ExpectedReturn.closed_at.is_null(), within(scope, ExpectedReturn.school), is_waiting)
    )


def still_owed(pupil_id: int) -> tuple[Owed, ...]:
    """Rule L7. What this pupil must send back and has not, the longest due first. One query."""
    theirs = expected_of_families(EVERYWHERE).where(ExpectedReturn.pupil == pupil_id)
    return _owed(theirs.order_by(ExpectedReturn.due_on, ExpectedReturn.id))


def to_be_reminded(scope: Scope) -> peewee.ModelSelect:
    """The same without the devices that the family says it gave to the school."""
    return expected_of_families(scope).where(ExpectedReturn.handed_in_at.is_null())


def owing_families(query: peewee.ModelSelect, today: date) -> list[OwingFamily]:
    """The families of what `query` selects, each pupil once. Three queries."""
    rows = list(query.order_by(ExpectedReturn.pupil, ExpectedReturn.due_on, ExpectedReturn.id))
    ids = {row.pupil_id for row in rows}
    contacts, links = contacts_of(ids), _links(ids)
    by_pupil = groupby(rows, key=lambda row: row.pupil_id)
    return [_family(list(owed), contacts[pupil], links[pupil], today) for pupil, owed in by_pupil]


def in_batches(query: peewee.ModelSelect, today: date) -> Iterator[list[OwingFamily]]:
    """All of them, a thousand pupils at a time."""
    last = 0
    pupils = query.select(ExpectedReturn.pupil).distinct().order_by(ExpectedReturn.pupil).limit(BATCH)
    while ids := [pupil for (pupil,) in pupils.where(ExpectedReturn.pupil > last).tuples()]:
        yield owing_families(query.where(ExpectedReturn.pupil.in_(ids)), today)
        last = max(ids)


def _family(
    rows: list[ExpectedReturn], contacts: list[Contact], links: list[dict[str, Any]], today: date
) -> OwingFamily:
    pupil, since = rows[0].pupil, min(row.opened_at for row in rows)
    asked: dict[str, list[Asked]] = defaultdict(list)
    for link in links:
        if link["created_at"] >= since:
            sent = Asked(local_date(link["created_at"]), link["created_by"] is None, link["failed_at"] is not None)
            asked[link["recipient"]].append(sent)
    return OwingFamily(
        pupil=pupil, school=rows[0].school.name, asked=dict(asked), devices=_owed(rows),
        reach=reach(pupil.birth_date, pupil.email, contacts, deceased=pupil.deceased, today=today),
    )  # fmt: skip


def _owed(rows: Iterable[ExpectedReturn]) -> tuple[Owed, ...]:
    return tuple(Owed(row.device.model.label, row.device.serial, local_date(row.opened_at), row.due_on) for row in rows)


def _links(pupil_ids: set[int]) -> dict[int, list[dict[str, Any]]]:
    columns = FamilyLink.pupil, FamilyLink.recipient, FamilyLink.created_at, FamilyLink.created_by
    query = (
        FamilyLink.select(*columns, OutboxMail.failed_at)
        .join(OutboxMail, JOIN.LEFT_OUTER)
        .where(FamilyLink.pupil.in_(sorted(pupil_ids)), FamilyLink.purpose == LinkPurpose.RETURN, has_left())
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in query.dicts():
        found[row["pupil"]].append(row)
    return found
