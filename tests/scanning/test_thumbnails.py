"""A scanned page, small."""

import cv2
import numpy as np
import pytest

from tracker.scanning.symbols import UnreadableImage
from tracker.scanning.thumbnails import WIDTH, thumbnail


def jpeg(width: int, height: int) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width), 200, np.uint8))[1].tobytes()


def size(data: bytes) -> tuple[int, int]:
    height, width = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE).shape
    return width, height


def test_it_has_the_width_of_a_list_and_the_page_s_form():
    assert size(thumbnail(jpeg(1654, 2339))) == (WIDTH, 453)


def test_a_small_picture_never_grows():
    assert size(thumbnail(jpeg(200, 100)))[0] <= 200


@pytest.mark.parametrize("data", [b"x", b"\xff\xd8\xff\xe0"])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(UnreadableImage):
        thumbnail(data)
