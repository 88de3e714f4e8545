"""PDF files made in parts, put together."""

from collections.abc import Sequence
from io import BytesIO
from threading import Lock

import pypdfium2

# One thread of a process at a time may use PDFium, even for different files.
_pdfium = Lock()


def joined(parts: Sequence[bytes]) -> bytes:
    """One PDF with the pages of all `parts` in their order; title and language are the first one's."""
    if len(parts) == 1:
        return parts[0]
    with _pdfium:
        whole = pypdfium2.PdfDocument(parts[0])
        for part in parts[1:]:
            _append(whole, part)
        made = BytesIO()
        whole.save(made)
        whole.close()
    return made.getvalue()


def _append(whole: pypdfium2.PdfDocument, part: bytes) -> None:
    source = pypdfium2.PdfDocument(part)
    whole.import_pages(source)
    source.close()


def joined_pictures(pictures: Sequence[bytes], *, width: float = 595.0) -> bytes:
    """A PDF with each JPEG on a page of its own, `width` points wide (A4), as high as the picture asks for."""
    with _pdfium:
        whole = pypdfium2.PdfDocument.new()
        for picture in pictures:
            _add_page(whole, picture, width)
        made = BytesIO()
        whole.save(made)
        whole.close()
    return made.getvalue()


def _add_page(whole: pypdfium2.PdfDocument, picture: bytes, width: float) -> None:
    image = pypdfium2.PdfImage.new(whole)
    image.load_jpeg(BytesIO(picture), inline=True)
    columns, rows = image.get_px_size()
    height = width * rows / columns
    image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
    page = whole.new_page(width, height)
    page.insert_obj(image)
    page.gen_content()
