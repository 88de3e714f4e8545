"""Fonts on paper: Inter, accents included; without it a warning and an embedded font."""

import logging

import pytest

from tests.paper import opened, rendered, signs, texts_read, words
from tracker import labels
from tracker.labels import ROLL, STOCKS, DeviceLabel, LabelCaptions
from tracker.rules.codes import OwnKind, own_code

CAPTIONS = LabelCaptions("Étiquettes", "N° de série")
TAG = own_code(OwnKind.DEVICE_TAG, 31)
ACCENTS = "ÉÈÊÀÇŒÆŸÑéèêëàâçœæÿñùüôïî«»’–"
LABEL = DeviceLabel(TAG, "PF3K2L9X", ACCENTS, "Région Normandie", "0 800 97 87 00")


def test_pages_are_set_in_inter_and_it_has_every_french_accent():
    found = signs(opened(labels.device_labels([LABEL], STOCKS["L7160"], captions=CAPTIONS))[0])
    assert ACCENTS in "".join(sign.text for sign in found)
    assert {sign.font.split("-")[0].split("+")[-1] for sign in found} == {"Inter"}


def test_without_inter_the_page_comes_all_the_same_and_the_log_says_so(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        made = labels.device_labels([LABEL], ROLL, captions=CAPTIONS, fonts=tmp_path / "nowhere")
    assert "Inter is missing" in caplog.text
    page = opened(made)[0]
    assert texts_read(rendered(page, 300)) == [TAG] * 2
    assert ACCENTS in words(page)


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\u2028", "\ud800", "\r\n"])
def test_control_characters_do_not_break_a_page(sign):
    label = DeviceLabel(TAG, f"PF{sign}3K", "Lenovo", "Région", "0 800")
    page = opened(labels.device_labels([label], ROLL, captions=CAPTIONS))[0]
    assert "PF3K" in words(page)


def test_decomposed_accents_are_printed_composed():
    label = DeviceLabel(TAG, "S1", "E\u0301le\u0301onore", "Région", "0 800")
    assert "Éléonore" in words(opened(labels.device_labels([label], ROLL, captions=CAPTIONS))[0])
