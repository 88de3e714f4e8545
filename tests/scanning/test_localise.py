"""Where codes are likely: found with their direction, cut out upright, and placed back in the frame."""

import cv2
import numpy as np
import pytest

from bench.pictures import drawn, on_frame, turned
from tracker.scanning.localise import busy_regions, cut_out, striped_regions, texture


@pytest.mark.parametrize("degrees", [0, 20, 45, 70, 90, 110, 160])
def test_bars_are_found_with_the_direction_across_them(degrees: float) -> None:
    frame = turned(drawn("PF3A7K2M"), degrees)

    region = striped_regions(texture(frame))[0]

    assert (region.angle + degrees + 3) % 180 == pytest.approx(3, abs=3)
    assert region.centre == pytest.approx((frame.shape[1] / 2, frame.shape[0] / 2), abs=25)
    assert region.length > 2 * region.height


@pytest.mark.parametrize("symbology", ["qr", "data_matrix"])
@pytest.mark.parametrize("degrees", [0, 30])
def test_a_two_dimensional_code_is_found_as_a_busy_place(symbology: str, degrees: float) -> None:
    symbol = turned(drawn("PNDBCDFGHJKL, and some more of it", symbology), degrees)
    frame = on_frame(symbol, size=(600, 900))

    region = busy_regions(texture(frame))[0]

    middle = (20 + symbol.shape[1] / 2, 20 + symbol.shape[0] / 2)
    assert region.centre == pytest.approx(middle, abs=15)


def test_nothing_is_found_on_an_even_ground() -> None:
    found = texture(np.full((300, 400), 128, np.uint8))

    assert striped_regions(found) == busy_regions(found) == []


def test_a_crop_stands_upright_and_knows_its_place() -> None:
    frame = turned(drawn("PF3A7K2M"), 30)
    crop = cut_out(frame, striped_regions(texture(frame))[0])

    across, along = (np.abs(cv2.Sobel(crop.grey, cv2.CV_32F, *way)).mean() for way in ((1, 0), (0, 1)))
    assert across > 5 * along
    x, y = crop.to_frame @ (crop.grey.shape[1] / 2, crop.grey.shape[0] / 2, 1)
    assert (x, y) == pytest.approx((frame.shape[1] / 2, frame.shape[0] / 2), abs=25)
