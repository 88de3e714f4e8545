"""What a roster file says: pupils, guardians, classes, level codes, and the problems met while reading it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """The files that schools send, recognised by their content."""

    SIECLE_PUPILS = "siecle_pupils"
    SIECLE_GUARDIANS = "siecle_guardians"
    SIECLE_STRUCTURES = "siecle_structures"
    SIECLE_NOMENCLATURES = "siecle_nomenclatures"
    FREGATA_CSV = "fregata_csv"
    FREGATA_JSON = "fregata_json"


class Severity(StrEnum):
    """How bad a problem is: an error refuses the row or the whole file."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person should know about a file; `code` has its sentence in rosters/sentences.py.

    `pupil` is the name as people write it, else the identifier of the file; `field` is the file's own name of it.
    `facts` says what was found and what was expected, and the `person` (a guardian) whom it is about. `whole_file`:
    nothing of the file is taken.
    """

    severity: Severity
    code: str
    line: int | None = None
    pupil: str = ""
    field: str = ""
    facts: dict[str, str] = dataclasses.field(default_factory=dict)
    whole_file: bool = False


@dataclass(slots=True)
class PupilRow:
    """One pupil of a file. Texts are trimmed and empty when the file says nothing; `line` is where the pupil begins.

    `ines` are distinct, in the order ID_NATIONAL, INE_RNIE, INE_BEA; `roster_id` is the pupil's number in the school.
    `left_on` may lie in the future: the reader does not know which day it is.
    """

    line: int | None
    roster_id: str
    ines: tuple[str, ...]
    last_name: str
    usual_name: str
    first_name: str
    birth_date: date | None
    email: str
    class_name: str
    mef: str
    regime: str
    status: str
    entered_on: date | None
    left_on: date | None
    exit_reason: str
    repeats_year: bool
    previous_uai: str
    previous_mef: str

    @property
    def name(self) -> str:
        """Family name first, as on a class list."""
        return f"{self.last_name} {self.first_name}".strip()


@dataclass(slots=True)
class GuardianRow:
    """A guardian or contact of a pupil; `roster_id` is the pupil's. `rank` counts from 1, legal guardians first."""

    line: int | None
    roster_id: str
    person_id: str
    title: str
    last_name: str
    first_name: str
    email: str
    phone: str
    legal: bool
    rank: int


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A division of the school, and the level codes of its pupils."""

    code: str
    label: str
    mefs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MefRow:
    """A level code of the school's nomenclature."""

    code: str
    label: str
    mefstat: str


@dataclass(slots=True)
class Roster:
    """All that was read. `refused_rows` are pupils whose row has an error: they are there, so they have not left.

    `nameless`: how many records of pupils, or links to one, do not say whose they are; nobody knows.
    `unread_families`: numbers of the pupils whom the file gives guardians of whom none could be read.
    """

    kind: Kind | None = None
    uai: str | None = None
    school_year: int | None = None
    exported_at: datetime | None = None
    pupils: list[PupilRow] = dataclasses.field(default_factory=list)
    refused_rows: list[PupilRow] = dataclasses.field(default_factory=list)
    nameless: int = 0
    guardians: list[GuardianRow] = dataclasses.field(default_factory=list)
    unread_families: set[str] = dataclasses.field(default_factory=set)
    classes: list[ClassRow] = dataclasses.field(default_factory=list)
    mefs: list[MefRow] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether nothing of this file may be taken."""
        return any(problem.whole_file for problem in self.problems)
