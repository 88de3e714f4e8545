"""The file of guardians next to the guardians on file: who is legal, and how each is reached (A1)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import peewee

from tracker.models.agreements import Invitation
from tracker.models.database import among
from tracker.models.pupils import Guardian
from tracker.models.rosters import RosterChange, RosterImport
from tracker.operations.rosters.ground import Ground, held_up_by
from tracker.queries import rosters as queries
from tracker.queries.rosters import Known
from tracker.rosters.rows import GuardianRow, Problem, Roster, Severity
from tracker.rules.names import restored
from tracker.rules.rosters import ChangeKind, Stop

AT_ONCE = 1_000
"""Rows of one INSERT."""

BEFORE_PUPILS = "guardians_before_pupils"
"""The problem of a file that comes before the pupils whom it is about."""

FIELDS = ("title", "last_name", "first_name", "email", "phone", "legal", "rank")

_OnFile = Mapping[int, list[dict[str, Any]]]
"""The guardians of each pupil who has any, in their order."""


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
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The figures of the file."""
        return {"pupils": self.pupils, "changed": len(self.families), "unchanged": self.unchanged}


def compare_guardians(roster: Roster, ground: Ground, _accepted: Mapping[str, Any]) -> GuardianComparison:
    """Rule A1. Compare a roster of guardians with what is known. Reads only, in a fixed number of queries."""
    rows: dict[str, list[GuardianRow]] = defaultdict(list)
    for row in roster.guardians:
        rows[row.roster_id].append(row)
    pupils = _pupils(ground)
    roster.problems = [_with_name(problem, pupils) for problem in roster.problems]
    result = GuardianComparison(roster, ground, pupils=len(rows))
    if ground.school:
        result.problems = _unknown(rows, pupils)
        pupils = _without_moved(rows, pupils, result)
    on_file = queries.rows_of_guardians(known.pupil_id for known in pupils.values())
    for roster_id in rows.keys() & pupils.keys():
        _take_rows(rows[roster_id], pupils[roster_id], on_file, result)
    _take_missing(rows, pupils, on_file, result)
    result.families.sort(key=lambda family: family.name)
    return result


def _pupils(ground: Ground) -> dict[str, Known]:
    """The pupils of this school and year, those who have left among them, by their number in the school."""
    if ground.school is None:
        return {}
    there = queries.pupils_of_school(ground.school.id, ground.school_year, ground.today)
    return {each.roster_id: each for each in there if each.roster_id and each.school_year == ground.school_year}


def _name(known: Known) -> str:
    return f"{known.last_name} {known.first_name}"


def _with_name(problem: Problem, pupils: Mapping[str, Known]) -> Problem:
    """The reader has a pupil's number only."""
    return replace(problem, pupil=_name(pupils[problem.pupil])) if problem.pupil in pupils else problem


def _without_moved(rows: Mapping[str, Any], pupils: dict[str, Known], result: GuardianComparison) -> dict[str, Known]:
    """Rules A1, L1. Who left and is at another school since: their guardians are that school's to say."""
    ground = result.ground
    ended = [known.pupil_id for number, known in pupils.items() if number in rows and not known.stays(ground.today)]
    newest = queries.newest_enrolments(ended, ground.today) if ended else []
    moved = {known.pupil_id for known in newest if known.school_id != ground.school_id}
    if moved:
        facts = {"count": str(len(moved))}
        result.problems.append(Problem(Severity.INFORMATION, "guardians_elsewhere", facts=facts))
    return {number: known for number, known in pupils.items() if known.pupil_id not in moved}


def _take_rows(rows: list[GuardianRow], known: Known, on_file: _OnFile, result: GuardianComparison) -> None:
    before = on_file.get(known.pupil_id, [])
    after = [_values(row, before) for row in sorted(rows, key=lambda row: row.rank)]
    if before == after:
        result.unchanged += 1
    else:
        result.families.append(Family(known.pupil_id, _name(known), before, after))


def _take_missing(
    rows: Mapping[str, Any], pupils: Mapping[str, Known], on_file: _OnFile, result: GuardianComparison
) -> None:
    """Rule A1. Who is schooled here and has no guardian in the file has none any more, behind a yes when many."""
    roster, ground = result.roster, result.ground
    schooled = {number: known for number, known in pupils.items() if _is_schooled(known, ground)}
    had = {number: known for number, known in schooled.items() if known.pupil_id in on_file}
    named = rows.keys() | roster.unread_families
    lost = _sure([known for number, known in had.items() if number not in named], result)
    result.families += [Family(known.pupil_id, _name(known), on_file[known.pupil_id], []) for known in lost]
    result.stops = held_up_by(
        roster, ground, families=len(had) - len(lost), known_families=len(had),
        names_nobody=not named and not roster.nameless,
    )  # fmt: skip


def _sure(missing: list[Known], result: GuardianComparison) -> list[Known]:
    """Who of the missing loses their guardians: nobody, while a link of the file may be theirs. Either is said."""
    nameless = result.roster.nameless
    if missing and nameless:
        facts = {"rows": str(nameless), "missing": str(len(missing))}
        result.problems.append(Problem(Severity.WARNING, "families_unsure", facts=facts))
        return []
    if missing:
        result.problems.append(Problem(Severity.WARNING, "guardians_gone", facts={"count": str(len(missing))}))
    return missing


def _is_schooled(known: Known, ground: Ground) -> bool:
    """Rule E3. Of who has left or is in no class, the file need not name the family any more."""
    return bool(known.mef and known.class_name) and known.gone_since(ground.today) is None


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
        return [Problem(Severity.ERROR, BEFORE_PUPILS, whole_file=True)]
    return [
        Problem(Severity.WARNING, "guardian_of_unknown_pupil", rows[each][0].line, each, "ELEVE_ID") for each in missing
    ]


def write_guardians(comparison: GuardianComparison, roster_import: RosterImport) -> None:
    """Put the families of the file in place of those on file, within the caller's transaction."""
    new = [family for family in comparison.families if not family.before]
    for some in peewee.chunked([row | {"pupil": family.pupil_id} for family in new for row in family.after], AT_ONCE):
        Guardian.insert_many(some).execute()
    gone = _take_all_away([family.pupil_id for family in comparison.families if not family.after])
    for family in comparison.families:
        if family.before and family.after:
            gone[family.pupil_id] = _replace(family.pupil_id, family.after)
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
    kept = _kept(guardian, [row.id for row in invited])
    guardian.delete_instance()
    return kept


def _kept(guardian: Guardian, invitations: list[int]) -> dict[str, Any]:
    return {name: getattr(guardian, name) for name in ("id", *FIELDS)} | {"invitations": invitations}


def _take_all_away(pupil_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """These pupils have no guardian any more: what `_replace` answers of each, in three statements for all of them."""
    gone: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if not pupil_ids:
        return gone
    theirs = among(Guardian.pupil, pupil_ids)
    invited: dict[int, list[int]] = defaultdict(list)
    named = Invitation.select(Invitation.guardian, Invitation.id).join(Guardian).where(theirs)
    for guardian_id, invitation_id in named.tuples():
        invited[guardian_id].append(invitation_id)
    for guardian in Guardian.select().where(theirs).order_by(Guardian.rank, Guardian.id):
        gone[guardian.pupil_id].append(_kept(guardian, invited[guardian.id]))
    Guardian.delete().where(theirs).execute()
    return gone


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
