"""Keyboard scanners whose layout is not the computer's: what is printed comes back, or the person is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.scanning import CodeKind, choose, repair, understood
from tracker.scanning.keyboard import _FR, _US, Layout

QWERTY_ON_AZERTY = str.maketrans(_US, _FR)
AZERTY_ON_QWERTY = str.maketrans(_FR, _US)


@pytest.mark.parametrize(
    ("typed", "printed", "layout"),
    [
        ("HA&&é", "HA112", Layout.AZERTY_DIGITS),
        ('(CG0&é"BCD', "5CG0123BCD", Layout.AZERTY_DIGITS),
        ('(CGà&é"BCD', "5CG0123BCD", Layout.AZERTY_DIGITS),
        ('PF"QèKé?', "PF3A7K2M", Layout.AZERTY),
        ("éXèL&EQ3QBF", "2X7L1EA#ABF", Layout.AZERTY),
        ("'çà&('éà\"é\"è(&_", "490154203237518", Layout.AZERTY_DIGITS),
        ("pf3a7l2n", "PF3A7L2N", Layout.CAPS_LOCK),
        ("2X7L1EA£ABF", "2X7L1EA#ABF", Layout.SEPARATOR),
        ("2X7L1EA-ABF", "2X7L1EA#ABF", Layout.SEPARATOR),
        ("$(^*!)$", "4968104", Layout.QWERTY),
        ("PF#Q&K@;", "PF3A7K2M", Layout.QWERTY),
    ],
)
def test_a_scan_under_the_wrong_layout_is_repaired(typed: str, printed: str, layout: Layout) -> None:
    repaired = repair(typed)

    assert repaired.text == printed
    assert repaired.layout is layout


@pytest.mark.parametrize(
    "text", ["PF3A7K2M", "2X7L1EA#ABF", "490154203237518", "1P2X7L1EA#ABF", "001EC947D49B", "HELLO"]
)
def test_a_well_formed_code_is_never_altered(text: str) -> None:
    repaired = repair(text)

    assert (repaired.text, repaired.layout, repaired.alternatives) == (text, Layout.AS_TYPED, ())


@given(st.sampled_from(OwnKind), st.integers(0, BODIES - 1))
def test_our_own_codes_come_through_every_layout_unharmed(kind: OwnKind, number: int) -> None:
    text = own_code(kind, number)

    for layout in (QWERTY_ON_AZERTY, AZERTY_ON_QWERTY):
        assert text.translate(layout) == text
        assert repair(text.translate(layout).lower()).text == text


serials = st.from_regex(r"\A(PF[0-9][A-Z0-9]{5}|5CG[0-9]{4}[BCDFGHJ-NP-TV-Z0-9]{3}|[A-Z][0-9][A-Z0-9]{4}[0-9])\Z")


@given(serials, st.sampled_from([QWERTY_ON_AZERTY, AZERTY_ON_QWERTY]))
def test_the_printed_serial_is_always_among_what_was_understood(serial: str, layout: dict) -> None:
    typed = serial.translate(layout)

    assert serial in [code.value for code in understood(typed)]


@given(serials, st.sampled_from([QWERTY_ON_AZERTY, AZERTY_ON_QWERTY]))
def test_a_repair_is_the_printed_serial_or_the_person_is_asked(serial: str, layout: dict) -> None:
    choice = choose(understood(serial.translate(layout)), {CodeKind.SERIAL})

    assert choice.taken is None or choice.taken.value == serial


def test_a_device_on_record_settles_between_two_readings() -> None:
    readings = understood('PF"QèKé&')

    assert choose(readings, {CodeKind.SERIAL}).taken is None
    assert choose(readings, {CodeKind.SERIAL}, {"PF3A7K21"}.__contains__).taken.value == "PF3A7K21"


@given(st.text(max_size=220))
def test_no_text_whatever_breaks_the_repair(text: str) -> None:
    assert understood(text)
