"""Opening pictures: what can be read is turned upright, what cannot is refused before it does harm."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from bench.pictures import drawn, jpeg, on_frame, png
from tracker.scanning import UnreadableImage, read
from tracker.scanning.images import MAX_PIXELS, open_frame

LABEL = on_frame(drawn("PF3A7K2M"), size=(240, 520))


@pytest.mark.parametrize(
    "frame",
    [
        LABEL,
        LABEL[:, :, None],
        cv2.cvtColor(LABEL, cv2.COLOR_GRAY2BGR),
        cv2.cvtColor(LABEL, cv2.COLOR_GRAY2BGRA),
        np.asfortranarray(LABEL),
        jpeg(LABEL),
        png(LABEL),
        png(cv2.cvtColor(LABEL, cv2.COLOR_GRAY2BGRA)),
        bytearray(jpeg(LABEL)),
        memoryview(png(LABEL)),
    ],
    ids=["grey", "one channel", "BGR", "BGRA", "columns", "jpeg", "png", "png alpha", "bytearray", "memoryview"],
)
def test_each_form_of_a_frame_is_read(frame) -> None:
    assert read(frame).texts == ("PF3A7K2M",)


@pytest.mark.parametrize(("orientation", "shape"), [(1, (240, 520)), (3, (240, 520)), (6, (520, 240)), (8, (520, 240))])
def test_a_photograph_is_turned_as_its_exif_says(orientation: int, shape: tuple[int, int]) -> None:
    assert open_frame(_with_orientation(jpeg(LABEL), orientation)).shape == shape


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"no picture", "format"),
        (b"GIF89a" + bytes(50), "format"),
        (b"%PDF-1.7", "format"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\xff\xd8\xff\xe0" + b"\xff\xff" * 8, "damaged"),
        (b"\xff\xd8\xff" + bytes(200), "damaged"),
        (jpeg(LABEL)[:300], "damaged"),
        (png(LABEL)[:60], "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableImage) as refusal:
        read(data)

    assert refusal.value.reason == reason


@pytest.mark.parametrize("side", [100_000, 65_000])
def test_a_decompression_bomb_is_refused_by_its_header(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(1000)))

    with pytest.raises(UnreadableImage, match="too_large"):
        read(bomb)


def test_a_jpeg_that_declares_too_much_is_refused_by_its_header() -> None:
    data = bytearray(jpeg(LABEL))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)

    with pytest.raises(UnreadableImage, match="too_large"):
        read(bytes(data))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((10, 10), np.float32),
        np.zeros((0, 10), np.uint8),
        np.zeros((10, 10, 2), np.uint8),
        np.zeros(100, np.uint8),
    ],
)
def test_an_array_that_is_no_picture_is_refused(array) -> None:
    with pytest.raises(UnreadableImage, match="array"):
        read(array)


def test_a_picture_of_a_few_pixels_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="empty"):
        read(np.zeros((4, 400), np.uint8))


def test_an_array_over_the_limit_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="too_large"):
        read(np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (MAX_PIXELS // 100, 101), (0, 0)))


def _with_orientation(data: bytes, orientation: int) -> bytes:
    """A JPEG file with an EXIF segment that holds only the orientation."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    segment = b"Exif\x00\x00" + tiff
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]


def _chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
