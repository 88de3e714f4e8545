"""Pictures of labels for tests, drawn here: codes as JPEG files."""

import io

import cv2
import numpy as np
import zxingcpp


def picture_of(text: str, symbology: str = "Code128", scale: int = 3, margin: int = 60) -> np.ndarray:
    """A clean grey picture of one code on white."""
    barcode = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, symbology))
    drawn = np.asarray(barcode.to_image(scale=scale))
    if drawn.shape[0] < 40 * scale and symbology.startswith(("Code", "EAN", "UPC")):
        drawn = cv2.resize(drawn, (drawn.shape[1], 40 * scale), interpolation=cv2.INTER_NEAREST)
    return cv2.copyMakeBorder(drawn, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=255)


def photo_of(text: str, symbology: str = "Code128") -> io.BytesIO:
    """The picture as a JPEG file."""
    return io.BytesIO(cv2.imencode(".jpg", picture_of(text, symbology))[1].tobytes())
