"""Blurred bars: restored where two bands agree, silent where they do not."""

import cv2
import numpy as np
import pytest

from bench.pictures import blurred, drawn, noisy
from tracker.scanning import Symbology
from tracker.scanning.engines import LINEAR_FORMATS, read_zxing
from tracker.scanning.restore import read_restored


def _bars(text: str) -> np.ndarray:
    """The bars of a Code 128 as an upright crop, five pixels a module, without the white above and below."""
    picture = drawn(text, module=5)
    rows = np.nonzero((picture < 128).any(axis=1))[0]
    return picture[rows[0] : rows[-1]]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda bars: noisy(blurred(bars, 4.2), 8),
        lambda bars: noisy(cv2.blur(blurred(bars, 1.5), (9, 1)), 4),
    ],
    ids=["out of focus", "moved"],
)
def test_bars_that_the_decoder_alone_cannot_read_are_restored(spoil) -> None:
    crop = spoil(_bars("PF3A7K2M"))

    assert read_zxing(crop, 1, LINEAR_FORMATS) == []
    (symbol,) = read_restored(crop, 5)
    assert (symbol.text, symbol.symbology, symbol.stage) == ("PF3A7K2M", Symbology.CODE_128, 5)


def test_bands_that_say_different_things_are_not_believed() -> None:
    one, other = _bars("PF3A7K2M"), _bars("PF3A7K2N")
    height = min(len(one), len(other)) // 2

    assert read_restored(np.vstack((one[:height], other[:height])), 5) == []


def test_one_band_alone_is_not_believed() -> None:
    bars = _bars("PF3A7K2M")
    crop = np.full((120, bars.shape[1]), 255, np.uint8)
    crop[:20] = bars[:20]

    assert read_restored(crop, 5) == []


def test_an_empty_crop_gives_nothing() -> None:
    assert read_restored(np.full((120, 400), 180, np.uint8), 5) == []
