"""The two decoders, zxing-cpp and zbar, asked so that neither rewrites what is printed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_void_p, cast, string_at
from typing import Any

import cv2
import numpy as np
import zxingcpp

from tracker.scanning.images import Grey
from tracker.scanning.symbols import LINEAR, Corners, Symbol, Symbology

try:
    from pyzbar import wrapper as zbar
except ImportError:  # libzbar is not installed: zxing-cpp goes on alone, and engines_available() says so
    zbar = None

ZXING, ZBAR = "zxing-cpp", "zbar"
SHORTEST_CODE_39 = 4
GREY_FOURCC = 0x30303859  # 'Y800'

_Format = zxingcpp.BarcodeFormat
LINEAR_FORMATS = (_Format.Code128, _Format.Code39Std, _Format.EAN13, _Format.EAN8)
MATRIX_FORMATS = (_Format.QRCode, _Format.DataMatrix)
_ZXING_SYMBOLOGY = {
    _Format.Code128: Symbology.CODE_128,
    _Format.Code39: Symbology.CODE_39,
    _Format.Code39Std: Symbology.CODE_39,
    _Format.QRCode: Symbology.QR,
    _Format.QRCodeModel1: Symbology.QR,
    _Format.QRCodeModel2: Symbology.QR,
    _Format.DataMatrix: Symbology.DATA_MATRIX,
    _Format.EAN13: Symbology.EAN_13,
    _Format.EAN8: Symbology.EAN_8,
    _Format.UPCA: Symbology.UPC_A,
}
_ZBAR_SYMBOLOGY = {
    128: Symbology.CODE_128,
    39: Symbology.CODE_39,
    64: Symbology.QR,
    13: Symbology.EAN_13,
    12: Symbology.UPC_A,
    8: Symbology.EAN_8,
}
_EXTENDED_PAIR = re.compile(r"[+$%/]([A-Z])")
_SHIFTS = re.compile(r"[+$%/]")


def engines_available() -> tuple[str, ...]:
    """The decoders that this machine has: zxing-cpp always, zbar when its shared library is installed."""
    return (ZXING, ZBAR) if zbar else (ZXING,)


def read_zxing(
    grey: Grey,
    stage: int,
    formats: Any = LINEAR_FORMATS + MATRIX_FORMATS,
    *,
    thorough: bool = False,
) -> list[Symbol]:
    """Symbols that zxing-cpp reads; `thorough` also turns, shrinks and inverts the picture."""
    found = zxingcpp.read_barcodes(
        grey,
        formats=formats,
        try_rotate=thorough,
        try_downscale=thorough,
        try_invert=thorough,
        text_mode=zxingcpp.TextMode.Plain,
    )
    symbols = (_from_zxing(barcode, stage) for barcode in found)
    return [symbol for symbol in symbols if symbol and is_credible(symbol)]


def read_zbar(grey: Grey, stage: int, *, density: int = 4, matrix: bool = False, upright: bool = False) -> list[Symbol]:
    """Linear symbols (and QR codes with `matrix`) that zbar reads on every `density`-th line.

    Along rows and columns, or with `upright` along rows only.
    Empty without libzbar. Each call has a scanner of its own: zbar's handles are not shared between threads.
    """
    if zbar is None:
        return []
    grey = np.ascontiguousarray(grey)
    with _zbar_scanner(density, 0 if upright else density, matrix) as scanner, _zbar_image(grey) as image:
        zbar.zbar_scan_image(scanner, image)
        return [s for s in _zbar_symbols(image, stage) if is_credible(s)]


def is_credible(symbol: Symbol) -> bool:
    """Whether a reading may be believed.

    No empty text, no Code 39 (it has no check digit) of fewer than 4 characters, no QR code with accents from
    zbar, which guesses the encoding where none is declared.
    """
    if symbol.engine == ZBAR and symbol.symbology is Symbology.QR and not symbol.text.isascii():
        return False
    if symbol.symbology is Symbology.CODE_39:
        return len(symbol.text.strip()) >= SHORTEST_CODE_39
    return bool(symbol.text)


def full_ascii(text: str) -> str:
    """Code 39 text with its full ASCII pairs resolved, when nothing but pairs explains it.

    '12+A+B' is '12ab'; a serial such as '3/U', 'B3% $DAD$' or 'AB+C' is left as printed: at least two '+'
    pairs (lower-case letters) must be there and every + $ % / must begin a pair.
    """
    pairs = _EXTENDED_PAIR.findall(text)
    lower_case = len(re.findall(r"\+[A-Z]", text))
    if lower_case < 2 or len(pairs) != len(_SHIFTS.findall(text)):
        return text
    return _EXTENDED_PAIR.sub(lambda match: _extended_character(match[0]), text)


def _extended_character(pair: str) -> str:
    """The ASCII character of one Code 39 full ASCII pair (AIM USS-39, table of full ASCII)."""
    shift, letter = pair[0], pair[1]
    place = ord(letter) - ord("A")
    if shift == "+":
        return letter.lower()
    if shift == "$":
        return chr(1 + place)
    if shift == "/":
        return ":" if letter == "Z" else chr(0x21 + place)
    return ("\x1b\x1c\x1d\x1e\x1f;<=>?[\\]^_{|}~\x7f\x00@`\x7f\x7f\x7f")[place]


def _from_zxing(barcode: Any, stage: int) -> Symbol | None:
    """One symbol of zxing-cpp as ours; None for a symbology that was not asked for."""
    symbology = _ZXING_SYMBOLOGY.get(barcode.format)
    if symbology is None:
        return None
    at = barcode.position
    corners = tuple((p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left))
    return _symbol(barcode.text, symbology, corners, ZXING, stage)  # type: ignore[arg-type]


def _symbol(text: str, symbology: Symbology, corners: Corners, engine: str, stage: int) -> Symbol:
    """A symbol with what the two decoders say differently made equal: full ASCII, UPC-A as 12 digits."""
    if symbology is Symbology.CODE_39:
        text = full_ascii(text)
    if symbology is Symbology.EAN_13 and len(text) == 13 and text.startswith("0"):
        symbology, text = Symbology.UPC_A, text[1:]
    return Symbol(text, symbology, corners, engine, stage)


@contextmanager
def _zbar_scanner(rows: int, columns: int, matrix: bool) -> Iterator[Any]:
    """A scanner of every `rows`-th row and `columns`-th column (0: none), for the symbologies asked for."""
    scanner = zbar.zbar_image_scanner_create()
    try:
        set_config, config = zbar.zbar_image_scanner_set_config, zbar.ZBarConfig
        set_config(scanner, 0, config.CFG_ENABLE, 0)
        for number, symbology in _ZBAR_SYMBOLOGY.items():
            if symbology in LINEAR or matrix:
                set_config(scanner, number, config.CFG_ENABLE, 1)
        set_config(scanner, 0, config.CFG_X_DENSITY, columns)
        set_config(scanner, 0, config.CFG_Y_DENSITY, rows)
        yield scanner
    finally:
        zbar.zbar_image_scanner_destroy(scanner)


@contextmanager
def _zbar_image(grey: Grey) -> Iterator[Any]:
    """The picture as zbar wants it; `grey` must outlive it."""
    image = zbar.zbar_image_create()
    try:
        zbar.zbar_image_set_format(image, GREY_FOURCC)
        zbar.zbar_image_set_size(image, grey.shape[1], grey.shape[0])
        zbar.zbar_image_set_data(image, cast(grey.ctypes.data, c_void_p), grey.size, None)
        yield image
    finally:
        zbar.zbar_image_destroy(image)


def _zbar_symbols(image: Any, stage: int) -> Iterator[Symbol]:
    """The symbols of a scanned zbar image as ours."""
    found = zbar.zbar_image_first_symbol(image)
    while found:
        symbology = _ZBAR_SYMBOLOGY.get(found.contents.type)
        if symbology:
            data = string_at(zbar.zbar_symbol_get_data(found), zbar.zbar_symbol_get_data_length(found))
            yield _symbol(_decoded(data), symbology, _zbar_corners(found), ZBAR, stage)
        found = zbar.zbar_symbol_next(found)


def _decoded(data: bytes) -> str:
    """A symbol's bytes as text: UTF-8, else Latin-1, which cannot fail."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _zbar_corners(found: Any) -> Corners:
    """The smallest rectangle around the points where scan lines crossed the symbol."""
    count = zbar.zbar_symbol_get_loc_size(found)
    points = [(zbar.zbar_symbol_get_loc_x(found, i), zbar.zbar_symbol_get_loc_y(found, i)) for i in range(count)]
    box = cv2.boxPoints(cv2.minAreaRect(np.array(points or [(0, 0)], np.float32)))
    return tuple((round(float(x)), round(float(y))) for x, y in box)  # type: ignore[return-value]
