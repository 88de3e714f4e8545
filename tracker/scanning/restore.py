"""Bars too blurred or faint for the decoders: averaged along their length, deblurred; two reads must agree."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from tracker.scanning import engines
from tracker.scanning.images import Grey
from tracker.scanning.symbols import Symbol

Profile = npt.NDArray[np.float32]
BANDS = 6
BANDS_TO_AGREE = 2
DRAWN_HEIGHT = 12


class Blur(NamedTuple):
    """A blur to undo, in pixels of the crop: out of focus (standard deviation), moved (length), share of noise."""

    focus: float = 0.0
    motion: float = 0.0
    noise: float = 2.0e-3


NO_BLUR = Blur()
BLURS = (
    NO_BLUR,
    *(Blur(focus) for focus in (2.5, 4.0, 5.0, 6.5)),
    *(Blur(2.0, motion, 1.0e-2) for motion in (7.0, 9.0, 12.0)),
)


def read_restored(crop: Grey, stage: int) -> list[Symbol]:
    """The one symbol that two different bands of an upright crop give; none if any band says otherwise."""
    profiles = [_normalised(band.mean(axis=0, dtype=np.float32)) for band in np.array_split(crop, BANDS)]
    read_in: dict[tuple[str, str], dict[int, Symbol]] = {}
    for blur in BLURS:
        for band, profile in enumerate(profiles):
            for symbol in engines.read_zxing(_drawn(_deblurred(profile, blur)), stage, engines.LINEAR_FORMATS):
                read_in.setdefault((symbol.text, symbol.symbology), {})[band] = symbol
        if len(read_in) > 1:
            return []
        for by_band in read_in.values():
            if len(by_band) >= BANDS_TO_AGREE:
                return [*by_band.values()][:1]
    return []


def _normalised(profile: Profile) -> Profile:
    """The profile between the envelopes of its bars and of its spaces, 0 to 1: shadows and gloss taken out."""
    line = profile.reshape(1, -1)
    width = max(line.shape[1] // 8, 15)
    window = np.ones((1, width), np.uint8)
    low, high = (cv2.blur(edge, (width, 1)) for edge in (cv2.erode(line, window), cv2.dilate(line, window)))
    return np.asarray((line - low) / np.maximum(high - low, 8.0), np.float32).ravel()


def _deblurred(profile: Profile, blur: Blur) -> Profile:
    """The profile with a blur undone (Wiener), its range brought back to 0 to 1."""
    if blur is NO_BLUR:
        return profile
    margin = int(4 * blur.focus + blur.motion)
    padded = np.pad(profile, margin, mode="edge")
    frequencies = np.fft.rfftfreq(padded.size)
    passed = np.exp(-2 * (np.pi * blur.focus * frequencies) ** 2) * np.sinc(blur.motion * frequencies)
    spectrum = np.fft.rfft(padded) * passed / (passed**2 + blur.noise)
    sharp = np.fft.irfft(spectrum, padded.size)[margin:-margin]
    low, high = np.percentile(sharp, (4, 96))
    return np.asarray((sharp - low) / max(high - low, 1e-3), np.float32)


def _drawn(profile: Profile) -> Grey:
    """The profile as a picture of bars with white quiet zones."""
    line = np.clip(profile * 255, 0, 255).astype(np.uint8)
    return np.tile(np.pad(line, 40, constant_values=255), (DRAWN_HEIGHT, 1))
