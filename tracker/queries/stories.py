"""What happened to a device or to a pupil, from the ledger: ids turned into names in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import peewee

from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.pupils import Pupil
from tracker.models.schools import School
from tracker.models.users import User
from tracker.queries.pupils import visible
from tracker.rules.access import Scope

MOST_EVENTS = 200
"""A story is cut to its newest events: a device has a few dozen in its life."""

_PUPIL_COLUMNS = ("pupil_id", "allocated_to", "answerable")


@dataclass(frozen=True)
class Names:
    """The names behind the ids of a story; a pupil who may not be seen is not in it."""

    users: dict[int, str]
    schools: dict[int, str]
    pupils: dict[int, str]


@dataclass(frozen=True)
class Story:
    """Events of the ledger, the newest first, with the names behind their ids and the serial of each device.

    `elsewhere`: ids of the events at a school that the person does not see; neither who nor why is told of them.
    """

    events: tuple[CustodyEvent, ...]
    names: Names
    serials: dict[int, str]
    elsewhere: frozenset[int] = frozenset()


def device_story(device: dict[str, Any], scope: Scope, *, name_pupils: bool) -> Story:
    """The story of one device. Four queries, three where pupils are not named."""
    events = _newest(CustodyEvent.device == device["id"])
    names = _names(events, scope, name_pupils)
    return Story(tuple(events), names, {device["id"]: device["serial"]}, _elsewhere(events, scope))


def pupil_story(pupil_id: int, scope: Scope) -> Story:
    """Each movement of a device that speaks of this pupil, and the one after it. Five queries."""
    loans = Loan.select(Loan.device).where(Loan.pupil == pupil_id)
    allocations = Allocation.select(Allocation.device).where(Allocation.pupil == pupil_id)
    events = _about(pupil_id, _newest(CustodyEvent.device.in_(loans | allocations)))
    ids = {event.device_id for event in events}
    serials = {row.id: row.serial for row in Device.select(Device.id, Device.serial).where(Device.id.in_(ids))}
    return Story(tuple(events), _names(events, scope, name_pupils=True), serials, _elsewhere(events, scope))


def _elsewhere(events: Iterable[CustodyEvent], scope: Scope) -> frozenset[int]:
    places = {event.id: event.desk_school_id or event.school_id for event in events}
    return frozenset(event_id for event_id, school_id in places.items() if school_id and not scope.covers(school_id))


def _newest(condition: peewee.Expression) -> list[CustodyEvent]:
    query = CustodyEvent.select().where(condition).order_by(CustodyEvent.at.desc(), CustodyEvent.id.desc())
    return list(query.limit(MOST_EVENTS))


def _about(pupil_id: int, events: Iterable[CustodyEvent]) -> list[CustodyEvent]:
    """Of the events of some devices those that touch the pupil: spoken of in the event, or in the one before it."""
    listed = list(events)
    spoken = {(event.device_id, event.sequence) for event in listed if pupil_id in _pupils(event)}
    return [event for event in listed if {(event.device_id, event.sequence - step) for step in (0, 1)} & spoken]


def _pupils(event: CustodyEvent) -> set[int]:
    return {getattr(event, column) for column in _PUPIL_COLUMNS} - {None}


def _names(events: list[CustodyEvent], scope: Scope, name_pupils: bool) -> Names:
    pupil_ids = set().union(*(_pupils(event) for event in events))
    school_ids = {each for event in events for each in (event.school_id, event.desk_school_id) if each}
    return Names(
        users=_users({event.actor_id for event in events if event.actor_id}),
        schools={row.id: row.name for row in School.select(School.id, School.name).where(School.id.in_(school_ids))},
        pupils=pupil_names(pupil_ids, scope) if name_pupils else {},
    )


def _users(ids: set[int]) -> dict[int, str]:
    return {row.id: row.name for row in User.select(User.id, User.name).where(User.id.in_(ids))}


def pupil_names(ids: Iterable[int], scope: Scope) -> dict[int, str]:
    """The names of those pupils who may be seen within the scope. One query."""
    query = Pupil.select(Pupil.id, Pupil.last_name, Pupil.first_name).where(Pupil.id.in_(set(ids)), visible(scope))
    return {row.id: row.full_name for row in query}
