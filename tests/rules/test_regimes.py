"""Boarders by their regime code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.regimes import DOUBTFUL, is_boarder

BOARDERS = ["3", "31", "32", "33", "34", "35", "36", "39", "5"]
OTHERS = ["0", "1", "2", "21", "22", "23", "24", "25", "26", "29"]


@pytest.mark.parametrize("code", BOARDERS)
def test_boarders_are_boarders(code):
    assert is_boarder(code) is True


@pytest.mark.parametrize("code", OTHERS)
def test_day_pupils_and_half_board_are_not(code):
    assert is_boarder(code) is False


@pytest.mark.parametrize("code", DOUBTFUL)
def test_the_doubtful_codes_count_only_when_the_campaign_says_so(code):
    assert is_boarder(code) is False
    assert is_boarder(code, also={code}) is True
    assert is_boarder(code, also=set(DOUBTFUL) - {code}) is False


@pytest.mark.parametrize("code", ["", " "])
def test_no_regime_is_no_answer(code):
    assert is_boarder(code, also=DOUBTFUL) is None


@given(st.text(min_size=1).filter(str.strip))
def test_the_setting_makes_no_boarder_of_any_other_code(code):
    known = code.strip()
    assert is_boarder(code, also={known}) is (known in BOARDERS or known in DOUBTFUL)
