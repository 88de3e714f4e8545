"""What a picture holds, as values: symbologies, symbols, one reading, and the refusals of a picture and of a pile."""

from dataclasses import dataclass
from enum import StrEnum

Point = tuple[int, int]
Corners = tuple[Point, Point, Point, Point]


class Symbology(StrEnum):
    """The kinds of symbols that are looked for."""

    CODE_128 = "code_128"
    CODE_39 = "code_39"
    QR = "qr"
    DATA_MATRIX = "data_matrix"
    EAN_13 = "ean_13"
    EAN_8 = "ean_8"
    UPC_A = "upc_a"


LINEAR = frozenset(Symbology) - {Symbology.QR, Symbology.DATA_MATRIX}


@dataclass(frozen=True)
class Symbol:
    """One symbol read: corners in pixels of the upright picture, CPU milliseconds from the picture's arrival.

    A GS1 element separator (FNC1 inside the text) is kept as \\x1d.
    """

    text: str
    symbology: Symbology
    corners: Corners
    engine: str
    stage: int
    cpu_ms: float = 0.0


@dataclass(frozen=True)
class Reading:
    """All the symbols read in one frame, the engines in use, and the CPU milliseconds that it took."""

    symbols: tuple[Symbol, ...]
    engines: tuple[str, ...]
    cpu_ms: float

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts alone, in the order in which they were read."""
        return tuple(symbol.text for symbol in self.symbols)


class UnreadableImage(ValueError):
    """The picture cannot be opened; `reason` is a stable word: empty, format, too_large, damaged, array."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreadablePile(ValueError):
    """An uploaded pile of pages cannot be opened, or not further; `reason` is a stable word.

    empty, not_a_scan, heic, encrypted_pdf, too_big (bytes), too_many_pages (`pages` says how many), and of one
    `page` (from 1): broken, page_too_large. 0 where there is nothing to say.
    """

    def __init__(self, reason: str, *, page: int = 0, pages: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.page, self.pages = reason, page, pages
