"""Where codes are likely: stripes with one direction (linear codes), busy squares (two-dimensional codes)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from tracker.scanning.images import Grey
from tracker.scanning.symbols import Corners

SEARCH_SIDE = 480
"""Regions are looked for in a picture with this longest side: bars need not be resolved, only their direction."""

COHERENCE = 0.55
MOST_REGIONS = 8
CROP_LENGTH = (900, 1800)
"""A striped region is enlarged, at most four times, to the first and shrunk to the second length in pixels."""

SQUARE_LENGTH = (600, 1200)
"""The same for a region of a two-dimensional code, which has fewer modules side by side."""

ENOUGH_POINTS = 2000
"""A part of more points is measured on about this many of them."""

CROP_HEIGHT = 120
"""Bars are the same all along: more lines than this of a linear code are not looked at."""

Mask = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Region:
    """A turned rectangle in the picture: centre, length across the bars, height along them, angle in degrees."""

    centre: tuple[float, float]
    length: float
    height: float
    angle: float
    weight: float


@dataclass(frozen=True)
class Crop:
    """A region cut out upright; `to_frame` is the 2x3 matrix from its pixels to the picture's."""

    grey: Grey
    to_frame: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Texture:
    """Gradients of the small picture, smoothed: energy, how much they agree, and the direction across the bars."""

    scale: float
    energy: Field
    coherence: Field
    cosine: Field
    sine: Field


def texture(grey: Grey, window: int = 11) -> Texture:
    """The structure tensor of the picture, averaged over `window` pixels of the search size."""
    scale = min(1.0, SEARCH_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    gx, gy = cv2.Scharr(small, cv2.CV_32F, 1, 0), cv2.Scharr(small, cv2.CV_32F, 0, 1)
    blur = (window, window)
    xx, yy, xy = (cv2.boxFilter(a, cv2.CV_32F, blur) for a in (gx * gx, gy * gy, gx * gy))
    energy = np.asarray(xx + yy, np.float32)
    cosine, sine = np.asarray(xx - yy, np.float32), np.asarray(2 * xy, np.float32)
    coherence = cv2.magnitude(cosine, sine) / (energy + 1e3)
    return Texture(scale, energy, np.asarray(coherence, np.float32), cosine, sine)


def striped_regions(found: Texture) -> list[Region]:
    """Places where all gradients point one way, as under the bars of a linear code; the strongest first."""
    busy = found.energy > _threshold(found.energy)
    mask = np.asarray((found.coherence > COHERENCE) & busy, np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), np.uint8)
    regions = (_striped_region(found, part) for part in _parts(mask, least=150))
    return _strongest(region for region in regions if region)


def busy_regions(found: Texture) -> list[Region]:
    """Places full of edges in all directions, no lines of text, as under a two-dimensional code."""
    mask = np.asarray((found.energy > _threshold(found.energy)) & (found.coherence < 0.7), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.uint8)
    regions = (_busy_region(found, part) for part in _parts(mask, least=80))
    return _strongest(region for region in regions if region)


