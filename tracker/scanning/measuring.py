"""How well pictures are read: folders of pictures with their texts, next to each decoder by itself."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import zxingcpp

from tracker.scanning.cascade import read
from tracker.scanning.engines import ZBAR, engines_available
from tracker.scanning.images import Grey, open_frame

PICTURES = (".jpg", ".jpeg", ".png")
TURNS = (None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180)
Decoder = Callable[[Grey], list[str]]


@dataclass
class Tally:
    """What one decoder made of the views of a folder."""

    read: int = 0
    wrong: int = 0
    cpu_ms: list[float] = field(default_factory=list)

    def count(self, texts: set[str], expected: str | None, cpu_ms: float) -> bool:
        """Add one view; true when the expected text was read. Every other text is wrong."""
        was_read = expected is not None and expected in texts
        self.read += was_read
        self.wrong += len(texts - {expected})
        self.cpu_ms.append(cpu_ms)
        return was_read

    @property
    def median_ms(self) -> float | None:
        """The median CPU time of a view, in milliseconds."""
        return round(median(self.cpu_ms), 2) if self.cpu_ms else None

    @property
    def p95_ms(self) -> float | None:
        """The CPU time that 95 % of the views stay below, in milliseconds."""
        return round(float(np.percentile(self.cpu_ms, 95)), 2) if self.cpu_ms else None


@dataclass
class FolderFigures:
    """The figures of one folder: ours, each decoder by itself, and what either of these read."""

    folder: str
    views: int = 0
    ours: Tally = field(default_factory=Tally)
    peers: dict[str, Tally] = field(default_factory=dict)
    either: int = 0

    def as_json(self) -> dict[str, Any]:
        """The figures as `tracker scan bench --json` prints them."""
        peers: dict[str, Any] = {
            name: {"read": t.read, "wrong": t.wrong, "cpu_ms_median": t.median_ms} for name, t in self.peers.items()
        }
        return {
            "folder": self.folder,
            "views": self.views,
            "read": self.ours.read,
            "wrong": self.ours.wrong,
            "cpu_ms_median": self.ours.median_ms,
            "cpu_ms_p95": self.ours.p95_ms,
            "peers": peers | {"either": {"read": self.either}},
        }


def folded(text: str) -> str:
    """A text without white space and separators (line ends in QR texts differ between readers, FNC1 is no text)."""
    return "".join(text.split())


def measure_folder(folder: Path) -> FolderFigures:
    """Every picture of a folder at 0, 90 and 180 degrees, read by us and by each decoder with its defaults."""
    decoders = peer_decoders()
    figures = FolderFigures(folder.name, peers={name: Tally() for name in decoders})
    for grey, expected in _views(folder):
        figures.views += 1
        reading = read(grey)
        figures.ours.count({folded(text) for text in reading.texts}, expected, reading.cpu_ms)
        read_by = [_count(figures.peers[name], decode, grey, expected) for name, decode in decoders.items()]
        figures.either += any(read_by)
    return figures


def peer_decoders() -> dict[str, Decoder]:
    """pyzbar and zxing-cpp with their own defaults; without libzbar pyzbar reads nothing."""
    return {"pyzbar": _pyzbar if ZBAR in engines_available() else lambda grey: [], "zxing-cpp": _zxing}


def _count(tally: Tally, decode: Decoder, grey: Grey, expected: str | None) -> bool:
    """Add what one decoder makes of one view."""
    started = time.thread_time()
    texts = decode(grey)
    cpu_ms = (time.thread_time() - started) * 1000
    return tally.count({folded(text) for text in texts}, expected, cpu_ms)


def _views(folder: Path) -> Iterator[tuple[Grey, str | None]]:
    """Each picture of a folder at each turn, with the text beside it; None when it holds no readable code."""
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES):
        upright, beside = open_frame(path.read_bytes()), path.with_suffix(".txt")
        expected = folded(beside.read_text(encoding="utf-8")) if beside.exists() else None
        for turn in TURNS:
            yield upright if turn is None else np.asarray(cv2.rotate(upright, turn), np.uint8), expected


def _pyzbar(grey: Grey) -> list[str]:
    """What pyzbar reads with its defaults."""
    from pyzbar import pyzbar

    return [found.data.decode("utf-8", "replace") for found in pyzbar.decode(grey)]


def _zxing(grey: Grey) -> list[str]:
    """What zxing-cpp reads with its defaults."""
    return [found.text for found in zxingcpp.read_barcodes(grey)]
