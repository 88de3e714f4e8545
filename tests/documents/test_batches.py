"""The slip of a batch: every device on it, and a code that the scanning engine reads back."""

from dataclasses import replace

import cv2
import pypdfium2
import pytest

from tracker.documents.batches import BatchSlip, SlipLine, batch_slip
from tracker.rules.codes import OwnKind, number_of, own_code, parse_own_code
from tracker.scanning import CodeKind, classify, read
from tracker.typesetting import PageCaptions

CODE = own_code(OwnKind.BATCH, 4711)
CAPTIONS = PageCaptions("Bordereau", "Imprimé le 05/10/2026", "page {page} sur {pages}", "Région Normandie")


def slip(devices: int, **changes) -> BatchSlip:
    lines = [SlipLine(f"PF{number:06d}", "PNDBCDFGHJKL", "Lenovo 300e") for number in range(devices)]
    values = {"partner": "Atelier “du” Bocage", "kind": "Recyclage", "facts": (("Ouvert le", "05/10/2026"),)}
    values |= {"lines": lines, "headings": ("N°", "Série", "Étiquette", "Modèle"), "total": f"{devices} appareils"}
    return BatchSlip(CODE, **(values | changes))


def test_the_slip_lists_every_device_and_its_code_is_read_back():
    document = pypdfium2.PdfDocument(batch_slip(slip(90, signatures=("Remis", "Reçu")), captions=CAPTIONS))
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert len(document) > 1
    assert all(f"PF{number:06d}" in text for number in range(90))
    page = cv2.imencode(".png", document[0].render(scale=150 / 72, grayscale=True).to_numpy())[1]
    found = {symbol.text for symbol in read(page.tobytes()).symbols}
    assert CODE in found
    assert classify(CODE).kind is CodeKind.BATCH
    assert number_of(parse_own_code(CODE)) == 4711


def test_no_other_code_makes_a_slip():
    with pytest.raises(ValueError, match="batch"):
        batch_slip(replace(slip(1), code="PNDX"), captions=CAPTIONS)
