"""A process of its own that turns a PDF from elsewhere into grey pixels: `python render.py` and its Limits.

PDF on stdin; on stdout a line "pages 12", then for each page a line "page WIDTH HEIGHT" and its pixels, row by
row, or instead of any of these a line "refused REASON NUMBER". Imports nothing of the program: it starts in a blink.

Why a process: a PDF of two kilobytes can ask for hours of drawing and more memory than there is (forms within
forms), and PDFium can neither be stopped nor called by two threads. The system stops this process instead.
"""

import resource
import sys
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

LARGEST_AREA = 110e6
"""Square points: a photograph of 108 million pixels that an app put into a PDF at one pixel a point."""

SMALLEST_SIDE = 8
ENCRYPTED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


class Limits(NamedTuple):
    """How finely pages are drawn, and how much one may ask for: pixels, bytes of address space, CPU seconds a page."""

    dpi: float
    pixels: int
    pages: int
    memory: int
    seconds: int


class NotDrawn(Exception):
    """Why there is no (further) page: a reason, and the number that goes with it."""

    def __init__(self, reason: str, number: int = 0) -> None:
        super().__init__(f"refused {reason} {number}")


def main(limits: Limits) -> None:
    """Write what the module's first lines say."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _allow(limits.seconds)
    try:
        document = _opened(sys.stdin.buffer.read())
        if len(document) > limits.pages:
            raise NotDrawn("too_many_pages", len(document))
        _say(f"pages {len(document)}")
        for number in range(len(document)):
            _allow(limits.seconds)
            _write_page(document, number, limits)
    except NotDrawn as refusal:
        _say(str(refusal))


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in ENCRYPTED:
            raise NotDrawn("encrypted_pdf") from None
        raise NotDrawn("broken" if error.err_code else "empty") from None


def _write_page(document: pypdfium2.PdfDocument, number: int, limits: Limits) -> None:
    """Draw one page and write its pixels."""
    try:
        page = document[number]
        width, height = page.get_size()
        scale = _scale(width, height, number, limits)
        bitmap = page.render(scale=scale, grayscale=True, limit_image_cache=True)
    except (pypdfium2.PdfiumError, MemoryError):
        raise NotDrawn("broken", number + 1) from None
    _say(f"page {bitmap.width} {bitmap.height}")
    _write_rows(bitmap)
    bitmap.close()
    page.close()


def _scale(width: float, height: float, number: int, limits: Limits) -> float:
    """Pixels for a point of the page, known before a single one is made: fewer where the page is larger than paper."""
    if width * height > LARGEST_AREA:
        raise NotDrawn("page_too_large", number + 1)
    scale = min(limits.dpi / 72, (limits.pixels / (width * height)) ** 0.5)
    if min(width, height) * scale < SMALLEST_SIDE:
        raise NotDrawn("broken", number + 1)
    return scale


def _write_rows(bitmap: pypdfium2.PdfBitmap) -> None:
    pixels, out = memoryview(bitmap.buffer).cast("B"), sys.stdout.buffer
    for start in range(0, bitmap.height * bitmap.stride, bitmap.stride):
        out.write(pixels[start : start + bitmap.width])


def _allow(seconds: int) -> None:
    """Let the system end this process if it uses so many more seconds of CPU time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _say(line: str) -> None:
    sys.stdout.buffer.write(line.encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    dpi, *numbers = sys.argv[1:]
    main(Limits(float(dpi), *map(int, numbers)))
