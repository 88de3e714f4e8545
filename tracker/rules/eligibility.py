"""Who gets a laptop: rules E1 to E3, and what of them a hotspot asks."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """The level of a class, as far as the programme tells levels apart."""

    SECONDE_GT = "seconde_gt"
    SECONDE_PRO = "seconde_pro"
    CAP_1_OF_2 = "cap_1_of_2"
    CAP_2_OF_2 = "cap_2_of_2"
    CAP_1_OF_1 = "cap_1_of_1"
    CAP_OF_3 = "cap_of_3"
    PREMIERE_GT = "premiere_gt"
    PREMIERE_PRO = "premiere_pro"
    TERMINALE_GT = "terminale_gt"
    TERMINALE_PRO = "terminale_pro"
    OTHER = "other"
    UNKNOWN = "unknown"


ENTRY_LEVELS = frozenset({Level.SECONDE_GT, Level.SECONDE_PRO, Level.CAP_1_OF_2})
SECOND_LEVELS = frozenset({Level.PREMIERE_GT, Level.PREMIERE_PRO, Level.CAP_2_OF_2})


class Eligible(StrEnum):
    """The answer: yes, no, or a person must look."""

    YES = "yes"
    NO = "no"
    CHECK = "check"


class ThreeYearCap(StrEnum):
    """The administrator's answer where the source is silent (E1, setting)."""

    TO_BE_SETTLED = "check"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class Schooling:
    """What eligibility rests on: one pupil's enrolment in one school year.

    `arrived_mid_course` None: the roster does not say where the pupil was last year.
    """

    level: Level
    has_class: bool
    entered_on: date | None = None
    left_on: date | None = None
    school_is_member: bool = True
    repeats_year: bool = False
    arrived_mid_course: bool | None = False


@dataclass(frozen=True)
class Eligibility:
    """The verdict with the rule that it rests on and the code of its reason."""

    verdict: Eligible
    rule: str
    reason: str


def is_member(since: date | None, until: date | None, on: date) -> bool:
    """Rule E1. Whether a school with this membership is in the programme on the day; its first and last day count."""
    return since is not None and since <= on and (until is None or on <= until)


def schooled(schooling: Schooling, today: date) -> bool:
    """Rule E3. A level, a class and no exit date up to and including today."""
    exited = schooling.left_on is not None and schooling.left_on <= today
    return schooling.has_class and not exited


def presence(schooling: Schooling, today: date) -> Eligibility:
    """Rules E1, E3. Whether the pupil is schooled in a member school: all that a hotspot asks of the schooling."""
    if not schooling.school_is_member:
        return Eligibility(Eligible.NO, "E1", "school_not_member")
    if not schooled(schooling, today):
        return Eligibility(Eligible.NO, "E3", "not_schooled")
    return Eligibility(Eligible.YES, "E3", "schooled")


def eligibility(
    schooling: Schooling,
    today: date,
    *,
    had_laptop: bool,
    three_year_cap: ThreeYearCap = ThreeYearCap.TO_BE_SETTLED,
) -> Eligibility:
    """Rules E1, E2, E3. Whether this pupil gets a laptop, and why.

    `had_laptop`: whether the pupil holds a laptop lent in an earlier school year (E2 asks; E4 guards the rest).
    """
    there = presence(schooling, today)
    if there.verdict is not Eligible.YES:
        return there
    if schooling.level in ENTRY_LEVELS:
        return Eligibility(Eligible.YES, "E1", "entry_level")
    if schooling.level in SECOND_LEVELS:
        return _second_year(schooling, had_laptop)
    return _other_level(schooling.level, three_year_cap)


def _second_year(schooling: Schooling, had_laptop: bool) -> Eligibility:
    if had_laptop:
        return Eligibility(Eligible.NO, "E2", "has_laptop")
    if schooling.repeats_year:
        return Eligibility(Eligible.YES, "E2", "repeats_year")
    if schooling.arrived_mid_course:
        return Eligibility(Eligible.YES, "E2", "arrived_mid_course")
    if schooling.arrived_mid_course is None:
        return Eligibility(Eligible.CHECK, "E2", "arrival_unknown")
    return Eligibility(Eligible.NO, "E2", "second_year")


def _other_level(level: Level, three_year_cap: ThreeYearCap) -> Eligibility:
    if level is Level.UNKNOWN:
        return Eligibility(Eligible.CHECK, "E1", "level_unknown")
    if level is Level.CAP_OF_3:
        return _THREE_YEAR_CAP[three_year_cap]
    return Eligibility(Eligible.NO, "E1", "level_not_foreseen")


_THREE_YEAR_CAP = {
    ThreeYearCap.TO_BE_SETTLED: Eligibility(Eligible.CHECK, "E1", "three_year_cap"),
    ThreeYearCap.YES: Eligibility(Eligible.YES, "E1", "three_year_cap_included"),
    ThreeYearCap.NO: Eligibility(Eligible.NO, "E1", "three_year_cap_excluded"),
}
