"""What every printed page shares: typst and its fonts, text that fits its box, symbols drawn as vectors."""

from tracker.typesetting.joining import joined, joined_pictures
from tracker.typesetting.pages import A4_HEIGHT, A4_WIDTH, FONTS, INCH, PageCaptions, page_total, pdf
from tracker.typesetting.symbols import Symbol, Symbology, symbol

__all__ = [
    "A4_HEIGHT",
    "A4_WIDTH",
    "FONTS",
    "INCH",
    "PageCaptions",
    "Symbol",
    "Symbology",
    "joined",
    "joined_pictures",
    "page_total",
    "pdf",
    "symbol",
]
