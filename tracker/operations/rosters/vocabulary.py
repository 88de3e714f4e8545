"""What a school calls its classes and its level codes: the files of structures and of the nomenclature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import peewee

from tracker.models.pupils import Enrolment
from tracker.models.rosters import CodeAnswer, RosterChange, RosterImport, SchoolClass
from tracker.operations.rosters.ground import Ground, held_up_by
from tracker.rosters.rows import Kind, Problem, Roster
from tracker.rules.eligibility import Level
from tracker.rules.levels import COMPARED, level_of, mef_key
from tracker.rules.rosters import ChangeKind, CodeKind, Stop

_LONGEST = 100


@dataclass
class VocabularyComparison:
    """The names before and after, by code; `table` says of what."""

    roster: Roster
    ground: Ground
    table: str
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)

    @property
    def changed(self) -> dict[str, str]:
        """The names that are new or different."""
        return {code: label for code, label in self.after.items() if self.before.get(code) != label}

    def counts(self) -> dict[str, int]:
        """The figures of the file."""
        return {"changed": len(self.changed), "unchanged": len(self.after) - len(self.changed)}


def compare_vocabulary(roster: Roster, ground: Ground, _accepted: Mapping[str, Any]) -> VocabularyComparison:
    """Compare names with those on file. Of level codes only those that the programme's table does not know matter."""
    if roster.kind is Kind.SIECLE_STRUCTURES:
        after = {row.code: row.label[:_LONGEST] for row in roster.classes}
        result = VocabularyComparison(roster, ground, "classes", _classes(ground), after)
    else:
        unknown = {
            mef_key(row.code): row.label[:_LONGEST] for row in roster.mefs if level_of(row.code) is Level.UNKNOWN
        }
        unknown.pop("", None)
        result = VocabularyComparison(roster, ground, "mefs", _labels(unknown), unknown)
    result.stops = held_up_by(roster, ground)
    return result


def _classes(ground: Ground) -> dict[str, str]:
    rows = SchoolClass.select(SchoolClass.code, SchoolClass.label)
    return dict(
        rows.where(SchoolClass.school == ground.school_id, SchoolClass.school_year == ground.school_year).tuples()
    )


def _labels(codes: Mapping[str, str]) -> dict[str, str]:
    rows = CodeAnswer.select(CodeAnswer.code, CodeAnswer.label)
    return dict(rows.where(CodeAnswer.kind == CodeKind.MEF, CodeAnswer.code.in_(list(codes))).tuples())


def write_vocabulary(comparison: VocabularyComparison, roster_import: RosterImport) -> None:
    """Keep the names of the file, within the caller's transaction."""
    if not comparison.changed:
        return
    put_names(comparison.table, roster_import, comparison.changed)
    before = {code: comparison.before.get(code) for code in comparison.changed}
    RosterChange.create(
        roster_import=roster_import, kind=ChangeKind.CHANGED, before={comparison.table: before},
        after={comparison.table: comparison.changed},
    )  # fmt: skip


def put_names(table: str, roster_import: RosterImport, names: Mapping[str, str | None]) -> None:
    """Give each code its name; None takes a class away, and a level code's name."""
    for code, label in names.items():
        if table == "classes":
            _put_class(roster_import, code, label)
        else:
            row, _new = CodeAnswer.get_or_create(kind=CodeKind.MEF, code=code)
            CodeAnswer.update(label=label or "").where(CodeAnswer.id == row.id).execute()
            if label is None:
                forget_code(CodeKind.MEF, code)


def _put_class(roster_import: RosterImport, code: str, label: str | None) -> None:
    key = {"school": roster_import.school_id, "school_year": roster_import.school_year, "code": code}
    there = SchoolClass.get_or_none(**key)
    if label is None and there:
        there.delete_instance()
    elif there:
        SchoolClass.update(label=label).where(SchoolClass.id == there.id).execute()
    elif label is not None:
        SchoolClass.create(**key, label=label)


def forget_code(kind: CodeKind, code: str) -> None:
    """Ask no more about a code that nobody has answered or named, and that no enrolment has."""
    column = peewee.fn.SUBSTR(Enrolment.mef, 1, COMPARED) if kind is CodeKind.MEF else Enrolment.exit_reason
    if not Enrolment.select().where(column == code).exists():
        unanswered = (CodeAnswer.meaning == "") & (CodeAnswer.label == "")
        CodeAnswer.delete().where(CodeAnswer.kind == kind, CodeAnswer.code == code, unanswered).execute()
