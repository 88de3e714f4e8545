"""The sheet of test codes: every symbology read back as what it is."""

import pytest

from tests.paper import Box, cut_out, opened, rendered, texts_read, words
from tracker import labels, scanning
from tracker.labels import PageCaptions, PrintedCode, Symbology
from tracker.rules.codes import OwnKind, own_code

CAPTIONS = PageCaptions("Codes d’essai", "Imprimé le 21 novembre 2026", "Page {page} sur {pages}", "Devant la caméra.")
CODES = [
    PrintedCode("Étiquette", own_code(OwnKind.DEVICE_TAG, 12345), Symbology.CODE_128, "Un appareil en stock"),
    PrintedCode("Fiche", own_code(OwnKind.PUPIL_SLIP, 99), Symbology.QR),
    PrintedCode("Série Lenovo", "PF3K2L9X", Symbology.CODE_39),
    PrintedCode("Série HP", "5CD1234XYZ", Symbology.DATA_MATRIX),
    PrintedCode("Article", "4006381333931", Symbology.EAN_13, "Refusé : ce n’est pas un appareil"),
    PrintedCode("Série Acer", "NXVPWEF0013470E8A97600", Symbology.CODE_128),
    PrintedCode("Lenovo 1S", "1S20TAS0YV00PF3K2L9X", Symbology.CODE_39),
    PrintedCode("IMEI", "356938035643809", Symbology.CODE_128),
    PrintedCode("ICCID", "8933150319000012345", Symbology.CODE_128),
    PrintedCode("Adresse", "https://example.org/é?x=1&y=2", Symbology.QR),
    PrintedCode("Série ASUS", "L9N0CX12345678A", Symbology.DATA_MATRIX),
    PrintedCode("Long", "A" * 34, Symbology.CODE_39),
]


def place_of(slot: int) -> Box:
    left, top = 9 + slot % 2 * 98, 26 + slot // 2 * 51.5
    return Box(left, top, left + 94, top + 47.5)


@pytest.mark.parametrize("dpi", [150, 300])
def test_every_code_is_read_back_with_its_symbology(dpi):
    document = opened(labels.test_codes_page(CODES[:10], captions=CAPTIONS))
    assert len(document) == 1
    picture = rendered(document[0], dpi)
    for slot, code in enumerate(CODES[:10]):
        read = scanning.read(cut_out(picture, place_of(slot), dpi)).symbols
        assert [(symbol.text, symbol.symbology.value) for symbol in read] == [(code.text, code.symbology.value)]
    assert texts_read(picture) == sorted(code.text for code in CODES[:10])


def test_more_codes_flow_on_and_a_long_one_takes_the_whole_row():
    document = opened(labels.test_codes_page(CODES, captions=CAPTIONS))
    assert len(document) == 2
    picture = rendered(document[1], 200)
    assert texts_read(picture) == sorted(code.text for code in CODES[10:])
    both = Box(place_of(2).left, place_of(2).top, place_of(3).right, place_of(3).bottom)
    assert texts_read(cut_out(picture, both, 200)) == ["A" * 34]


def test_a_card_says_its_name_its_text_and_what_to_expect():
    page = opened(labels.test_codes_page(CODES[4:5], captions=CAPTIONS))[0]
    for said in ("Article", "EAN-13", "4006381333931", "Refusé:cen’estpasunappareil", "Devantlacaméra.", "Page1sur1"):
        assert said in words(page)


@pytest.mark.parametrize(("text", "symbology"), [
    ("", Symbology.QR), ("é", Symbology.CODE_39), ("abc", Symbology.CODE_39), ("é€", Symbology.CODE_128),
    ("4006381333932", Symbology.EAN_13), ("400638133393", Symbology.EAN_13), ("A" * 80, Symbology.CODE_39),
    ("x" * 5000, Symbology.QR), ("x" * 5000, Symbology.DATA_MATRIX), ("x" * 400, Symbology.QR),
])  # fmt: skip
def test_what_a_symbol_cannot_carry_legibly_is_refused(text, symbology):
    with pytest.raises(ValueError, match=r"symbol|cannot carry|too long"):
        labels.test_codes_page([PrintedCode("x", text, symbology)], captions=CAPTIONS)


def test_no_code_is_refused():
    with pytest.raises(ValueError, match="no code"):
        labels.test_codes_page([], captions=CAPTIONS)
