"""What a printed page shows: rendered as a printer would, read back, its words and outlines in millimetres."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw
import zxingcpp

POINT = 25.4 / 72

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in millimetres from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: "Box", slack: float = 0.05) -> bool:
        return (
            self.left - slack <= other.left
            and self.top - slack <= other.top
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def holds_point(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@dataclass(frozen=True)
class Sign:
    """One letter on the page and the font that drew it."""

    text: str
    box: Box
    font: str


def opened(pdf: bytes) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(pdf)


def rendered(page: pypdfium2.PdfPage, dpi: float) -> Grey:
    return np.ascontiguousarray(page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze())


def cut_out(picture: Grey, box: Box, dpi: float) -> Grey:
    left, top, right, bottom = (round(mm / 25.4 * dpi) for mm in (box.left, box.top, box.right, box.bottom))
    return np.ascontiguousarray(picture[max(top, 0) : bottom, max(left, 0) : right])


def texts_read(picture: Grey) -> list[str]:
    """What zxing-cpp by itself finds, each text as often as it stands there."""
    return sorted(code.text for code in zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain))


def upright_bars_read(picture: Grey) -> list[str]:
    """The Code 128 symbols alone, quickly: for many pages."""
    quick = {"try_rotate": False, "try_downscale": False, "try_invert": False}
    return sorted(code.text for code in zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.Code128, **quick))


def words(page: pypdfium2.PdfPage) -> str:
    """All the page's letters, without any space."""
    return "".join(sign.text for sign in signs(page))


def signs(page: pypdfium2.PdfPage) -> list[Sign]:
    return [sign for sign in _signs(page) if not sign.text.isspace()]


def _signs(page: pypdfium2.PdfPage) -> Iterator[Sign]:
    text_page = page.get_textpage()
    height = page.get_height()
    for index in range(text_page.count_chars()):
        left, bottom, right, top = text_page.get_charbox(index)
        box = Box(left * POINT, (height - top) * POINT, right * POINT, (height - bottom) * POINT)
        # pdfium says \x02 for a hyphen that ends a line.
        sign = chr(pypdfium2.raw.FPDFText_GetUnicode(text_page, index)).replace("\x02", "-")
        if sign not in "\r\n\0\u200b":
            yield Sign(sign, box, _font(text_page, index))


def _font(text_page: pypdfium2.PdfTextPage, index: int) -> str:
    name = ctypes.create_string_buffer(200)
    pypdfium2.raw.FPDFText_GetFontInfo(text_page, index, name, 200, ctypes.c_int())
    return name.value.decode()


def outlines(page: pypdfium2.PdfPage) -> list[Box]:
    height = page.get_height()
    paths = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_PATH], max_depth=1)
    return [
        Box(left * POINT, (height - top) * POINT, right * POINT, (height - bottom) * POINT)
        for left, bottom, right, top in (path.get_bounds() for path in paths)
    ]


def kinds_of_objects(page: pypdfium2.PdfPage) -> set[int]:
    return {thing.type for thing in page.get_objects()}
