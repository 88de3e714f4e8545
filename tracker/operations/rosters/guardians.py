"""The file of guardians next to the guardians on file: who is legal, and how each is reached (A1)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import peewee

from tracker.models.agreements import Invitation
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.rosters import RosterChange, RosterImport
from tracker.operations.rosters.ground import Ground, held_up_by
from tracker.queries import rosters as queries
from tracker.rosters.rows import GuardianRow, Problem, Roster, Severity
from tracker.rules.names import restored
from tracker.rules.rosters import ChangeKind, Stop

AT_ONCE = 1_000
"""Rows of one INSERT."""

FIELDS = ("title", "last_name", "first_name", "email", "phone", "legal", "rank")


@dataclass(frozen=True)
class Family:
    """The guardians of one pupil, before and after."""

    pupil_id: int
    name: str
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


@dataclass
class GuardianComparison:
    """What the file changes; families that stay as they are, are counted only."""

    roster: Roster
    ground: Ground
    families: list[Family] = field(default_factory=list)
    pupils: int = 0
    problems: list[Problem] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The figures of the file."""
        changed = len(self.families)
        return {"pupils": self.pupils, "changed": changed, "unchanged": self.pupils - changed}


def compare_guardians(roster: Roster, ground: Ground, _accepted: Mapping[str, Any]) -> GuardianComparison:
    """Compare a roster of guardians with what is known. Reads only, in a fixed number of queries."""
    rows: dict[str, list[GuardianRow]] = defaultdict(list)
    for row in roster.guardians:
        rows[row.roster_id].append(row)
    pupils = _pupils(ground)
    result = GuardianComparison(roster, ground, pupils=len(rows))
    result.problems = _unknown(rows, pupils) if ground.school else []
    known = queries.rows_of_guardians(pupil_id for pupil_id, _name in pupils.values())
    for roster_id in rows.keys() & pupils.keys():
        pupil_id, name = pupils[roster_id]
        before = known.get(pupil_id, [])
        after = [_values(row, before) for row in sorted(rows[roster_id], key=lambda row: row.rank)]
        if before != after:
            result.families.append(Family(pupil_id, name, before, after))
    result.families.sort(key=lambda family: family.name)
    result.stops = held_up_by(roster, ground, result.pupils)
    return result


def _pupils(ground: Ground) -> dict[str, tuple[int, str]]:
    if ground.school is None:
        return {}
    rows = (
        Enrolment.select(Enrolment.roster_id, Pupil.id, Pupil.last_name, Pupil.first_name)
        .join(Pupil)
        .where(
            Enrolment.school == ground.school, Enrolment.school_year == ground.school_year,
            Enrolment.roster_id.is_null(False),
        )
    )  # fmt: skip
    return {roster_id: (pupil_id, f"{last} {first}") for roster_id, pupil_id, last, first in rows.tuples()}


def _values(row: GuardianRow, before: list[dict[str, Any]]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FIELDS}
    for known in before:
        last, first = (restored(values[name], known[name]) for name in ("last_name", "first_name"))
        if (last, first) == (known["last_name"], known["first_name"]):
            return values | {"last_name": last, "first_name": first}
    return values


def _unknown(rows: Mapping[str, list[GuardianRow]], pupils: Mapping[str, Any]) -> list[Problem]:
    missing = sorted(rows.keys() - pupils.keys())
    if not missing:
        return []
    if not pupils:
        return [Problem(Severity.ERROR, "guardians_before_pupils", whole_file=True)]
    return [
        Problem(Severity.WARNING, "guardian_of_unknown_pupil", rows[each][0].line, each, "ELEVE_ID") for each in missing
    ]


def write_guardians(comparison: GuardianComparison, roster_import: RosterImport) -> None:
    """Put the families of the file in place of those on file, within the caller's transaction."""
    new = [family for family in comparison.families if not family.before]
    for some in peewee.chunked([row | {"pupil": family.pupil_id} for family in new for row in family.after], AT_ONCE):
        Guardian.insert_many(some).execute()
    gone = {family.pupil_id: _replace(family.pupil_id, family.after) for family in comparison.families if family.before}
    lines = [
        {
            "roster_import": roster_import.id, "pupil": family.pupil_id, "kind": ChangeKind.CHANGED.value,
            "before": {"guardians": family.before, "gone": gone.get(family.pupil_id, [])},
            "after": {"guardians": family.after},
        }
        for family in comparison.families
    ]  # fmt: skip
    for some in peewee.chunked(lines, AT_ONCE):
        RosterChange.insert_many(some).execute()


def _replace(pupil_id: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The guardians of a pupil are these, no others; answers who is gone, with the invitations that name them.

    Who stays keeps their row: an invitation names it.
    """
    there: dict[tuple[str, str], list[Guardian]] = defaultdict(list)
    for row in Guardian.select().where(Guardian.pupil == pupil_id).order_by(Guardian.rank, Guardian.id):
        there[row.last_name, row.first_name].append(row)
    for values in rows:
        same = there[values["last_name"], values["first_name"]]
        if same:
            Guardian.update(values).where(Guardian.id == same.pop(0).id).execute()
        else:
            Guardian.create(pupil=pupil_id, **values)
    return [_take_away(row) for left in there.values() for row in left]


def _take_away(guardian: Guardian) -> dict[str, Any]:
    invited = Invitation.select(Invitation.id).where(Invitation.guardian == guardian)
    kept = {name: getattr(guardian, name) for name in ("id", *FIELDS)}
    kept["invitations"] = [row.id for row in invited]
    guardian.delete_instance()
    return kept


def restore_guardians(pupil_id: int, rows: list[dict[str, Any]], gone: list[dict[str, Any]]) -> None:
    """The guardians of a pupil as they were; who was taken away has the same row and invitations again."""
    for each in gone:
        values = {name: each[name] for name in FIELDS} | {"pupil": pupil_id}
        if not Guardian.select().where(Guardian.id == each["id"]).exists():
            values["id"] = each["id"]
        back = Guardian.create(**values, force_insert=True)
        Invitation.update(guardian=back).where(
            Invitation.id.in_(each["invitations"]), Invitation.guardian.is_null()
        ).execute()
    _replace(pupil_id, rows)
