"""Texts drawn as symbols: the encoders' own modules, as one vector path each."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import zxingcpp
from barcode.codex import Code39, Code128, Gs1_128
from barcode.ean import EuropeanArticleNumber13
from barcode.errors import BarcodeError

QUIET_LINEAR = 10
QUIET_QR = 4
QUIET_DATA_MATRIX = 2

_DARK = re.compile(rb"\x01+")


class Symbology(StrEnum):
    """The symbols that this program prints; the values are the names that the scanner gives them.

    GS1-128 it reads as Code 128.
    """

    CODE_128 = "code_128"
    GS1_128 = "gs1_128"
    CODE_39 = "code_39"
    EAN_13 = "ean_13"
    QR = "qr"
    DATA_MATRIX = "data_matrix"


@dataclass(frozen=True)
class Symbol:
    """A symbol without its quiet zone: an SVG of `columns` × `rows` modules (a linear one has one row)."""

    svg: str
    columns: int
    rows: int
    quiet: int

    @property
    def linear(self) -> bool:
        """Whether it is made of bars, so that any height will do."""
        return self.rows == 1


Rows = list[list[bool]]


@lru_cache(maxsize=4096)
def symbol(text: str, symbology: Symbology) -> Symbol:
    """The symbol that spells `text`. Raises ValueError when the symbology cannot carry it."""
    if not text:
        raise ValueError("an empty text has no symbol")
    try:
        rows = ENCODERS[symbology](text)
    except (BarcodeError, KeyError, RuntimeError, ValueError) as problem:
        raise ValueError(f"{symbology} cannot carry {text!r}: {problem}") from problem
    return Symbol(_svg(rows), len(rows[0]), len(rows), QUIET[symbology])


def _code_128(text: str) -> Rows:
    return _bars(Code128(text).build()[0])


def _gs1_128(text: str) -> Rows:
    """Code 128 that begins with FNC1: a scanner knows by that that application identifiers follow."""
    return _bars(Gs1_128(text).build()[0])


def _code_39(text: str) -> Rows:
    if text != text.upper():
        raise ValueError("Code 39 has capitals only")  # the library would print capitals without a word
    return _bars(Code39(text, add_checksum=False).build()[0])


def _ean_13(text: str) -> Rows:
    article = EuropeanArticleNumber13(text)
    if article.ean != text:
        raise ValueError("13 digits and their own check digit are needed")
    return _bars(article.build()[0])


def _qr(text: str) -> Rows:
    return _squares(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q"))


def _data_matrix(text: str) -> Rows:
    return _squares(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix))


def _squares(made: zxingcpp.Barcode) -> Rows:
    """The modules of a 2-D symbol. zxing-cpp's writer: its QR takes 0.07 ms, a writer in Python 3 ms."""
    picture: npt.NDArray[np.uint8] = np.array(made.to_image(scale=1, add_quiet_zones=False))
    return [[bool(dark) for dark in row] for row in picture < 128]


ENCODERS = {
    Symbology.CODE_128: _code_128,
    Symbology.GS1_128: _gs1_128,
    Symbology.CODE_39: _code_39,
    Symbology.EAN_13: _ean_13,
    Symbology.QR: _qr,
    Symbology.DATA_MATRIX: _data_matrix,
}
QUIET = {
    Symbology.CODE_128: QUIET_LINEAR,
    Symbology.GS1_128: QUIET_LINEAR,
    Symbology.CODE_39: QUIET_LINEAR,
    Symbology.EAN_13: QUIET_LINEAR + 1,
    Symbology.QR: QUIET_QR,
    Symbology.DATA_MATRIX: QUIET_DATA_MATRIX,
}


def _bars(pattern: str) -> Rows:
    """One row of modules from python-barcode's pattern ('G' stands for a longer guard bar)."""
    return [[module != "0" for module in pattern.strip("0")]]


def _svg(rows: Rows) -> str:
    """All dark runs in one path: abutting rectangles of one path show no seam on paper or screen."""
    path = "".join(f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _runs(row))
    size = f'viewBox="0 0 {len(rows[0])} {len(rows)}" width="{len(rows[0])}" height="{len(rows)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} preserveAspectRatio="none"><path d="{path}"/></svg>'


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    return [(run.start(), run.end() - run.start()) for run in _DARK.finditer(bytes(row))]
