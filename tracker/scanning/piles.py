"""An uploaded scan, of one page or of a whole pile, as pictures of its pages."""

from collections.abc import Iterator

import cv2

from tracker.scanning import images, pdf_pages, tiff_pages
from tracker.scanning.images import JPEG_START, PNG_SIGNATURE, Grey
from tracker.scanning.symbols import UnreadableImage, UnreadablePile

MOST_BYTES = 200_000_000
"""200 pages at 300 dpi, in grey, take some 150 million."""

MOST_PAGES = 200
JPEG_QUALITY = 80
PDF_START = b"%PDF-"
PDF_STARTS_WITHIN = 1024
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def pages_of(data: bytes, *, most: int = MOST_PAGES) -> Iterator[bytes]:
    """The pages of a PDF, a TIFF, a JPEG or a PNG, known by its content: each as a grey JPEG, one after the other.

    Every page is drawn anew: nothing else that a file may hold (scripts, forms, attachments, the place where a
    photograph was taken) is passed on. Raises UnreadablePile where the first page is asked for if the whole pile is
    at fault, else when it is that page's turn.
    """
    kind = _kind(data)
    if kind == "pdf":
        pages = pdf_pages.pages_of(data, most)
    elif kind == "tiff":
        pages = tiff_pages.pages_of(data, most)
    else:
        pages = iter([_photograph(data)])
    for page in pages:
        yield _as_jpeg(page)


def page_count(data: bytes) -> int:
    """How many pages `pages_of` would give, if each can be drawn. Raises UnreadablePile."""
    kind = _kind(data)
    if kind == "pdf":
        return pdf_pages.page_count(data)
    return len(tiff_pages.sizes(data)) if kind == "tiff" else 1


def _kind(data: bytes) -> str:
    """What the bytes are, by how they begin; a name or a declared type may lie."""
    if not data:
        raise UnreadablePile("empty")
    if len(data) > MOST_BYTES:
        raise UnreadablePile("too_big")
    if data.startswith((PNG_SIGNATURE, JPEG_START)):
        return "picture"
    if data.startswith(tiff_pages.STARTS):
        return "tiff"
    if PDF_START in data[:PDF_STARTS_WITHIN]:
        return "pdf"
    raise UnreadablePile("heic" if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS else "not_a_scan")


def _photograph(data: bytes) -> Grey:
    try:
        return images.open_frame(data)
    except UnreadableImage as error:
        raise UnreadablePile("page_too_large" if error.reason == "too_large" else "broken", page=1) from None


def _as_jpeg(page: Grey) -> bytes:
    """The page as a file that a browser shows and `scanning.read` opens; a very large one at half its size."""
    return cv2.imencode(".jpg", images.open_frame(page), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
