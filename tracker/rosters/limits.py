"""How much a file may hold: what is beyond is refused, never cut off in silence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes unless said otherwise. A hostile file costs no more than these."""

    file: int = 400_000_000
    """Of a file, and of what a ZIP unpacks to: counted while reading, never believed."""
    table: int = 60_000_000
    """Of a CSV file: it is held in memory."""
    ratio: int = 250
    """Unpacked bytes for one packed byte; a real roster packs some 40 times."""
    ratio_from: int = 20_000_000
    """Unpacked bytes from which the ratio counts: a small file harms nobody."""
    directory: int = 1_000_000
    """Of a ZIP's table of contents, which is read at once."""
    token: int = 1_000_000
    """Of one tag, comment, text or JSON record."""
    depth: int = 32
    """Elements inside each other."""
    names: int = 5_000
    """Different names of elements and attributes; also fields of one record."""
    rows: int = 200_000
    """Pupils, links, classes or level codes of one file."""
    kept: int = 1_000
    """Problems of one code that are listed; the others are counted."""


LIMITS = Limits()
