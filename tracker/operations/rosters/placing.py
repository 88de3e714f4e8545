"""A row of a roster as the values of a pupil and an enrolment: level, eligibility, newcomer (E1 to E3, C2)."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from tracker.operations.rosters.ground import Ground
from tracker.queries.rosters import Known
from tracker.rosters.rows import Kind, PupilRow
from tracker.rules.ages import is_of_age
from tracker.rules.eligibility import Eligibility, Level, Schooling, eligibility, schooled
from tracker.rules.levels import level_of
from tracker.rules.names import restored
from tracker.rules.newcomers import NewcomerBy, arrived_mid_course, is_newcomer
from tracker.rules.regimes import is_boarder

PUPIL_FIELDS = ("ine", "last_name", "first_name", "birth_date", "email")
ENROLMENT_FIELDS = (
    "level", "mef", "class_name", "regime", "status", "entered_on", "left_on", "repeats_year", "arrived_mid_course",
    "eligible", "eligible_reason", "roster_id", "newcomer", "exit_reason",
)  # fmt: skip

_FREGATA = frozenset({Kind.FREGATA_CSV, Kind.FREGATA_JSON})


@dataclass(slots=True)
class Placed:
    """One row with what the programme makes of it."""

    row: PupilRow
    pupil: tuple[Any, ...]
    enrolment: tuple[Any, ...]
    answer: Eligibility
    schooled: bool


class Placing:
    """Turns rows into values, on one ground; what classes have in common is worked out once."""

    def __init__(self, ground: Ground, kind: Kind) -> None:
        self._ground = ground
        self._tells_all = kind not in _FREGATA
        self._also_boarders = frozenset(str(ground.settings["boarder_regimes"]).split())
        self._level = lru_cache(maxsize=None)(lambda mef: level_of(mef, ground.settled_levels))
        by = NewcomerBy(ground.settings["newcomer_by"])
        self._newcomer = lru_cache(maxsize=None)(lambda uai, mef: is_newcomer(uai, mef, ground.uai, by))
        self._arrived = lru_cache(maxsize=None)(arrived_mid_course)

    def place(self, row: PupilRow, known: Known | None) -> Placed:
        """The values of one row; `known` is the pupil's newest enrolment, wherever it is."""
        ground, level = self._ground, self._level(row.mef)
        repeats, arrived = self._last_year(row, level, known)
        schooling = Schooling(
            level, bool(row.class_name and row.mef), row.entered_on, row.left_on, ground.is_member, repeats, arrived
        )
        had_laptop = bool(known and known.laptop_year and known.laptop_year < ground.school_year)
        answer = eligibility(schooling, ground.today, had_laptop=had_laptop, three_year_cap=ground.three_year_cap)
        return Placed(
            row, self._pupil(row, known), self._enrolment(row, schooling, answer, known), answer,
            schooled(schooling, ground.today),
        )  # fmt: skip

    def newcomer(self, row: PupilRow) -> bool | None:
        """Rule C2. New to this lycée, as far as the file tells."""
        return self._newcomer(row.previous_uai, row.previous_mef)

    def boarder(self, row: PupilRow) -> bool | None:
        """Rule C2. Boarder, as far as the file tells."""
        return is_boarder(row.regime, self._also_boarders)

    def of_age(self, birth_date: date | None) -> bool | None:
        """Rule A1. Of age on the day of the reading; None: the birth date is not known."""
        return None if birth_date is None else is_of_age(birth_date, self._ground.today)

    def _last_year(self, row: PupilRow, level: Level, known: Known | None) -> tuple[bool, bool | None]:
        """Rule E2. Whether the pupil repeats, and arrived in the course: as the file says, else as we remember."""
        arrived = self._arrived(row.previous_uai)
        if known is None:
            return row.repeats_year, arrived
        if known.school_year >= self._ground.school_year:
            repeats = row.repeats_year if self._tells_all else known.repeats_year
            return repeats, known.arrived_mid_course if arrived is None else arrived
        # Enrolled last year in a school that we follow: no arrival from elsewhere, whatever the file leaves out.
        repeats = row.repeats_year if self._tells_all else known.level == level
        return repeats, False if arrived is None else arrived

    def _pupil(self, row: PupilRow, known: Known | None) -> tuple[Any, ...]:
        ine = row.ines[0] if row.ines else known.ine if known else None
        # What we know is never lost to a file that does not carry it: an address, a letter beyond its encoding.
        if known is None:
            return ine, row.last_name, row.first_name, row.birth_date, row.email
        last, first = restored(row.last_name, known.last_name), restored(row.first_name, known.first_name)
        return ine, last, first, row.birth_date or known.birth_date, row.email or known.email

    def _enrolment(
        self, row: PupilRow, schooling: Schooling, answer: Eligibility, known: Known | None
    ) -> tuple[Any, ...]:
        regime, roster_id, newcomer, exit_reason = (
            row.regime, row.roster_id or None, self.newcomer(row), row.exit_reason,
        )  # fmt: skip
        if not self._tells_all and known and known.school_id == self._ground.school_id:
            regime, roster_id, newcomer = known.regime, known.roster_id, known.newcomer
        return (
            schooling.level.value, row.mef, row.class_name, regime, row.status, row.entered_on, row.left_on,
            schooling.repeats_year, schooling.arrived_mid_course, answer.verdict.value, answer.reason,
            roster_id, newcomer, exit_reason,
        )  # fmt: skip
