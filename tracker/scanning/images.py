"""Frames and photographs, opened safely: bytes or arrays in, upright grey pictures out."""

import struct
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from tracker.scanning.symbols import UnreadableImage

Grey = npt.NDArray[np.uint8]
Frame = bytes | bytearray | memoryview | npt.NDArray[Any]

MAX_PIXELS = 64_000_000
"""More pixels than this are refused before a single one is decoded (a decompression bomb)."""

MAX_BYTES = 32_000_000
WORKING_PIXELS = 16_000_000
"""Larger pictures are halved: a phone's 12 million pixels are read as they are."""

SMALLEST_SIDE = 8
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
MARKERS_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})

# One thread a frame: several frames are read at a time, and more threads on few cores cost CPU, not time.
cv2.setNumThreads(1)


def open_frame(frame: Frame) -> Grey:
    """The upright grey picture of a JPEG, a PNG, or an array (grey, BGR or BGRA).

    Raises UnreadableImage when there is no such picture, or it has more than MAX_PIXELS.
    """
    grey = _from_array(frame) if isinstance(frame, np.ndarray) else _from_bytes(bytes(frame))
    while grey.size > WORKING_PIXELS:
        grey = _halved(grey)
    return np.ascontiguousarray(grey)


def _from_array(array: npt.NDArray[Any]) -> Grey:
    """The grey picture of an array of 8-bit values."""
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or 0 in array.shape:
        raise UnreadableImage("array")
    _check_size(array.shape[1], array.shape[0])
    if array.ndim == 2:
        return array
    if array.shape[2] not in (1, 3, 4):
        raise UnreadableImage("array")
    if array.shape[2] == 1:
        return array[:, :, 0]
    code = cv2.COLOR_BGR2GRAY if array.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    return np.asarray(cv2.cvtColor(array, code), np.uint8)


def _from_bytes(data: bytes) -> Grey:
    """The grey picture in a file's bytes, turned as its EXIF orientation says."""
    _check_size(*picture_size(data))
    return _decoded(data, cv2.IMREAD_GRAYSCALE)


def _decoded(data: bytes, mode: int) -> npt.NDArray[np.uint8]:
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except cv2.error as error:
        raise UnreadableImage("damaged") from error
    if picture is None:
        raise UnreadableImage("damaged")
    return np.asarray(picture, np.uint8)


def photograph(data: bytes) -> npt.NDArray[np.uint8]:
    """The upright picture of a JPEG or PNG in colour (BGR), at half its size while it is very large.

    Raises UnreadableImage.
    """
    _check_size(*picture_size(data))
    picture = _decoded(data, cv2.IMREAD_COLOR)
    while picture.shape[0] * picture.shape[1] > WORKING_PIXELS:
        picture = _halved(picture)
    return picture


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height that a JPEG or PNG declares; raises UnreadableImage for anything else."""
    if not data:
        raise UnreadableImage("empty")
    if len(data) > MAX_BYTES:
        raise UnreadableImage("too_large")
    if data.startswith(PNG_SIGNATURE):
        return _png_size(data)
    if data.startswith(JPEG_START):
        return _jpeg_size(data)
    raise UnreadableImage("format")


def _png_size(data: bytes) -> tuple[int, int]:
    """Width and height in a PNG's header."""
    if len(data) < 24:
        raise UnreadableImage("damaged")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in a JPEG's frame header, found by walking its segments."""
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker in FRAME_HEADERS:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += _segment_length(data, at, marker)
    raise UnreadableImage("damaged")


def _segment_length(data: bytes, at: int, marker: int) -> int:
    """How many bytes to step over from the marker at `at`; a fill byte is one."""
    if marker == 0xFF:
        return 1
    if marker in MARKERS_WITHOUT_LENGTH:
        return 2
    return 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _check_size(width: int, height: int) -> None:
    """Refuse a picture that holds nothing or too much."""
    if width * height > MAX_PIXELS:
        raise UnreadableImage("too_large")
    if min(width, height) < SMALLEST_SIDE:
        raise UnreadableImage("empty")


def _halved(grey: Grey) -> Grey:
    """The picture at half its size, by area, so that no bar is dropped."""
    return np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
