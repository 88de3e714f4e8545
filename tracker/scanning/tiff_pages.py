"""The pages of a TIFF, as scanners and fax machines make them: sizes known before anything is decoded."""

import struct
from collections.abc import Iterator

import cv2
import numpy as np

from tracker.scanning.images import SMALLEST_SIDE, Grey
from tracker.scanning.symbols import UnreadablePile

STARTS = (b"II*\0", b"MM\0*")
MOST_DIRECTORIES = 2_000
MOST_ENTRIES = 200
MOST_PIXELS = 40_000_000
"""A4 at 600 dpi has 35 million."""

_WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT = 256, 257, 322, 323
_SHORT = 3


def pages_of(data: bytes, most: int) -> Iterator[Grey]:
    """Each page in grey. Raises UnreadablePile."""
    found = sizes(data)
    if len(found) > most:
        raise UnreadablePile("too_many_pages", pages=len(found))
    for page, (width, height) in enumerate(found, start=1):
        if width * height > MOST_PIXELS:
            raise UnreadablePile("page_too_large", page=page)
        if min(width, height) < SMALLEST_SIDE:
            raise UnreadablePile("broken", page=page)
        yield _decoded(data, page)


def sizes(data: bytes) -> list[tuple[int, int]]:
    """Width and height of each page, of its tiles where those are larger. Raises UnreadablePile."""
    try:
        found = list(_sizes(data, "<" if data.startswith(b"II") else ">"))
    except struct.error:
        raise UnreadablePile("broken") from None
    if not found:
        raise UnreadablePile("empty")
    return found


def _sizes(data: bytes, order: str) -> Iterator[tuple[int, int]]:
    """Follow the chain of directories, which a broken file may close to a ring."""
    (at,) = struct.unpack_from(order + "I", data, 4)
    for _ in range(MOST_DIRECTORIES):
        if at == 0:
            return
        (entries,) = struct.unpack_from(order + "H", data, at)
        if entries > MOST_ENTRIES:
            break
        tags = dict(_tag(data, order, at + 2 + 12 * number) for number in range(entries))
        yield max(tags.get(_WIDTH, 0), tags.get(_TILE_WIDTH, 0)), max(tags.get(_HEIGHT, 0), tags.get(_TILE_HEIGHT, 0))
        (at,) = struct.unpack_from(order + "I", data, at + 2 + 12 * entries)
    raise UnreadablePile("broken")


def _tag(data: bytes, order: str, at: int) -> tuple[int, int]:
    """A directory's entry: its tag and its (first) number."""
    tag, kind = struct.unpack_from(order + "HH", data, at)
    (value,) = struct.unpack_from(order + ("H" if kind == _SHORT else "I"), data, at + 8)
    return tag, value


def _decoded(data: bytes, page: int) -> Grey:
    try:
        made, pictures = cv2.imdecodemulti(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE, range=(page - 1, page))
    except cv2.error:
        made, pictures = False, ()
    if not made or not pictures:
        raise UnreadablePile("broken", page=page)
    return np.asarray(pictures[0], np.uint8)
