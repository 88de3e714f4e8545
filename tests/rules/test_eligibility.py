"""Rules E1 to E3 over every combination of what they rest on."""

import itertools
from datetime import date, timedelta

import pytest

from tracker.rules.eligibility import Eligible, Level, Schooling, ThreeYearCap, eligibility, presence, schooled

TODAY = date(2026, 10, 5)
EXITS = (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))
ENTRY = {Level.SECONDE_GT, Level.SECONDE_PRO, Level.CAP_1_OF_2}
SECOND = {Level.PREMIERE_GT, Level.PREMIERE_PRO, Level.CAP_2_OF_2}
BOTH = (False, True)

EVERYTHING = [
    (Schooling(level, has_class, None, left, member, repeats, arrived), had, cap)
    for level, has_class, left, member, repeats, arrived, had, cap in itertools.product(
        Level, BOTH, EXITS, BOTH, BOTH, BOTH, BOTH, ThreeYearCap
    )
]


def foreseen(pupil: Schooling, had: bool, cap: ThreeYearCap) -> tuple[Eligible, str]:
    """What programme.md says, written down once more and otherwise."""
    there = pupil.has_class and (pupil.left_on is None or pupil.left_on > TODAY)
    if not pupil.school_is_member:
        return Eligible.NO, "E1"
    if not there:
        return Eligible.NO, "E3"
    if pupil.level in SECOND:
        due = (pupil.repeats_year or pupil.arrived_mid_course) and not had
        return (Eligible.YES if due else Eligible.NO), "E2"
    if pupil.level is Level.CAP_OF_3:
        return {"yes": Eligible.YES, "no": Eligible.NO, "check": Eligible.CHECK}[cap], "E1"
    if pupil.level is Level.UNKNOWN:
        return Eligible.CHECK, "E1"
    return (Eligible.YES if pupil.level in ENTRY else Eligible.NO), "E1"


def test_every_combination_gets_the_answer_of_the_programme():
    assert len(EVERYTHING) == 12 * 2 * 4 * 2 * 2 * 2 * 2 * 3
    for pupil, had, cap in EVERYTHING:
        answer = eligibility(pupil, TODAY, had_laptop=had, three_year_cap=cap)
        assert (answer.verdict, answer.rule) == foreseen(pupil, had, cap), (pupil, had, cap)
        assert answer.reason


@pytest.mark.parametrize(
    "level", [Level.CAP_1_OF_1, Level.TERMINALE_GT, Level.TERMINALE_PRO, Level.OTHER], ids=lambda level: level.value
)
def test_levels_that_the_programme_does_not_foresee_get_none_whatever_else_is_true(level):
    pupil = Schooling(level, has_class=True, repeats_year=True, arrived_mid_course=True)
    assert eligibility(pupil, TODAY, had_laptop=False).reason == "level_not_foreseen"


def test_a_three_year_cap_is_to_be_settled_unless_an_administrator_has_answered():
    pupil = Schooling(Level.CAP_OF_3, has_class=True)
    assert eligibility(pupil, TODAY, had_laptop=False).verdict is Eligible.CHECK


@pytest.mark.parametrize(
    ("setting", "verdict", "reason"),
    [
        (ThreeYearCap.TO_BE_SETTLED, Eligible.CHECK, "three_year_cap"),
        (ThreeYearCap.YES, Eligible.YES, "three_year_cap_included"),
        (ThreeYearCap.NO, Eligible.NO, "three_year_cap_excluded"),
    ],
)
def test_a_three_year_cap_says_whether_it_is_settled_and_how(setting, verdict, reason):
    pupil = Schooling(Level.CAP_OF_3, has_class=True)
    answer = eligibility(pupil, TODAY, had_laptop=False, three_year_cap=setting)
    assert (answer.verdict, answer.reason) == (verdict, reason)


def test_presence_asks_for_membership_and_schooling_and_never_for_the_level():
    for pupil, _had, _cap in EVERYTHING:
        there = pupil.has_class and (pupil.left_on is None or pupil.left_on > TODAY)
        expected = "school_not_member" if not pupil.school_is_member else "schooled" if there else "not_schooled"
        assert presence(pupil, TODAY).reason == expected


@pytest.mark.parametrize(("left_on", "is_there"), zip(EXITS, (True, False, False, True), strict=True))
def test_the_exit_day_itself_is_no_school_day_any_more(left_on, is_there):
    assert schooled(Schooling(Level.SECONDE_GT, has_class=True, left_on=left_on), TODAY) is is_there


def test_a_pupil_of_the_second_year_with_a_laptop_hears_that_first():
    pupil = Schooling(Level.PREMIERE_GT, has_class=True, repeats_year=True)
    assert eligibility(pupil, TODAY, had_laptop=True).reason == "has_laptop"
    assert eligibility(pupil, TODAY, had_laptop=False).reason == "repeats_year"
