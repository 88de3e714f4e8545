"""Shipping labels: read back from a bad print, every word whole and in its place."""

import cv2
import numpy as np
import pytest

from tests.labels.shipping import CAPTIONS, WIDE_ADDRESS, a_label
from tests.paper import Box, opened, rendered, signs
from tracker import scanning
from tracker.labels import Paper, shipping_labels
from tracker.scanning import CodeKind, classify


def printed(*labels, paper=Paper.ALONE):
    return opened(shipping_labels(labels, paper, captions=CAPTIONS))


def tilted(picture: np.ndarray, degrees: float) -> np.ndarray:
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.85)
    return cv2.warpAffine(picture, turn, (width, height), borderValue=255)


def noisy(picture: np.ndarray, spread: float) -> np.ndarray:
    grain = np.random.default_rng(1).normal(0, spread, picture.shape)
    return np.clip(picture * 0.7 + 40 + grain, 0, 255).astype(np.uint8)


DEGRADED = {
    "a poor printer": (90, lambda picture: picture),
    "out of focus": (150, lambda picture: cv2.GaussianBlur(picture, (0, 0), 1.6)),
    "in the dark": (120, lambda picture: noisy(picture, 22)),
    "held aslant": (150, lambda picture: tilted(picture, 14)),
    "all of it at once": (150, lambda picture: noisy(cv2.GaussianBlur(tilted(picture, -6), (0, 0), 0.9), 10)),
}


@pytest.mark.parametrize("name", DEGRADED)
@pytest.mark.parametrize("symbology", ["code_128", "qr"])
def test_either_symbol_alone_is_read_back_from_a_bad_picture(name, symbology):
    label = a_label(123_456)
    dpi, spoilt = DEGRADED[name]
    picture = rendered(printed(label)[0], dpi)
    cut = round(picture.shape[0] * 0.5)
    picture[slice(0, cut) if symbology == "code_128" else slice(cut, None)] = 255
    read = scanning.read(spoilt(picture), effort=scanning.Effort.FULL).symbols
    assert {(symbol.symbology.value, classify(symbol).kind, classify(symbol).value) for symbol in read} == {
        (symbology, CodeKind.PARCEL, label.reference)
    }


def test_each_page_has_its_own_parcel_in_the_order_given():
    labels = [a_label(serial) for serial in (3, 1, 2)]
    for page, label in zip(printed(*labels), labels, strict=True):
        assert {symbol.text for symbol in scanning.read(rendered(page, 110)).symbols} == {f"00{label.reference}"}


@pytest.mark.parametrize("paper", Paper)
def test_the_widest_address_is_printed_whole_and_stays_on_the_label(paper):
    label = a_label(sender=WIDE_ADDRESS, recipient=WIDE_ADDRESS, whom="W" * 60, route="W" * 40)
    corner = (10, 12) if paper is Paper.A4 else (0, 0)
    box = Box(corner[0] + 3, corner[1] + 3, corner[0] + 97, corner[1] + 147)
    page = printed(label, paper=paper)[0]
    inside = [sign for sign in signs(page) if box.holds(sign.box)]
    said = "".join(sign.text for sign in inside)
    for words in (*WIDE_ADDRESS, "W" * 60):
        assert words.replace(" ", "") in said
    beyond = Box(corner[0], corner[1], corner[0] + 100, corner[1] + 150)
    assert all(box.holds(sign.box) for sign in signs(page) if beyond.holds(sign.box))


def test_a4_says_what_to_do_beside_the_label():
    label = a_label()
    said = "".join(sign.text for sign in signs(printed(label, paper=Paper.A4)[0]))
    for words in (label.steps_title, *label.steps, CAPTIONS.cut, CAPTIONS.contact, CAPTIONS.funding):
        assert "".join(words.split()) in said


def test_each_page_of_a4_says_what_to_do_with_its_own_parcel():
    steps = ("Vérifiez le contenu.", "Laissez la carte SIM.")
    labels = [a_label(number, steps=(step,)) for number, step in enumerate(steps, start=1)]
    first, second = ("".join(sign.text for sign in signs(page)) for page in printed(*labels, paper=Paper.A4))
    assert ("Vérifiez" in first, "Laissez" in first) == (True, False)
    assert ("Vérifiez" in second, "Laissez" in second) == (False, True)


@pytest.mark.parametrize("labels", [[], [a_label(reference="0" * 18)], [a_label(reference="123")]])
def test_no_label_and_no_sscc_are_refused(labels):
    with pytest.raises(ValueError, match="no"):
        shipping_labels(labels, Paper.A4, captions=CAPTIONS)
