"""The receipt of a return: its words print as they stand, and its code is read back from a poor print."""

import pytest

from tests.paper import opened, rendered, texts_read
from tracker.documents import ReturnReceipt, return_receipt
from tracker.rules.codes import OwnKind, own_code

from .samples import CONTACTS

TAG = own_code(OwnKind.DEVICE_TAG, 123_456_789)
HOSTILE = '#eval("1+1") $x$ *y* <script>alert(1)</script> ' + "W" * 80


def receipt(**changes):
    values = {
        "title": "Reçu d’un appareil rendu", "programme": "Pack Numérique Lycéen", "code": TAG,
        "code_caption": "Étiquette de l’appareil", "facts": (("Appareil", HOSTILE), ("Rendu par", "Éléa Dupont")),
        "note": "L’appareil a été reçu.", "assistance": "Aide aux familles : 0 800 97 87 00",
        "printed_on": "Imprimé le 5 octobre 2026", "page": "{page} / {pages}",
    }  # fmt: skip
    return opened(return_receipt(ReturnReceipt(**(values | changes)), contacts=CONTACTS))


def test_it_is_one_page_that_says_everything_and_is_read_back():
    document = receipt()
    assert len(document) == 1
    printed = document[0].get_textpage().get_text_range().replace("\u200b", "")
    shown = "".join(printed.split())
    for words in (HOSTILE, "Éléa Dupont", "0 800 97 87 00", "L’appareil a été reçu."):
        assert "".join(words.split()) in shown
    assert set(texts_read(rendered(document[0], 150))) == {TAG}


def test_a_code_of_somebody_else_is_refused():
    with pytest.raises(ValueError, match="none of our codes"):
        receipt(code="PND123")
