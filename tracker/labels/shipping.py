"""Shipping labels: 10 × 15 cm each, alone on its page or on A4 with what to do; plain values in, PDF out."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracker.rules.sscc import parse_sscc, spelled
from tracker.typesetting import A4_HEIGHT, A4_WIDTH, FONTS, INCH, Symbology, pdf, symbol

_TEMPLATE = Path(__file__).with_name("shipping.typ")
LABEL_WIDTH = 100.0
LABEL_HEIGHT = 150.0
DOT = INCH / 203
"""The dot of a thermal printer: bars are whole numbers of it wide."""

MODULE = 4 * DOT
SQUARE_MODULE = 8 * DOT
BARS_HEIGHT = 30.0
_INNER = LABEL_WIDTH - 12
_BESIDE_SQUARE = _INNER - 21 * SQUARE_MODULE - 4

SIZES = {
    "kind": (15.0, 13.0, 11.0, 9.0, 7.0),
    "sender": (8.5, 8.0, 7.0, 6.0, 5.0),
    "recipient": (13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0),
    "contents": (11.0, 10.0, 9.0, 8.0, 7.0, 6.0),
    "route": (9.0, 8.0, 7.0, 6.0),
}
"""Points, the largest first."""

A4_CORNER = (10.0, 12.0)
"""Where a label lies on an A4 page."""


_POINT = INCH / 72
_WIDEST = 1.1
_EMS = {
    **dict.fromkeys("ijl.,:;'’| ", 0.36),
    **dict.fromkeys("abcdefghknopqrstuvxyzéèêëàâçîïôûùü-–·()/", 0.66),
    **dict.fromkeys("ABCDEFGHIJKLNOPRSTUVXYZÉÈ0123456789", 0.8),
}
"""The most that a letter of the page's font may take, in ems; of all others, as much as the widest."""


class Paper(StrEnum):
    """On what labels are printed: one on an A4 page with instructions, or one on a page of its own size."""

    A4 = "a4"
    ALONE = "10x15"


@dataclass(frozen=True)
class ShippingLabel:
    """What is stuck on a parcel; the addresses line by line, already known to fit (rules.addresses).

    `whom`: whose a named parcel is. `reference`: its SSCC. `route`: carrier and tracking number, where there is one.
    `steps`: what to do with the printed page, for A4.
    """

    reference: str
    kind: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    contents: str
    whom: str = ""
    route: str = ""
    steps_title: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShippingCaptions:
    """The fixed words, already translated. Rule I1: `contact` is the families' line, never the schools' own."""

    title: str
    programme: str
    sender: str
    recipient: str
    contents: str
    contact: str
    funding: str = ""
    cut: str = ""
    language: str = "fr"


def shipping_labels(
    labels: Sequence[ShippingLabel], paper: Paper, *, captions: ShippingCaptions, fonts: Path = FONTS
) -> bytes:
    """The PDF of `labels`, one to a page. Raises ValueError when there is none, or a reference is no SSCC."""
    if not labels:
        raise ValueError("there is no label to print")
    x, y = A4_CORNER if paper is Paper.A4 else (0.0, 0.0)
    data = asdict(captions) | {
        "sender_caption": captions.sender,
        "recipient_caption": captions.recipient,
        "contents_caption": captions.contents,
        "a4": paper is Paper.A4,
        "page_width": A4_WIDTH if paper is Paper.A4 else LABEL_WIDTH,
        "page_height": A4_HEIGHT if paper is Paper.A4 else LABEL_HEIGHT,
        "x": x,
        "y": y,
        "label_width": LABEL_WIDTH,
        "label_height": LABEL_HEIGHT,
        "bars_height": BARS_HEIGHT,
        "module": MODULE,
        "square_module": SQUARE_MODULE,
        "sizes": SIZES,
        "labels": (drawn := [_label(label) for label in labels]),
        "bars_columns": drawn[0]["bars_columns"],
        "square_columns": drawn[0]["square_columns"],
    }
    return pdf(_TEMPLATE, data, fonts=fonts)


def _label(label: ShippingLabel) -> dict[str, Any]:
    if parse_sscc(label.reference) != label.reference:
        raise ValueError(f"{label.reference!r} is no SSCC")
    text = f"00{label.reference}"
    bars, square = symbol(text, Symbology.GS1_128), symbol(text, Symbology.QR)
    return {
        "kind": _line(label.kind, "kind", _BESIDE_SQUARE),
        "sender": {"words": label.sender, "size": _size(label.sender, "sender", _BESIDE_SQUARE)},
        "recipient": {"words": label.recipient, "size": _size(label.recipient, "recipient", _INNER)},
        "contents": _line(label.contents, "contents", _INNER),
        "whom": _line(label.whom, "contents", _INNER),
        "route": _line(label.route, "route", _INNER),
        "spelled": spelled(label.reference),
        "bars": bars.svg,
        "bars_columns": bars.columns,
        "square": square.svg,
        "square_columns": square.columns,
        "steps_title": label.steps_title,
        "steps": label.steps,
    }


def _line(words: str, sizes: str, width: float) -> dict[str, Any]:
    return {"words": words, "size": _size([words], sizes, width)}


def _size(lines: Iterable[str], sizes: str, width: float) -> float:
    """The size at which every line surely fits in `width` millimetres; 0 where typst has to measure."""
    ems = max(map(ems_of, lines))
    return next((size for size in SIZES[sizes] if ems * size <= width / _POINT), 0)


def ems_of(words: str) -> float:
    """More than the words take, in ems."""
    return sum(_EMS.get(letter, _WIDEST) for letter in words)
