"""Our own codes: what is printed comes back, and a slip of the eye or the finger is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.codes import ALPHABET, BODIES, BODY_LENGTH, OwnCode, OwnKind, own_code, parse_own_code

numbers = st.integers(0, BODIES - 1)
kinds = st.sampled_from(OwnKind)


@given(kinds, numbers)
def test_a_printed_code_is_read_back_as_its_kind(kind: OwnKind, number: int) -> None:
    text = own_code(kind, number)

    assert parse_own_code(text) == OwnCode(kind, text)
    assert OwnCode(kind, text).number == number


@given(kinds, numbers, numbers)
def test_two_numbers_never_share_a_code(kind: OwnKind, one: int, other: int) -> None:
    assert (own_code(kind, one) == own_code(kind, other)) == (one == other)


@given(kinds, numbers, st.data())
def test_any_one_wrong_character_is_refused(kind: OwnKind, number: int, data: st.DataObject) -> None:
    text = own_code(kind, number)
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").filter(lambda c: c != text[place]))

    assert parse_own_code(text[:place] + wrong + text[place + 1 :]) is None


@given(kinds, numbers, st.integers(0, 2 + BODY_LENGTH))
def test_two_neighbours_swapped_are_refused(kind: OwnKind, number: int, place: int) -> None:
    text = own_code(kind, number)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    assert swapped == text or parse_own_code(swapped) is None


@given(kinds, kinds, numbers)
def test_one_kind_is_never_taken_for_another(kind: OwnKind, other: OwnKind, number: int) -> None:
    text = own_code(kind, number)

    assert kind is other or parse_own_code(other.value + text[3:]) is None


@given(kinds, numbers, st.sampled_from([str.lower, lambda text: f" {text}\n"]))
def test_small_letters_and_white_space_around_do_no_harm(kind: OwnKind, number: int, typed) -> None:
    text = own_code(kind, number)

    assert parse_own_code(typed(text)) == OwnCode(kind, text)


@given(st.text(max_size=20))
def test_any_other_text_is_no_code_of_ours(text: str) -> None:
    code = parse_own_code(text)

    assert code is None or code.text == own_code(code.kind, _number(code.text[3:-1]))


@pytest.mark.parametrize("text", ["", "PND", "PNDBCDFGHJK", "PNXBCDFGHJKLB", "PND" + "B" * 10])
def test_the_wrong_length_or_prefix_is_refused(text: str) -> None:
    assert parse_own_code(text) is None


@pytest.mark.parametrize("number", [-1, BODIES])
def test_a_number_out_of_range_makes_no_code(number: int) -> None:
    with pytest.raises(ValueError, match="number"):
        own_code(OwnKind.DEVICE_TAG, number)


def _number(body: str) -> int:
    """The number that a body spells."""
    total = 0
    for letter in body:
        total = total * len(ALPHABET) + ALPHABET.index(letter)
    return total
