"""UAI and INE: the forms and the check letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.identifiers import has_ine_form, has_ine_letter, is_norman_uai, is_uai

# Public: the lycées Malherbe (Caen), Guéhenno (Flers), Tocqueville (Cherbourg), Louis-le-Grand (Paris).
NORMAN = ("0140013N", "0610021S", "0500017X", "0142131R")
PARIS = "0750654D"
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
numbers = st.integers(0, 9_999_999).map("{:07d}".format)


@pytest.mark.parametrize("uai", NORMAN)
def test_a_norman_school_is_known_by_its_uai(uai):
    assert is_uai(uai)
    assert is_norman_uai(uai)


def test_a_school_of_another_region_has_a_uai_that_is_not_norman():
    assert is_uai(PARIS)
    assert not is_norman_uai(PARIS)


@given(numbers)
def test_of_all_letters_exactly_one_is_right(number):
    assert [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if is_uai(number + letter)] == [LETTERS[int(number) % 23]]


@given(st.sampled_from(NORMAN), st.integers(0, 6), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(uai, place, digit):
    typed = uai[:place] + digit + uai[place + 1 :]
    assert is_uai(typed) is (typed == uai)


@given(st.sampled_from(NORMAN), st.integers(0, 5))
def test_two_neighbouring_digits_exchanged_are_always_noticed(uai, place):
    typed = uai[:place] + uai[place + 1] + uai[place] + uai[place + 2 :]
    assert is_uai(typed) is (typed == uai)


@pytest.mark.parametrize(
    "text", ["", "0140013", "0140013NN", "0140013n", "01400l3N", " 0140013N", "0140013N\n", "٠140013N"]
)
def test_what_has_not_the_form_is_no_uai(text):
    assert not is_uai(text)


@given(numbers, st.sampled_from("ABCDEFGHJK"), st.sampled_from("ABCDEFGHJK"), st.integers(0, 99))
def test_both_forms_of_an_ine_are_recognised(number, one, two, more):
    assert has_ine_form(f"{number}{more:02d}{one}{two}")
    assert has_ine_form(f"{number}{more:02d}0{one}")


@pytest.mark.parametrize("text", ["", "123456789IA", "123456789AI", "12345678901", "1234567890AA", "123456789ab"])
def test_other_texts_have_not_the_form_of_an_ine(text):
    assert not has_ine_form(text)


@given(st.integers(0, 9_999_999_999).map("{:010d}".format))
def test_an_old_ine_has_one_right_letter(number):
    assert [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if has_ine_letter(number + letter)] == [
        LETTERS[int(number) % 23]
    ]


@given(numbers, st.sampled_from("ABCDEFGHJK"), st.sampled_from("ABCDEFGHJK"))
def test_a_new_ine_has_no_letter_that_could_be_wrong(number, one, two):
    assert has_ine_letter(f"{number}00{one}{two}")
