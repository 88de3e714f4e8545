"""The stages of reading a frame, cheap ones first, and the run through them within a budget of CPU time."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from tracker.scanning import engines, localise, restore
from tracker.scanning.images import Frame, Grey, open_frame
from tracker.scanning.symbols import LINEAR, Corners, Reading, Symbol, Symbology

Wanted = Callable[[Symbol], bool]
SNAPSHOT_BUDGET_MS = 600.0
CALM_PIXELS = 2_100_000
"""Stages over the whole picture see a larger photograph shrunk to about this many pixels."""

SMALL_PIXELS = 400_000
"""A frame of no more pixels is also enlarged as a whole."""

SHARPENED_SIGMA, SHARPENED_BY = 5.0, 2.0
"""The unsharp mask for enlarged two-dimensional codes: pixels, and how strongly."""

CROP_ROWS = 4
"""zbar reads every so many rows of an upright crop."""

RESTORED_REGIONS = 3
"""Restoring bars costs some 30 ms a region: only the most striking ones get it."""


class Effort(StrEnum):
    """How far the cascade goes: stages 1 to 3 for the frames of a live camera, all six for a snapshot."""

    LIVE = "live"
    FULL = "full"


@dataclass
class Look:
    """One frame being read: its picture, what was read so far, and until when CPU time may be spent."""

    grey: Grey
    started: float
    deadline: float
    symbols: list[Symbol] = field(default_factory=list)

    @cached_property
    def calm(self) -> Grey:
        """The picture, shrunk when it is a large photograph."""
        scale = (CALM_PIXELS / self.grey.size) ** 0.5
        if scale >= 1:
            return self.grey
        return np.asarray(cv2.resize(self.grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)

    @property
    def calm_to_frame(self) -> npt.NDArray[np.float64]:
        """The matrix from the shrunk picture's pixels to the picture's."""
        return np.array([[1.0, 0, 0], [0, 1.0, 0]]) * (self.grey.shape[1] / self.calm.shape[1])

    @cached_property
    def texture(self) -> localise.Texture:
        """The directions of the picture's edges, computed once."""
        return localise.texture(self.grey)

    def in_time(self) -> bool:
        """Whether CPU time is left."""
        return time.thread_time() < self.deadline

    def unread(self, regions: list[localise.Region]) -> Iterator[localise.Region]:
        """The regions, while time is left, in whose middle no symbol was read yet."""
        for region in regions:
            if not self.in_time():
                return
            if not any(_covers(symbol.corners, region.centre) for symbol in self.symbols):
                yield region

    def add(self, found: list[Symbol]) -> None:
        """Keep what is new; a second, different text at a place already read is not believed."""
        cpu_ms = (time.thread_time() - self.started) * 1000
        earlier = list(self.symbols)
        for symbol in found:
            if not any(_is_again(symbol, other) for other in self.symbols) and not any(
                _contradicts(symbol, other) for other in earlier
            ):
                self.symbols.append(replace(symbol, cpu_ms=cpu_ms))


def read(
    frame: Frame, budget_ms: float = SNAPSHOT_BUDGET_MS, *, effort: Effort = Effort.FULL, wanted: Wanted | None = None
) -> Reading:
    """All symbols of a JPEG, a PNG or an array (grey, BGR), with what read them.

    The first stage reads all symbols in view. The following stages run, each to its end, only while no
    symbol read satisfies `wanted` (without it: while there is none) and less than `budget_ms` of this
    thread's CPU time is spent. Raises UnreadableImage.
    """
    started = time.thread_time()
    look = Look(open_frame(frame), started, started + budget_ms / 1000)
    for stage in STAGES[: LIVE_STAGES if effort is Effort.LIVE else None]:
        stage(look)
        if any(wanted(symbol) if wanted else True for symbol in look.symbols) or not look.in_time():
            break
    cpu_ms = (time.thread_time() - started) * 1000
    return Reading(tuple(look.symbols), engines.engines_available(), cpu_ms)


def fast_zxing(look: Look) -> None:
    """Stage 1: upright symbols by zxing-cpp; a large photograph also at its full size."""
    look.add(_placed(engines.read_zxing(look.calm, 1), look.calm_to_frame))
    if look.calm is not look.grey:
        look.add(engines.read_zxing(look.grey, 1))


def sparse_zbar(look: Look) -> None:
    """Stage 2: linear symbols in both directions by zbar on every fourth line, each checked by zxing-cpp."""
    found = _placed(engines.read_zbar(look.calm, 2), look.calm_to_frame)
    look.add([symbol for read in found if (symbol := _confirmed(look.grey, read))])


def turned_stripes(look: Look) -> None:
    """Stage 3: places with the texture of bars, turned upright and enlarged."""
    for region in look.unread(localise.striped_regions(look.texture)):
        crop = localise.cut_out(look.grey, region)
        look.add(_placed(_linear(_dark_on_light(crop.grey), 3), crop.to_frame))


def thorough_zxing(look: Look) -> None:
    """Stage 4: zxing-cpp turns, shrinks and inverts the picture itself."""
    look.add(_placed(engines.read_zxing(look.calm, 4, thorough=True), look.calm_to_frame))


