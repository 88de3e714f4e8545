"""Addresses: printed whole, or refused before the label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.addresses import LINE, LINES, Address, parse_address, printed_lines
from tracker.rules.refusals import Refused

WORDS = st.text("abcdefghij é-'", min_size=1, max_size=60)


@given(WORDS, WORDS, WORDS, WORDS)
def test_every_sign_is_printed_or_the_address_is_refused(name, extra, street, city):
    address = Address(name, street, "14000", city, extra)
    try:
        lines = printed_lines(address)
    except Refused:
        return
    assert len(lines) <= LINES
    assert all(len(line) <= LINE for line in lines)
    written = f"{name}{extra}{street}14000{city.upper()}"
    assert "".join("".join(lines).split()) == "".join(written.split())


def test_a_long_name_goes_on_on_the_next_line():
    address = Address(
        "Lycée général et technologique Jean-Baptiste Colbert", "4 rue du Port", "76140", "Petit-Quevilly"
    )
    assert printed_lines(address) == (
        "Lycée général et technologique Jean-", "Baptiste Colbert", "4 rue du Port", "76140 PETIT-QUEVILLY"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (Address("Lycée", "", "14000", "Caen"), "address_incomplete"),
        (Address("Lycée", "rue", "1400", "Caen"), "address_incomplete"),
        (Address("L" * 39, "rue", "14000", "Caen"), "address_line_too_long"),
        (Address("mot " * 50, "rue", "14000", "Caen"), "address_too_long"),
        (Address("Lycée", "rue", "14000", "Saint " * 10), "address_line_too_long"),
    ],
)
def test_an_address_that_cannot_be_printed_whole_is_refused(address, code):
    with pytest.raises(Refused, match=code):
        printed_lines(address)


def test_the_setting_gives_the_address_with_its_lines():
    found = parse_address("Région; Bâtiment B ; 2 rue X; 14000 Caen")
    assert found == Address("Région", "2 rue X", "14000", "Caen", "Bâtiment B")


@pytest.mark.parametrize(
    ("text", "missing"),
    [("", ("name", "street", "postcode", "city")), ("A; 14000 Caen", ("street",)), ("A; B; C", ("postcode", "city"))],
)
def test_the_setting_says_what_is_missing(text, missing):
    with pytest.raises(Refused) as refused:
        parse_address(text)
    assert refused.value.facts["missing"] == missing
