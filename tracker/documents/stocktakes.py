"""The record of a stocktake as PDF: what was counted, by whom, its figures and lists, a code that is read back."""

from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.rules.codes import OwnKind, parse_own_code
from tracker.typesetting import A4_HEIGHT, A4_WIDTH, FONTS, PageCaptions, Symbology, pdf, symbol

_TEMPLATE = Path(__file__).with_name("stocktake.typ")


@dataclass(frozen=True)
class Listing:
    """The differences of one kind, with their headings: code, what it is, how it was settled."""

    title: str
    headings: tuple[str, str, str]
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class StocktakeRecord:
    """Everything on the pages, already in words. `code`: of kind STOCKTAKE, on every page."""

    place: str
    code: str
    facts: tuple[tuple[str, str], ...]
    figures: tuple[tuple[str, str], ...]
    note: str
    listings: tuple[Listing, ...]
    found_title: str
    found: tuple[str, ...]
    signatures: tuple[str, ...]


def stocktake_record(record: StocktakeRecord, *, captions: PageCaptions, fonts: Path = FONTS) -> bytes:
    """The PDF of the record. Raises ValueError when its code is none of a stocktake."""
    own = parse_own_code(record.code)
    if own is None or own.kind is not OwnKind.STOCKTAKE:
        raise ValueError(f"{record.code!r} is not the code of a stocktake")
    page = {"page_width": A4_WIDTH, "page_height": A4_HEIGHT, "square": symbol(record.code, Symbology.QR).svg}
    return pdf(_TEMPLATE, asdict(captions) | asdict(record) | page, fonts=fonts)
