"""A reading in plain values: what a screen shows of it today and in a year, and the JSON of the terminal."""

from collections.abc import Callable
from typing import Any

from tracker.operations.rosters.comparison import Comparison, Planned
from tracker.operations.rosters.guardians import Family, GuardianComparison
from tracker.operations.rosters.journal import plain
from tracker.operations.rosters.matching import Proposal
from tracker.operations.rosters.placing import Placed, Placing
from tracker.operations.rosters.readings import Reading
from tracker.operations.rosters.vocabulary import VocabularyComparison
from tracker.queries.rosters import names_of_schools
from tracker.rosters.rows import Problem
from tracker.rules.rosters import ChangeKind

MOST_SHOWN = 1_000
"""Changes of one kind that are kept for the screen; the counts tell of all."""


def summary(reading: Reading) -> dict[str, Any]:
    """What is kept with an import."""
    compared = reading.compared
    return {
        "counts": reading.counts(),
        "stops": [stop.value for stop in (compared.stops if compared else [])],
        "problems": [_problem(problem) for problem in reading.problems],
        "changes": _changes(compared) if compared else [],
        "proposals": _proposals(compared.proposals) if isinstance(compared, Comparison) else [],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity.value, "code": problem.code, "line": problem.line, "pupil": problem.pupil,
        "field": problem.field, "facts": dict(problem.facts),
    }  # fmt: skip


def _changes(compared: Any) -> list[dict[str, Any]]:
    if isinstance(compared, GuardianComparison):
        return [_family(each) for each in compared.families[:MOST_SHOWN]]
    if isinstance(compared, VocabularyComparison):
        return [_name(compared, code) for code in sorted(compared.changed)[:MOST_SHOWN]]
    names = names_of_schools(each.elsewhere.school_id for each in compared.planned if each.elsewhere)
    return [_change(each, names) for kind in ChangeKind for each in compared.of_kind(kind)[:MOST_SHOWN]]


def _change(planned: Planned, schools: dict[int, str]) -> dict[str, Any]:
    row = planned.placed.row if planned.placed else None
    known = planned.here or planned.elsewhere
    elsewhere = planned.elsewhere if planned.kind is ChangeKind.MOVE else None
    return {
        "kind": planned.kind.value,
        "name": planned.name,
        "pupil_id": planned.pupil_id,
        "line": row.line if row else None,
        "class_name": row.class_name if row else known.class_name if known else "",
        "eligible": planned.placed.answer.verdict.value if planned.placed else "",
        "reason": planned.placed.answer.reason if planned.placed else "",
        "left_on": plain(planned.left_on),
        "from_school": schools.get(elsewhere.school_id, "") if elsewhere else "",
        "loan_follows": planned.loan_follows,
        "fields": {name: [plain(was), plain(now)] for name, (was, now) in planned.fields.items()},
    }


def _family(family: Family) -> dict[str, Any]:
    shown = [[_guardian(row) for row in rows] for rows in (family.before, family.after)]
    return {
        "kind": ChangeKind.CHANGED.value, "name": family.name, "pupil_id": family.pupil_id, "line": None,
        "fields": {"guardians": ["; ".join(rows) for rows in shown]},
    }  # fmt: skip


def _guardian(row: dict[str, Any]) -> str:
    who = " ".join(part for part in (row["title"], row["last_name"], row["first_name"]) if part)
    return ", ".join(part for part in (who, row["email"], row["phone"]) if part) + ("" if row["legal"] else " *")


def _name(compared: VocabularyComparison, code: str) -> dict[str, Any]:
    return {
        "kind": ChangeKind.CHANGED.value, "name": code, "pupil_id": None, "line": None,
        "fields": {"label": [compared.before.get(code), compared.changed[code]]},
    }  # fmt: skip


def _proposals(proposals: list[Proposal]) -> list[dict[str, Any]]:
    schools = names_of_schools(each.known.school_id for each in proposals)
    return [
        {
            "key": each.key, "line": each.row.line, "name": each.row.name, "birth_date": plain(each.row.birth_date),
            "class_name": each.row.class_name, "pupil_id": each.known.pupil_id, "school_year": each.known.school_year,
            "known_name": f"{each.known.last_name} {each.known.first_name}", "known_class": each.known.class_name,
            "school": schools.get(each.known.school_id, ""), "left_on": plain(each.known.left_on),
        }
        for each in proposals
    ]  # fmt: skip


def report(reading: Reading, say: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    """The JSON of `tracker roster preview` and `apply`; `say` puts a problem into a sentence."""
    compared = reading.compared
    problems = [_problem(problem) for problem in reading.problems]
    return {
        "school": reading.uai,
        "school_year": reading.school_year,
        "kind": reading.roster.kind.value if reading.roster.kind else None,
        "refused": reading.refused,
        "stops": [stop.value for stop in reading.open_stops],
        "counts": reading.counts(),
        "pupils": _pupils(compared) if isinstance(compared, Comparison) else [],
        "problems": [
            {name: each[name] for name in ("severity", "code", "line", "pupil", "field")} | {"message": say(each)}
            for each in problems
        ],
    }


def _pupils(compared: Comparison) -> list[dict[str, Any]]:
    return [_pupil(each, compared.placing) for each in compared.placed]


def _pupil(placed: Placed, placing: Placing) -> dict[str, Any]:
    row = placed.row
    return {
        "ine": placed.pupil[0],
        "last_name": row.last_name,
        "first_name": row.first_name,
        "class_name": row.class_name,
        "level": placed.enrolment[0],
        "eligible": placed.answer.verdict.value,
        "reason": placed.answer.reason,
        "boarder": placing.boarder(row),
        "newcomer": placing.newcomer(row),
        "of_age": placing.of_age(row.birth_date),
    }
