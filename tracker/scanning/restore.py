"""Bars too faint or blurred for the decoders, averaged along their length and sharpened; two reads must agree."""

from collections import Counter
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from tracker.scanning import engines
from tracker.scanning.images import Grey
from tracker.scanning.symbols import Symbol

Profile = npt.NDArray[np.float32]
BANDS = 3
DRAWN_HEIGHT = 24
SLANTS = (0.0, -0.15, 0.15, -0.3, 0.3)
SHARPENING = ((0.0, 0.0), (1.0, 2.0), (2.0, 3.0), (3.0, 5.0))
"""Amount and radius in pixels of the unsharp masks tried."""

READS_TO_AGREE = 2


def read_restored(crop: Grey, stage: int) -> list[Symbol]:
    """The symbol that at least two different restorations of an upright crop agree on; none if any differs."""
    reads: Counter[tuple[str, str]] = Counter()
    sample: dict[tuple[str, str], Symbol] = {}
    for picture in _restorations(crop):
        for symbol in engines.read_zxing(picture, stage, engines.LINEAR_FORMATS):
            key = (symbol.text, symbol.symbology)
            reads[key] += 1
            sample[key] = symbol
        if len(reads) > 1:
            return []
        if reads and max(reads.values()) >= READS_TO_AGREE:
            return [sample[key] for key in reads]
    return []


def _restorations(crop: Grey) -> Iterator[Grey]:
    """Pictures of the bars: bands of the crop, straightened, averaged, normalised and sharpened."""
    for slant in SLANTS:
        straight = _straightened(crop, slant)
        for band in np.array_split(straight, BANDS):
            profile = _normalised(band.mean(axis=0, dtype=np.float32))
            for amount, radius in SHARPENING:
                yield _drawn(_sharpened(profile, amount, radius))


def _straightened(crop: Grey, slant: float) -> Grey:
    """The crop sheared so that slanting bars stand upright."""
    if not slant:
        return crop
    height, width = crop.shape
    shear = np.array([[1.0, slant, -slant * height / 2], [0.0, 1.0, 0.0]])
    return np.asarray(cv2.warpAffine(crop, shear, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _normalised(profile: Profile) -> Profile:
    """The profile between the envelopes of its bars and of its spaces: shadows and gloss taken out."""
    line = profile.reshape(1, -1)
    window = np.ones((1, max(line.shape[1] // 12, 15)), np.uint8)
    low, high = cv2.erode(line, window), cv2.dilate(line, window)
    low, high = (cv2.blur(edge, (window.shape[1], 1)) for edge in (low, high))
    return np.asarray((line - low) / np.maximum(high - low, 8.0), np.float32).ravel()


def _sharpened(profile: Profile, amount: float, radius: float) -> Profile:
    """An unsharp mask along the profile."""
    if not amount:
        return profile
    blurred = cv2.GaussianBlur(profile.reshape(1, -1), (0, 0), radius).ravel()
    return np.asarray(profile + amount * (profile - blurred), np.float32)


def _drawn(profile: Profile) -> Grey:
    """The profile as a picture of bars with white quiet zones."""
    line = np.clip(profile * 255, 0, 255).astype(np.uint8)
    return np.tile(np.pad(line, 40, constant_values=255), (DRAWN_HEIGHT, 1))