def restored_stripes(look: Look) -> None:
    """Stage 5: bars averaged along their length, normalised and sharpened; QR codes by zbar on every line."""
    for region in look.unread(localise.striped_regions(look.texture)[:RESTORED_REGIONS]):
        crop = localise.cut_out(look.grey, region)
        look.add(_placed(restore.read_restored(_dark_on_light(crop.grey), 5), crop.to_frame))
    if look.in_time():
        found = engines.read_zbar(look.calm, 5, density=1, matrix=True)
        look.add(_placed(found, look.calm_to_frame))


def enlarged_squares(look: Look) -> None:
    """Stage 6: places with the texture of a two-dimensional code, enlarged two to four times; small frames whole."""
    if look.grey.size <= SMALL_PIXELS:
        whole = cv2.resize(look.grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        look.add(_placed(_matrix(np.asarray(whole, np.uint8), 6), np.array([[0.5, 0, 0], [0, 0.5, 0]])))
    for region in look.unread(localise.busy_regions(look.texture)):
        crop = localise.cut_out(look.grey, region, most_height=None)
        look.add(_placed(_matrix(crop.grey, 6), crop.to_frame))


STAGES: tuple[Callable[[Look], None], ...] = (
    fast_zxing,
    sparse_zbar,
    turned_stripes,
    thorough_zxing,
    restored_stripes,
    enlarged_squares,
)
LIVE_STAGES = 3


def _dark_on_light(crop: Grey) -> Grey:
    """The crop, inverted when its quiet zones are darker than its bars on average: some labels are white on black."""
    end = max(crop.shape[1] // 16, 1)
    zones = np.concatenate((crop[:, :end], crop[:, -end:]), axis=1)
    return crop if zones.mean() >= crop.mean() else np.asarray(cv2.bitwise_not(crop), np.uint8)


def _linear(grey: Grey, stage: int) -> list[Symbol]:
    """The linear symbols of an upright crop, by whichever engine reads them."""
    found = engines.read_zxing(grey, stage, engines.LINEAR_FORMATS)
    return found or engines.read_zbar(grey, stage, density=CROP_ROWS, upright=True)


def _matrix(grey: Grey, stage: int) -> list[Symbol]:
    """The two-dimensional symbols of an enlarged crop; their own error correction vouches for them."""
    return (
        engines.read_zxing(grey, stage, engines.MATRIX_FORMATS, thorough=True)
        or engines.read_zxing(_sharpened(grey), stage, engines.MATRIX_FORMATS, thorough=True)
        or engines.read_zbar(grey, stage, density=2, matrix=True)
    )


def _sharpened(grey: Grey) -> Grey:
    """The picture under an unsharp mask."""
    soft = cv2.GaussianBlur(grey, (0, 0), SHARPENED_SIGMA)
    return np.asarray(cv2.addWeighted(grey, 1 + SHARPENED_BY, soft, -SHARPENED_BY, 0), np.uint8)


def _confirmed(grey: Grey, read: Symbol) -> Symbol | None:
    """What zbar read, after a look by zxing-cpp at the same place: zbar alone does not know Code 128's FNC4.

    zxing-cpp's text where both read the same bars, nothing where they contradict each other.
    """
    if read.symbology not in LINEAR:
        return read
    crop = localise.cut_out(grey, localise.region_of(read.corners))
    middle = (crop.grey.shape[1] / 2, crop.grey.shape[0] / 2)
    found = engines.read_zxing(crop.grey, read.stage, engines.LINEAR_FORMATS)
    there = [other for other in found if _covers(other.corners, middle, margin=20)]
    same = [other for other in there if _seven_bits(other.text) == _seven_bits(read.text)]
    if same:
        return replace(read, text=same[0].text)
    return None if there else read


def _seven_bits(text: str) -> bytes:
    """The text without the high bits that FNC4 sets."""
    return bytes(byte & 0x7F for byte in text.encode("latin-1", "replace"))


def _placed(found: list[Symbol], to_frame: npt.NDArray[np.float64]) -> list[Symbol]:
    """The symbols with their corners moved to the frame's pixels."""
    return [replace(symbol, corners=_moved(symbol.corners, to_frame)) for symbol in found]


def _moved(corners: Corners, to_frame: npt.NDArray[np.float64]) -> Corners:
    """Corners taken through a 2x3 matrix."""
    points = np.array(corners, np.float64) @ to_frame[:, :2].T + to_frame[:, 2]
    return tuple((round(float(x)), round(float(y))) for x, y in points)  # type: ignore[return-value]


def _covers(corners: Corners, point: tuple[float, float], margin: float = 4.0) -> bool:
    """Whether a point lies inside the corners, or nearly."""
    hull = cv2.convexHull(np.array(corners, np.float32))
    return bool(cv2.pointPolygonTest(hull, (float(point[0]), float(point[1])), True) >= -margin)


def _middle(symbol: Symbol) -> tuple[float, float]:
    """The centre of a symbol."""
    return sum(x for x, _ in symbol.corners) / 4, sum(y for _, y in symbol.corners) / 4


def _is_again(symbol: Symbol, other: Symbol) -> bool:
    """Whether the same thing was read before."""
    return (symbol.text, symbol.symbology) == (other.text, other.symbology)


def _contradicts(symbol: Symbol, other: Symbol) -> bool:
    """Whether two linear symbols claim the same place; a QR code may well stand within another."""
    if symbol.symbology in (Symbology.QR, Symbology.DATA_MATRIX):
        return False
    return _covers(other.corners, _middle(symbol)) or _covers(symbol.corners, _middle(other))
