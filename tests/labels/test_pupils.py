"""Pupil slips: two symbols of one text, a class to a page, names whole."""

import random

import pytest

from tests.paper import Box, cut_out, opened, rendered, signs, texts_read
from tracker import labels, scanning
from tracker.labels import PageCaptions, PupilSlip
from tracker.rules.codes import BODIES, OwnKind, own_code

CAPTIONS = PageCaptions(
    "Fiches élèves", "Imprimé le 21 novembre 2026", "Page {page} sur {pages}", "À présenter le jour de la remise."
)
SCHOOL = "Lycée Salvador-Allende, Hérouville-Saint-Clair"


def slips_of(class_name: str, count: int, school: str = SCHOOL) -> list[PupilSlip]:
    dice = random.Random(class_name + school)
    return [
        PupilSlip(f"Zoé ŸVETOT {n}", class_name, school, own_code(OwnKind.PUPIL_SLIP, body))
        for n, body in enumerate(dice.sample(range(BODIES), count))
    ]


def place_of(slot: int) -> Box:
    """Where a slip is cut out: 105 × 52.8 mm, two in a row, below a heading of 15 mm."""
    left, top = slot % 2 * 105, 15 + slot // 2 * 52.8
    return Box(left, top, left + 105, top + 52.8)


@pytest.mark.parametrize("dpi", [150, 300])
def test_both_symbols_of_every_slip_are_read_back(dpi):
    printed = slips_of("2nde 3", 10)
    picture = rendered(opened(labels.pupil_slips(printed, captions=CAPTIONS))[0], dpi)
    for slot, slip in enumerate(printed):
        one = cut_out(picture, place_of(slot), dpi)
        assert texts_read(one) == [slip.code] * 2
        read = scanning.read(one).symbols
        assert {(symbol.text, symbol.symbology.value) for symbol in read} == {
            (slip.code, "code_128"),
            (slip.code, "qr"),
        }


def test_each_class_of_each_school_begins_a_page():
    other = "Lycée Malherbe, Caen"
    printed = slips_of("2nde 3", 11) + slips_of("2nde 4", 1) + slips_of("2nde 3", 2, other)
    mixed = printed[11:] + printed[:11]
    document = opened(labels.pupil_slips(mixed, captions=CAPTIONS))
    found = [set(texts_read(rendered(page, 200))) for page in document]
    codes = [slip.code for slip in printed]
    assert found == [{codes[11]}, set(codes[12:]), set(codes[:10]), {codes[10]}]


def test_a_page_says_what_it_is_for_whom_and_when():
    document = opened(labels.pupil_slips(slips_of("2nde 3", 11), captions=CAPTIONS))
    foot = "".join(sign.text for sign in signs(document[1]) if sign.box.top > 279)
    assert foot == ("Fichesélèves·2nde3–LycéeSalvador-Allende,Hérouville-Saint-Clair·Impriméle21novembre2026Page2sur2")


@pytest.mark.parametrize("name", [
    "Marie-Antoinette de la Rochefoucauld-Montmorency-Laval Plessis", "W" * 60,
    '#eval("1+1") *x* $y$', "Éléonore Œuvré ÿ ç ñ",
])  # fmt: skip
def test_a_name_stays_whole_literal_and_on_its_slip(name):
    slip = PupilSlip(name, name, name, own_code(OwnKind.PUPIL_SLIP, 4))
    page = opened(labels.pupil_slips([slip], captions=CAPTIONS))[0]
    on_slip = [sign for sign in signs(page) if 15 < sign.box.top < 15 + 52.8]
    assert "".join(sign.text for sign in on_slip).count("".join(name.split())) == 3
    assert [sign for sign in on_slip if not place_of(0).holds(sign.box)] == []
    code_squares = Box(105 - 9 - 21 - 4, 6 + 15 - 4, 105, 15 + 31)
    assert [sign for sign in on_slip if code_squares.holds_point(sign.box.right, sign.box.bottom)] == []
    assert texts_read(cut_out(rendered(page, 200), place_of(0), 200)) == [slip.code] * 2


def test_no_slip_is_refused():
    with pytest.raises(ValueError, match="no slip"):
        labels.pupil_slips([], captions=CAPTIONS)


@pytest.mark.parametrize("code", ["", "123456789AB", own_code(OwnKind.DEVICE_TAG, 5)])
def test_a_code_that_is_no_slips_is_refused(code):
    with pytest.raises(ValueError, match="not the code of a pupil slip"):
        labels.pupil_slips([PupilSlip("A", "B", "C", code)], captions=CAPTIONS)
