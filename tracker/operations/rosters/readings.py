"""A file read and compared: pupils, guardians or names, behind one form for screens, terminal and applying."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from tracker.models.schools import School
from tracker.operations.rosters.comparison import compare
from tracker.operations.rosters.ground import Ground, ground_of
from tracker.operations.rosters.guardians import BEFORE_PUPILS, compare_guardians
from tracker.operations.rosters.vocabulary import compare_vocabulary
from tracker.rosters import read_roster
from tracker.rosters.rows import Kind, Problem, Roster, Severity
from tracker.rules.calendar import TIME_ZONE
from tracker.rules.rosters import Stop, school_year_of

COUNTS = (
    "pupils", "schooled", "left", "arrivals", "leavers", "moves", "changed", "unchanged", "eligible", "to_check",
    "refused",
)  # fmt: skip


MOST_OF_A_KIND = 1_000
"""Problems of one code that are listed; the others are counted, as the reader does."""


class Compared(Protocol):
    """What every comparison has."""

    roster: Roster
    ground: Ground
    problems: list[Problem]
    stops: list[Stop]

    def counts(self) -> dict[str, int]: ...


_COMPARERS: dict[Kind, Callable[[Roster, Ground, Mapping[str, Any]], Compared]] = {
    Kind.SIECLE_PUPILS: compare,
    Kind.FREGATA_CSV: compare,
    Kind.FREGATA_JSON: compare,
    Kind.SIECLE_GUARDIANS: compare_guardians,
    Kind.SIECLE_STRUCTURES: compare_vocabulary,
    Kind.SIECLE_NOMENCLATURES: compare_vocabulary,
}


@dataclass
class Reading:
    """A file, and what it would do. `compared` is empty for a file that is refused as a whole.

    `accepted`: {"stops": [names], "identities": {row key: pupil id or 0}}. `to_apply`: a preview would be no answer.
    """

    roster: Roster
    uai: str
    school_year: int
    compared: Compared | None
    accepted: Mapping[str, Any] = field(default_factory=dict)
    to_apply: bool = False

    @property
    def problems(self) -> list[Problem]:
        """All problems of the file and of what it means, in the order of lines."""
        read = [each for each in self.roster.problems if each.code != "more_of_the_same"]
        beyond = [each for each in self.roster.problems if each.code == "more_of_the_same"]
        found = self.compared.problems if self.compared else []
        return [*self._of_the_whole(), *_listed([*read, *found]), *beyond]

    def _of_the_whole(self) -> list[Problem]:
        """What needs a yes, as an error until somebody says it; a school that is not known yet."""
        if self.compared is None:
            return []
        said = set(self.accepted.get("stops", ()))
        found = [
            Problem(Severity.WARNING if stop in said else Severity.ERROR, f"stop_{stop}", facts=self._facts())
            for stop in self.compared.stops
        ]
        if self.is_of_unknown_school:
            severity = Severity.ERROR if self.to_apply else Severity.INFORMATION
            found.append(Problem(severity, "school_unknown", facts={"uai": self.uai}))
        return found

    def _facts(self) -> dict[str, str]:
        """What the sentences of the stops name."""
        assert self.compared is not None
        ground, roster = self.compared.ground, self.roster
        year = school_year_of(ground.today)
        return {
            "found": roster.uai or "—",
            "expected": self.uai,
            "file_year": f"{self.school_year}-{self.school_year + 1}",
            "year": f"{year}-{year + 1}",
            "exported": f"{roster.exported_at:%d/%m/%Y %H:%M}" if roster.exported_at else "—",
            "schooled": str(self.counts()["schooled"]),
        }

    @property
    def open_stops(self) -> list[Stop]:
        """The stops that nobody has said yes to."""
        said = set(self.accepted.get("stops", ()))
        return [stop for stop in (self.compared.stops if self.compared else []) if stop not in said]

    @property
    def broken(self) -> bool:
        """Whether the file can never be applied."""
        return self.compared is None or self.to_apply_unknown or any(each.whole_file for each in self.compared.problems)

    @property
    def is_early(self) -> bool:
        """Whether the pupils whom it is about come with a later file."""
        return self.compared is not None and any(each.code == BEFORE_PUPILS for each in self.compared.problems)

    @property
    def to_apply_unknown(self) -> bool:
        """Whether it is to be applied for a school that is not known."""
        return self.to_apply and self.is_of_unknown_school

    @property
    def is_of_unknown_school(self) -> bool:
        """Whether it is the preview of a file whose school is not in the programme yet."""
        return self.compared is not None and self.compared.ground.school is None

    @property
    def refused(self) -> bool:
        """Whether it cannot be applied as it is asked now."""
        return self.broken or bool(self.open_stops)

    def counts(self) -> dict[str, int]:
        """All figures; what this kind of file does not count is 0."""
        return dict.fromkeys(COUNTS, 0) | (self.compared.counts() if self.compared else {})


def read(
    source: Path | bytes | BinaryIO, school: School | None, uai: str, today: date, accepted: Mapping[str, Any]
) -> Reading:
    """Read a file and compare it with what is known; `school` None: not known yet, a preview only. Writes nothing."""
    return compared(read_roster(source), school, uai, today, accepted)


def compared(roster: Roster, school: School | None, uai: str, today: date, accepted: Mapping[str, Any]) -> Reading:
    """Compare what was read with what is known. Writes nothing."""
    roster.exported_at = _aware(roster.exported_at)
    year = roster.school_year or school_year_of(today)
    if roster.refused or roster.kind is None:
        return Reading(roster, uai, year, None, accepted)
    ground = ground_of(school, uai, year, today)
    return Reading(roster, uai, year, _COMPARERS[roster.kind](roster, ground, accepted), accepted)


def _listed(problems: Iterable[Problem]) -> list[Problem]:
    """As many of each code as anybody reads, then how many more there are."""
    kept: list[Problem] = []
    met: Counter[tuple[Severity, str]] = Counter()
    for problem in problems:
        met[problem.severity, problem.code] += 1
        if met[problem.severity, problem.code] <= MOST_OF_A_KIND:
            kept.append(problem)
    more = {key: count - MOST_OF_A_KIND for key, count in met.items() if count > MOST_OF_A_KIND}
    kept.sort(key=lambda problem: problem.line or 0)
    return kept + [
        Problem(severity, "more_of_the_same", facts={"more": str(count), "of": code})
        for (severity, code), count in more.items()
    ]


def _aware(moment: datetime | None) -> datetime | None:
    """The file's clock is the school's."""
    return moment.replace(tzinfo=TIME_ZONE) if moment and moment.tzinfo is None else moment
