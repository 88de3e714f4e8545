"""Imports of rosters as their list and their page show them, within the schools of the person who asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import peewee
from peewee import JOIN

from tracker.models.rosters import RosterChange, RosterImport
from tracker.models.schools import School
from tracker.models.users import User
from tracker.queries.pages import Order
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.rosters import ChangeKind, ImportState

ORDER = Order(RosterImport.id, RosterImport.id, newest_first=True)


@dataclass(frozen=True)
class ImportFilter:
    """What the list is narrowed to; empty: every import."""

    school: int | None = None
    state: str = ""
    kind: str = ""


def listing(filters: ImportFilter, scope: Scope) -> peewee.ModelSelect:
    """The imports that match, to be ordered and cut by queries.pages."""
    equal = {
        RosterImport.school: filters.school, RosterImport.state: filters.state, RosterImport.kind: filters.kind
    }  # fmt: skip
    conditions = [column == value for column, value in equal.items() if value]
    return RosterImport.select(RosterImport.id).where(within(scope, RosterImport.school), *conditions)


def with_columns(filters: ImportFilter, scope: Scope) -> peewee.ModelSelect:
    """The same imports with what the list shows of each; of what was found, the counts alone."""
    return (
        listing(filters, scope)
        .join_from(RosterImport, School, on=(School.id == RosterImport.school))
        .join_from(RosterImport, User, JOIN.LEFT_OUTER, on=(User.id == RosterImport.uploaded_by))
        .select(
            RosterImport.id, RosterImport.uploaded_at, RosterImport.file_name, RosterImport.kind, RosterImport.state,
            RosterImport.origin, RosterImport.preview["counts"].alias("counts"), School.name.alias("school"),
            School.uai, User.name.alias("who"),
        )
    )  # fmt: skip


def people_of(found: RosterImport) -> dict[int, str]:
    """The names of who uploaded, applied and undid an import, by id. One query."""
    ids = {found.uploaded_by, found.applied_by, found.undone_by} - {None}
    return names_of_people(ids)


def names_of_people(ids: Iterable[int]) -> dict[int, str]:
    """The names of accounts, by id."""
    return dict(User.select(User.id, User.name).where(User.id.in_(sorted(ids))).tuples())


def came_by_roster(pupil_id: int) -> list[dict[str, Any]]:
    """The applied imports that brought this pupil to a school, while their journal is kept. One query."""
    kinds = [ChangeKind.ARRIVAL.value, ChangeKind.MOVE.value]
    return list(
        RosterChange.select(
            RosterChange.kind, RosterImport.id.alias("import_id"), RosterImport.applied_at,
            RosterImport.school.alias("school_id"), School.name.alias("school"), User.name.alias("who"),
        )
        .join(RosterImport)
        .join(School, on=(School.id == RosterImport.school))
        .join_from(RosterImport, User, JOIN.LEFT_OUTER, on=(User.id == RosterImport.applied_by))
        .where(
            RosterChange.pupil == pupil_id, RosterChange.kind.in_(kinds),
            RosterImport.state == ImportState.APPLIED.value,
        )
        .dicts()
    )  # fmt: skip
