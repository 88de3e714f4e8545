"""The pages of a PDF from elsewhere, drawn by a process of its own (see render.py), which may die and harm nobody."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tracker.scanning.images import Grey
from tracker.scanning.symbols import UnreadablePile

DPI = 146
"""The finest at which an A4 page fits into cascade.CALM_PIXELS and is looked at once: 150 dpi takes three times the CPU
and reads no more. Our QR code is read from 75 dpi on, our Code 128 from 130; a hand-written signature stays legible."""

MOST_PIXELS = 8_000_000
"""A3 at 200 dpi; a photograph in a PDF, whose page is often metres wide, gets as many."""

MEMORY = 1_200_000_000
"""Bytes of address space. An A3 page scanned at 1200 dpi in colour takes 700 million; with too few, PDFium may leave
out the picture without a word."""

SECONDS = 10
"""CPU time for one page; an ordinary one takes a tenth of a second."""

_RENDER = Path(__file__).with_name("render.py")
_ANY_NUMBER = 2**31 - 1


def page_count(data: bytes) -> int:
    """How many pages the PDF has. Raises UnreadablePile."""
    with _renderer(data, _ANY_NUMBER) as said:
        return _number_of_pages(said)


def pages_of(data: bytes, most: int) -> Iterator[Grey]:
    """Each page in grey, drawn while the one before it is being read. Raises UnreadablePile."""
    with _renderer(data, most) as said:
        for page in range(1, _number_of_pages(said) + 1):
            width, height = _numbers(said, page)
            pixels = said.read(width * height)
            if len(pixels) < width * height:
                raise UnreadablePile("broken", page=page)
            yield np.frombuffer(pixels, np.uint8).reshape(height, width)


@contextmanager
def _renderer(data: bytes, most: int) -> Iterator[BinaryIO]:
    """What the drawing process says. It gets the PDF and nothing else: no settings, no folder of ours."""
    limits = (DPI, MOST_PIXELS, most, MEMORY, SECONDS)
    command = [sys.executable, "-I", str(_RENDER), *map(str, limits)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, cwd="/") as process:  # noqa: S603
        assert process.stdin
        assert process.stdout
        try:
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(data)
            yield process.stdout  # type: ignore[misc]
        finally:
            process.kill()


def _number_of_pages(said: BinaryIO) -> int:
    (pages,) = _numbers(said, page=0)
    return pages


def _numbers(said: BinaryIO, page: int) -> tuple[int, ...]:
    """The numbers of the next line. No line: the process died of what it should draw."""
    word, *rest = said.readline().decode().split() or ["refused", "broken", str(page)]
    if word == "refused":
        reason, number = rest[0], int(rest[1])
        raise UnreadablePile(reason, **{"pages" if reason == "too_many_pages" else "page": number})
    return tuple(map(int, rest))