def cut_out(grey: Grey, region: Region, *, most_height: int | None = CROP_HEIGHT) -> Crop:
    """The region turned upright (bars vertical) with its quiet zone, enlarged when it is small.

    With `most_height` lines are left out of a higher region; None keeps its proportions.
    """
    least, most = CROP_LENGTH if most_height else SQUARE_LENGTH
    longest = max(region.length, region.height)
    zoom = min(float(np.clip(least / longest, 1.0, 4.0)), most / longest)
    width, height = max(round(region.length * zoom), 1), max(round(region.height * zoom), 1)
    if most_height is not None:
        height = min(height, most_height)
    to_frame = _turned(region, width, height)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(grey, to_frame, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Crop(np.asarray(crop, np.uint8), to_frame)


def _turned(region: Region, width: int, height: int) -> npt.NDArray[np.float64]:
    """The matrix that takes the pixels of a crop of this size to the region's place in the frame."""
    turn = np.deg2rad(region.angle)
    right = np.array([np.cos(turn), np.sin(turn)]) * (region.length / width)
    down = np.array([-np.sin(turn), np.cos(turn)]) * (region.height / height)
    origin = np.array(region.centre) - right * (width / 2) - down * (height / 2)
    return np.column_stack((right, down, origin))


def _threshold(energy: Field) -> float:
    """The energy above which a place is busy: well over the picture's average, and over mere noise."""
    return max(float(energy.mean()) * 0.8, 2.0e4)


def _parts(mask: Mask, least: int) -> Iterator[npt.NDArray[Any]]:
    """Points (x, y) of each connected part of at least `least` pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    for label in np.argsort(-stats[1:, cv2.CC_STAT_AREA])[: 2 * MOST_REGIONS] + 1 if count > 1 else ():
        if stats[label, cv2.CC_STAT_AREA] >= least:
            x, y, w, h = stats[label, :4]
            ys, xs = np.nonzero(labels[y : y + h, x : x + w] == label)
            step = 1 + len(xs) // ENOUGH_POINTS
            yield np.column_stack((xs + x, ys + y))[::step].astype(np.float32)


def _striped_region(found: Texture, part: npt.NDArray[Any]) -> Region | None:
    """The rectangle around one striped part, its length across the bars."""
    xs, ys = part[:, 0].astype(int), part[:, 1].astype(int)
    double = np.arctan2(found.sine[ys, xs].sum(), found.cosine[ys, xs].sum())
    turn = float(double / 2)
    along = part @ np.array([np.cos(turn), np.sin(turn)], np.float32)
    across = part @ np.array([-np.sin(turn), np.cos(turn)], np.float32)
    low, high = np.percentile(along, (0.5, 99.5))
    bottom, top = np.percentile(across, (2, 98))
    length, height = float(high - low), float(top - bottom)
    if length < 20 or height < 3:
        return None
    u, v = (low + high) / 2, (bottom + top) / 2
    centre = (u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn))
    weight = float(found.energy[ys, xs].sum())
    padded = length * 1.2 + 16
    return _in_frame(found.scale, centre, padded, height * 1.05 + 4, float(np.rad2deg(turn)), weight)


def _busy_region(found: Texture, part: npt.NDArray[Any]) -> Region | None:
    """The rectangle around one busy part, unless it is a long line of text."""
    (cx, cy), (w, h), angle = cv2.minAreaRect(part)
    if min(w, h) < 8 or max(w, h) > 5 * min(w, h):
        return None
    xs, ys = part[:, 0].astype(int), part[:, 1].astype(int)
    weight = float(found.energy[ys, xs].sum())
    margin = max(w, h) * 0.25 + 8
    return _in_frame(found.scale, (cx, cy), w + margin, h + margin, float(angle), weight)


def _in_frame(
    scale: float, centre: tuple[float, float], length: float, height: float, angle: float, weight: float
) -> Region:
    """A region of the search picture in the pixels of the frame."""
    x, y = ((float(c) + 0.5) / scale - 0.5 for c in centre)
    return Region((x, y), length / scale, height / scale, angle, weight)


def _strongest(regions: Iterator[Region]) -> list[Region]:
    """The regions with the most edges, the strongest first."""
    return sorted(regions, key=lambda region: -region.weight)[:MOST_REGIONS]


def region_of(corners: Corners) -> Region:
    """The region around a symbol already read, with room for its quiet zones.

    A scanner that reports lines gives rectangles of little or no height: some is added.
    """
    (cx, cy), (w, h), angle = cv2.minAreaRect(np.array(corners, np.float32))
    if w < h:
        w, h, angle = h, w, angle - 90
    return Region((float(cx), float(cy)), w * 1.25 + 20, max(h, 12.0), float(angle), 0.0)
