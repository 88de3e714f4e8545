"""The record of a stocktake: every page bears its code, every word prints as it stands, however long the lists."""

import dataclasses

import cv2
import pytest

from tests.paper import opened, rendered, signs, words
from tracker import scanning
from tracker.documents import Listing, PageCaptions, StocktakeRecord, stocktake_record
from tracker.rules.codes import OwnKind, own_code

CAPTIONS = PageCaptions("Procès-verbal d’inventaire", "Imprimé le 5 oct. 2026", "page {page} sur {pages}")
CODE = own_code(OwnKind.STOCKTAKE, 12)
HOSTILE = '#eval("1+1") $x$ *y* _z_ @a <b> -> fi'


def record(rows=3, found=2, code=CODE):
    missing = tuple((f"PF{number:06d}", f"Lenovo 300e · {HOSTILE}", HOSTILE) for number in range(rows))
    return StocktakeRecord(
        place="Classe 2DE1 · Lycée Malherbe", code=code, facts=(("Commencé", HOSTILE),), figures=(("attendus", "5"),),
        note=HOSTILE, listings=(Listing("Manquants", ("Code", "Appareil", "Règlement"), missing),),
        found_title="Trouvés", found=tuple(f"QX{number:06d}" for number in range(found)), signatures=("Compté par",),
    )  # fmt: skip


def test_every_page_bears_the_code_that_the_scanner_reads_back():
    document = opened(stocktake_record(record(rows=60, found=700), captions=CAPTIONS))
    assert len(document) > 2
    for page in document:
        picture = cv2.imencode(".png", rendered(page, 150))[1].tobytes()
        assert CODE in {symbol.text for symbol in scanning.read(picture).symbols}


def test_every_line_is_there_and_prints_as_it_stands():
    document = opened(stocktake_record(record(rows=40, found=300), captions=CAPTIONS))
    text = "".join("".join(words(page).split()) for page in document)
    for code in [*(f"PF{number:06d}" for number in range(40)), *(f"QX{number:06d}" for number in range(300))]:
        assert code in text
    assert text.count("".join(HOSTILE.split())) >= 2


def test_what_was_typed_without_a_space_stays_on_the_page():
    long = dataclasses.replace(record(rows=0), note="N" * 300, listings=(
        Listing("Manquants", ("Code", "Appareil", "Règlement"), (("C" * 60, "A" * 300, "R" * 300),)),
    ))  # fmt: skip
    (page,) = opened(stocktake_record(long, captions=CAPTIONS))
    typed = [sign for sign in signs(page) if sign.text in "NCAR"]
    assert len(typed) >= 960
    assert max(sign.box.right for sign in typed) < 210 - 18 + 0.1


def test_a_code_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="not the code of a stocktake"):
        stocktake_record(record(code=own_code(OwnKind.DEVICE_TAG, 1)), captions=CAPTIONS)
