"""A clearly blank page is told from one with a line of writing."""

import cv2
import numpy as np
import pytest

from tracker.scanning.blank import is_blank
from tracker.scanning.symbols import UnreadableImage


def page(seed: int = 1, *, paper: int = 235) -> np.ndarray:
    """The back of a sheet as a copier gives it: not white, noisy, a shadow along the edge."""
    noise = np.random.default_rng(seed).normal(0, 8, (1754, 1240))
    grey = np.clip(paper + noise, 0, 255).astype(np.uint8)
    grey[:, :25] = 60
    return grey


@pytest.mark.parametrize("paper", [180, 235, 255])
def test_the_back_of_a_sheet_is_blank(paper):
    assert is_blank(page(paper=paper))


def test_what_shines_through_is_not_on_the_page():
    sheet = page()
    for line in range(300, 1500, 40):
        cv2.putText(sheet, "the other side of the sheet", (150, line), cv2.FONT_HERSHEY_SIMPLEX, 1, 222, 2)
    assert is_blank(sheet)


@pytest.mark.parametrize("text", ["Lu et approuve", "X. Martin"])
def test_a_line_of_writing_is_not_blank(text):
    sheet = page()
    cv2.putText(sheet, text, (400, 900), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.5, 60, 3)
    assert not is_blank(sheet)


def test_what_is_no_picture_is_refused():
    with pytest.raises(UnreadableImage):
        is_blank(b"nothing")
