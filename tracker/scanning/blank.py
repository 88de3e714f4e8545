"""Whether a scanned page is clearly blank: the back of a sheet."""

import cv2
import numpy as np

from tracker.scanning.images import Frame, open_frame

MARGIN = 0.05
"""Share of each side that is not looked at: shadows of the copier, holes, staples."""

WIDTH = 500
DARKER_BY = 30
"""Grey levels below the paper: what shines through from the other side is fainter."""

MOST_INK = 0.0005
"""Share of dark pixels of a blank page; one line of writing is three times as much."""


def is_blank(frame: Frame) -> bool:
    """Whether there is nothing on the page: neither print nor pen. Raises UnreadableImage."""
    grey = open_frame(frame)
    height, width = grey.shape
    top, left = round(height * MARGIN), round(width * MARGIN)
    inner = grey[top : height - top, left : width - left]
    scale = WIDTH / inner.shape[1]
    small = cv2.resize(inner, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else inner
    return bool(np.mean(small < np.median(small) - DARKER_BY) < MOST_INK)
