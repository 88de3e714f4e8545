"""Labels drawn, and spoilt as cameras spoil them: for measuring and for the tests of the scanning engine."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

Grey = npt.NDArray[np.uint8]
FORMATS: dict[str, Any] = {
    "code_128": zxingcpp.BarcodeFormat.Code128,
    "code_39": zxingcpp.BarcodeFormat.Code39,
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "data_matrix": zxingcpp.BarcodeFormat.DataMatrix,
    "ean_13": zxingcpp.BarcodeFormat.EAN13,
    "ean_8": zxingcpp.BarcodeFormat.EAN8,
    "upc_a": zxingcpp.BarcodeFormat.UPCA,
}


def drawn(text: str, symbology: str = "code_128", *, module: int = 3, **options: Any) -> Grey:
    """A symbol, black on white with its quiet zone, `module` pixels for its narrowest element."""
    barcode = zxingcpp.create_barcode(text, FORMATS[symbology], **options)
    symbol = np.array(zxingcpp.write_barcode_to_image(barcode, scale=module, add_quiet_zones=True), np.uint8)
    return np.pad(symbol, 8 * module, constant_values=255)


def on_frame(*symbols: Grey, size: tuple[int, int] = (720, 1280), ground: int = 205) -> Grey:
    """Symbols side by side, in rows, on one frame of `size` (height, width)."""
    frame = np.full(size, ground, np.uint8)
    x, y, row = 20, 20, 0
    for symbol in symbols:
        height, width = symbol.shape
        if x + width > size[1]:
            x, y, row = 20, y + row + 20, 0
        frame[y : y + height, x : x + width] = symbol
        x, row = x + width + 20, max(row, height)
    return frame


def turned(picture: Grey, degrees: float, ground: int = 205) -> Grey:
    """The picture turned about its centre on a canvas that holds all of it."""
    height, width = picture.shape
    side = int(np.hypot(height, width)) + 20
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    return _warped(picture, matrix, side, ground)


def _warped(picture: Grey, matrix: npt.NDArray[Any], side: int, ground: int) -> Grey:
    """The picture moved by an affine matrix onto a square canvas."""
    flags, border = cv2.INTER_LINEAR, cv2.BORDER_CONSTANT
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), flags=flags, borderMode=border, borderValue=ground))


def tilted(picture: Grey, share: float = 0.15, ground: int = 205) -> Grey:
    """The picture as seen from the left: its right edge shorter by twice `share`, its width by `share`."""
    height, width = picture.shape
    near = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    right = width * (1 - share)
    far = np.array([[0, 0], [right, height * share], [right, height * (1 - share)], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(near, far)
    return np.asarray(cv2.warpPerspective(picture, matrix, (width, height), borderValue=ground), np.uint8)


def blurred(picture: Grey, sigma: float) -> Grey:
    """Out of focus: a Gaussian of `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def noisy(picture: Grey, sigma: float, seed: int = 1) -> Grey:
    """Grain of `sigma` grey levels."""
    grain = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def faint(picture: Grey, contrast: float, dark: int = 90) -> Grey:
    """Black lifted to `dark`, the range shrunk to `contrast` of itself."""
    return (dark + picture * contrast).clip(0, 255).astype(np.uint8)


def shrunk(picture: Grey, share: float) -> Grey:
    """Seen from farther away."""
    return np.asarray(cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)


def jpeg(picture: npt.NDArray[Any], quality: int = 85) -> bytes:
    """The picture as a JPEG file."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def png(picture: npt.NDArray[Any]) -> bytes:
    """The picture as a PNG file."""
    return cv2.imencode(".png", picture)[1].tobytes()
