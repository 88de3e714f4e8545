"""A scanned page, small: what a page with two hundred of them shows."""

import cv2
import numpy as np

from tracker.scanning.symbols import UnreadableImage

WIDTH = 320


def thumbnail(jpeg: bytes, width: int = WIDTH) -> bytes:
    """The picture as a JPEG of this width, never larger than it was. Raises UnreadableImage."""
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_2)
    if grey is None:
        raise UnreadableImage("damaged")
    scale = min(1.0, width / grey.shape[1])
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
