"""The sheet of printable test codes: what a newcomer holds in front of the camera or the scanner."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracker.typesetting import A4_HEIGHT, A4_WIDTH, FONTS, PageCaptions, Symbol, Symbology, pdf, symbol

_TEMPLATE = Path(__file__).with_name("codes.typ")
LARGEST_MODULE = 0.40
SMALLEST_MODULE = 0.25
LARGEST_SQUARE_MODULE = 1.0
SMALLEST_SQUARE_MODULE = 0.4
BARS_HEIGHT = 16.0
SQUARE_SIDE = 24.0
MARGIN = 9.0
GUTTER = 4.0
TOP_MARGIN = 26.0
CARD_HEIGHT = 47.5
ROWS = 5
WIDE = A4_WIDTH - 2 * MARGIN
NARROW = (WIDE - GUTTER) / 2
KINDS = {
    Symbology.CODE_128: "Code 128",
    Symbology.CODE_39: "Code 39",
    Symbology.EAN_13: "EAN-13",
    Symbology.QR: "QR",
    Symbology.DATA_MATRIX: "Data Matrix",
}


@dataclass(frozen=True)
class PrintedCode:
    """A code to print for a trial: its name for people, the text, the symbol, and what a desk makes of it."""

    name: str
    text: str
    symbology: Symbology
    note: str = ""


def test_codes_page(codes: Sequence[PrintedCode], *, captions: PageCaptions, fonts: Path = FONTS) -> bytes:  # noqa: PT028
    """The PDF of `codes` as cards on A4, two in a row; a long linear code takes the whole row.

    Raises ValueError when there is none, or a text does not fit its symbology or the page's width.
    """
    if not codes:
        raise ValueError("there is no code to print")
    data = asdict(captions) | {
        "page_width": A4_WIDTH,
        "page_height": A4_HEIGHT,
        "card_height": CARD_HEIGHT,
        "pages": _pages([_card(code) for code in codes]),
    }
    return pdf(_TEMPLATE, data, fonts=fonts)


def _card(code: PrintedCode) -> dict[str, Any]:
    drawn = symbol(code.text, code.symbology)
    smallest = SMALLEST_MODULE if drawn.linear else SMALLEST_SQUARE_MODULE
    width = NARROW if _module(drawn, NARROW) >= smallest else WIDE
    module = _module(drawn, width)
    if module < smallest:
        raise ValueError(f"{code.text!r} is too long to be printed as {code.symbology}")
    return asdict(code) | {
        "kind": KINDS[code.symbology],
        "svg": drawn.svg,
        "width": width,
        "drawn_width": drawn.columns * module,
        "drawn_height": BARS_HEIGHT if drawn.linear else drawn.rows * module,
    }


def _module(drawn: Symbol, width: float) -> float:
    """The module that a card of `width` has room for, its quiet zones included."""
    if drawn.linear:
        return min(LARGEST_MODULE, width / (drawn.columns + 2 * drawn.quiet))
    return min(LARGEST_SQUARE_MODULE, SQUARE_SIDE / max(drawn.columns, drawn.rows))


def _pages(cards: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The cards page by page, each with its place; a wide card begins a row of its own."""
    pages: list[list[dict[str, Any]]] = [[]]
    x, row = 0.0, 0
    for card in cards:
        if x + card["width"] > WIDE + 0.01:
            x, row = 0.0, row + 1
        if row == ROWS:
            pages.append([])
            row = 0
        pages[-1].append(card | {"x": MARGIN + x, "y": TOP_MARGIN + row * (CARD_HEIGHT + GUTTER)})
        x += card["width"] + GUTTER
    return pages
