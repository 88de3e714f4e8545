"""The codes of the rosters whose meaning an administrator settles, and whom each concerns (E1, L5)."""

from dataclasses import dataclass
from datetime import datetime

import peewee
from peewee import fn

from tracker.models.pupils import Enrolment
from tracker.models.rosters import CodeAnswer
from tracker.rules.levels import COMPARED
from tracker.rules.rosters import CodeKind

compared_mef = fn.SUBSTR(Enrolment.mef, 1, COMPARED)
"""The level code of an enrolment as codes are compared."""


@dataclass(frozen=True)
class AskedCode:
    """A code with what the school's nomenclature calls it and what was answered; open while `meaning` is empty.

    `pupils`: how many enrolments of the school year have it.
    """

    kind: CodeKind
    code: str
    label: str
    meaning: str
    answered_by: int | None
    answered_at: datetime | None
    pupils: int

    @property
    def is_open(self) -> bool:
        """Whether nobody has said yet what it means."""
        return not self.meaning


def open_codes() -> int:
    """How many codes nobody has said the meaning of. One query."""
    return CodeAnswer.select().where(CodeAnswer.meaning == "").count()


def asked_codes(school_year: int) -> list[AskedCode]:
    """All codes that were asked about: the open ones first, those of most pupils first. Three queries."""
    pupils = {
        CodeKind.MEF: _pupils(compared_mef, CodeKind.MEF, school_year),
        CodeKind.EXIT_REASON: _pupils(Enrolment.exit_reason, CodeKind.EXIT_REASON, school_year),
    }
    rows = CodeAnswer.select().order_by(CodeAnswer.kind, CodeAnswer.code)
    found = [_asked(row, pupils[CodeKind(row.kind)].get(row.code, 0)) for row in rows]
    return sorted(found, key=lambda each: (not each.is_open, -each.pupils))


def _asked(row: CodeAnswer, pupils: int) -> AskedCode:
    return AskedCode(
        CodeKind(row.kind), row.code, row.label, row.meaning, row.answered_by, row.answered_at, pupils
    )  # fmt: skip


def _pupils(column: peewee.Node, kind: CodeKind, school_year: int) -> dict[str, int]:
    asked = CodeAnswer.select(CodeAnswer.code).where(CodeAnswer.kind == kind)
    rows = Enrolment.select(column, fn.COUNT(Enrolment.id)).where(Enrolment.school_year == school_year)
    # By its place: with parameters in it PostgreSQL takes the same expression for another one.
    return dict(rows.where(column.in_(asked)).group_by(peewee.SQL("1")).tuples())
