"""New to the lycée, new to Normandy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.newcomers import NewcomerBy, arrived_mid_course, is_newcomer

HERE = "0140013N"
ELSEWHERE = "0610021S"
PARIS = "0750654D"
COLLEGE_MEF = "10310019110"
SECONDE_MEF = "20010019110"


@pytest.mark.parametrize(
    ("uai", "mef", "answer"),
    [
        (ELSEWHERE, COLLEGE_MEF, True),
        (ELSEWHERE, SECONDE_MEF, True),
        (ELSEWHERE, "", True),
        (HERE, COLLEGE_MEF, True),
        (HERE, SECONDE_MEF, False),
        (HERE, "", False),
        ("", COLLEGE_MEF, True),
        ("", SECONDE_MEF, None),
        ("", "", None),
    ],
)
def test_a_newcomer_was_elsewhere_or_below_lycee_last_year(uai, mef, answer):
    assert is_newcomer(uai, mef, HERE) is answer


@pytest.mark.parametrize(
    ("by", "uai", "mef", "answer"),
    [
        (NewcomerBy.SCHOOL, ELSEWHERE, SECONDE_MEF, True),
        (NewcomerBy.SCHOOL, HERE, COLLEGE_MEF, False),
        (NewcomerBy.SCHOOL, "", COLLEGE_MEF, None),
        (NewcomerBy.LEVEL, ELSEWHERE, SECONDE_MEF, False),
        (NewcomerBy.LEVEL, HERE, COLLEGE_MEF, True),
        (NewcomerBy.LEVEL, ELSEWHERE, "", None),
    ],
)
def test_a_setting_says_which_of_the_two_counts(by, uai, mef, answer):
    assert is_newcomer(uai, mef, HERE, by) is answer


@pytest.mark.parametrize(("uai", "answer"), [(HERE, False), (ELSEWHERE, False), (PARIS, True), ("", None), ("x", None)])
def test_mid_course_means_that_last_years_school_is_not_norman(uai, answer):
    assert arrived_mid_course(uai) is answer


@given(st.text(max_size=9))
def test_a_school_that_cannot_be_told_gives_no_answer(text):
    assert arrived_mid_course(text) in (None, True, False)
    assert arrived_mid_course(text + "!") is None
