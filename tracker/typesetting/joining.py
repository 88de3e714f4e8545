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
