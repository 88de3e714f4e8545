"""The level of a class by its MEF."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.eligibility import Eligible, Level, Schooling, eligibility
from tracker.rules.levels import is_below_lycee, level_of, mef_key

# dispositif, year, level, what the programme answers to a pupil who neither arrives nor repeats (E1, E2)
FORESEEN = [
    ("200", 1, Level.SECONDE_GT, "yes"),
    ("201", 1, Level.PREMIERE_GT, "no"),
    ("202", 1, Level.TERMINALE_GT, "no"),
    ("211", 1, Level.PREMIERE_GT, "no"),
    ("212", 1, Level.TERMINALE_GT, "no"),
    ("221", 1, Level.PREMIERE_GT, "no"),
    ("222", 1, Level.TERMINALE_GT, "no"),
    ("247", 1, Level.SECONDE_PRO, "yes"),
    ("247", 2, Level.PREMIERE_PRO, "no"),
    ("247", 3, Level.TERMINALE_PRO, "no"),
    ("276", 1, Level.SECONDE_PRO, "yes"),
    ("276", 2, Level.PREMIERE_PRO, "no"),
    ("276", 3, Level.TERMINALE_PRO, "no"),
    ("241", 1, Level.CAP_1_OF_2, "yes"),
    ("241", 2, Level.CAP_2_OF_2, "no"),
    ("271", 1, Level.CAP_1_OF_2, "yes"),
    ("271", 2, Level.CAP_2_OF_2, "no"),
    ("240", 1, Level.CAP_1_OF_1, "no"),
    ("242", 1, Level.CAP_OF_3, "check"),
    ("242", 2, Level.CAP_OF_3, "check"),
    ("242", 3, Level.OTHER, "no"),
]
KNOWN = {(dispositif, str(year)) for dispositif, year, _, _ in FORESEEN}
specialities = st.text("0123456789", min_size=5, max_size=5)
digits = st.sampled_from("0123456789")


@pytest.mark.parametrize(("dispositif", "year", "level", "answer"), FORESEEN)
@given(speciality=specialities, duration=digits, variant=st.sampled_from(["", *"0123456789"]))
def test_dispositif_and_year_decide_whatever_the_speciality_and_the_variant(
    dispositif, year, level, answer, speciality, duration, variant
):
    mef = f"{dispositif}{speciality}{duration}{year}{variant}"
    assert level_of(mef) is level
    verdict = eligibility(Schooling(level_of(mef), has_class=True), today=None, had_laptop=False).verdict
    assert verdict is Eligible(answer)


@given(st.from_regex(r"[02-9][0-9]{9,10}", fullmatch=True).filter(lambda mef: (mef[:3], mef[9]) not in KNOWN))
def test_a_code_that_nobody_knows_is_to_be_checked(mef):
    assert level_of(mef) is Level.UNKNOWN


@pytest.mark.parametrize(
    "mef", ["", "   ", "200", "200100191", "2GT", "２００１００１９１１", "20010O1911", "-2001001911"]
)
def test_what_is_no_level_code_is_to_be_checked(mef):
    assert level_of(mef) is Level.UNKNOWN
    assert not is_below_lycee(mef)


@given(st.from_regex(r"1[0-9]{9,10}", fullmatch=True))
def test_a_code_of_a_college_is_below_lycee_and_gets_nothing(mef):
    assert is_below_lycee(mef)
    assert level_of(mef) is Level.OTHER


@given(st.from_regex(r"[0-9]{10}", fullmatch=True), digits, digits, st.sampled_from(Level))
def test_an_administrators_answer_for_ten_digits_goes_first_for_each_local_variant(key, one, other, answer):
    assert level_of(key + one, {key: answer}) is level_of(key + other, {key: answer}) is level_of(key, {key: answer})
    assert level_of(key + one, {key: answer}) is answer


@given(st.text())
def test_any_text_has_a_level(text):
    assert level_of(text) in Level
    assert len(mef_key(text)) in (0, 10)


def test_spaces_around_a_code_do_not_count():
    assert level_of(" 20010019110 ") is Level.SECONDE_GT
