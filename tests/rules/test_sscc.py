"""Numbers of parcels: SSCC-18 as GS1 writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from tracker.rules.sscc import DEFAULT_PREFIX, parse_sscc, spelled, sscc

PREFIXES = st.text("0123456789", min_size=7, max_size=12)


@st.composite
def numbers(draw):
    prefix = draw(PREFIXES)
    return prefix, draw(st.integers(0, 10 ** (17 - len(prefix)) - 1))


@given(numbers())
def test_an_sscc_is_read_back_as_it_was_made_however_it_is_spelled(number):
    made = sscc(*number)
    expected = made if set(made) != {"0"} else None
    assert len(made) == 18
    assert made[1 : 1 + len(number[0])] == number[0]
    for text in (made, f"00{made}", f"(00){made}", spelled(made), f"\x1d00{made}"):
        assert parse_sscc(text) == expected


@given(numbers())
def test_its_check_digit_is_that_of_gs1(number):
    made = sscc(*number)
    assert made[-1] == ean.calc_check_digit(made[:-1])


@given(numbers(), st.integers(0, 17), st.integers(1, 9))
def test_any_one_wrong_digit_is_noticed(number, place, more):
    made = sscc(*number)
    wrong = made[:place] + str((int(made[place]) + more) % 10) + made[place + 1 :]
    assert parse_sscc(wrong) is None


@given(st.lists(st.integers(0, 10**10 - 1), min_size=2, max_size=5, unique=True))
def test_two_serials_never_share_a_number(serials):
    assert len({sscc("", serial) for serial in serials}) == len(serials)


def test_without_a_prefix_of_its_own_the_number_is_inside_the_range_that_gs1_gives_to_nobody():
    assert sscc("", 12) == sscc(DEFAULT_PREFIX, 12)
    assert "040" <= DEFAULT_PREFIX[:3] <= "049"


@pytest.mark.parametrize(("prefix", "serial"), [("12", 1), ("12345678901234", 1), ("12a4567", 1), ("1234567", 10**10)])
def test_what_has_no_number_is_refused(prefix, serial):
    with pytest.raises(ValueError, match="no SSCC"):
        sscc(prefix, serial)
