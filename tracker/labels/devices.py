"""Device labels on A4 sheets and on rolls, and the page that shows a printer's shift."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracker.labels.stocks import Stock
from tracker.rules.codes import OwnKind, parse_own_code
from tracker.typesetting import FONTS, Symbology, pdf, symbol

_LABELS = Path(__file__).with_name("devices.typ")
_CALIBRATION = Path(__file__).with_name("calibration.typ")


@dataclass(frozen=True)
class DeviceLabel:
    """What is stuck on a device: our tag, its serial, what it is, whose it is, and the families' assistance.

    The tag stands there twice: as Code 128 for hand-held scanners, as QR for cameras, which read it from
    about twice as far.

    Rule I1: `contact` is the families' number, never the schools' own line.
    """

    tag: str
    serial: str
    maker_model: str
    owner: str
    contact: str


@dataclass(frozen=True)
class LabelCaptions:
    """The fixed words of a label, already translated."""

    title: str
    serial: str
    language: str = "fr"


def device_labels(
    labels: Sequence[DeviceLabel],
    stock: Stock,
    start_at: int = 1,
    *,
    captions: LabelCaptions,
    shift: tuple[float, float] = (0.0, 0.0),
    fonts: Path = FONTS,
) -> bytes:
    """The PDF of `labels` on `stock`, the first one at place `start_at` (1 = top left), over as many pages as needed.

    `shift` moves everything right and down, in millimetres, for a printer that is off (see `calibration_page`).
    Raises ValueError when there is no label, `start_at` is not on the sheet, or a tag is none of ours.
    """
    if not labels:
        raise ValueError("there is no label to print")
    if not 1 <= start_at <= stock.per_page:
        raise ValueError(f"a page of this stock has the places 1 to {stock.per_page}, not {start_at}")
    drawn = [_label(label) for label in labels]
    data = _page(stock, captions.title, captions.language) | {
        "serial_caption": captions.serial,
        "padding_x": stock.padding_x,
        "padding_y": stock.padding_y,
        "module": stock.module,
        "square_module": stock.square_module,
        "square_columns": drawn[0]["square_columns"],
        "pages": _pages(drawn, stock, start_at - 1, shift),
    }
    return pdf(_LABELS, data, fonts=fonts)


def calibration_page(stock: Stock, *, title: str, note: str, language: str = "fr", fonts: Path = FONTS) -> bytes:
    """One page with the outline, number and millimetre rulers of every label of `stock`, to hold against a sheet."""
    labels = [{"number": slot + 1, **_place(stock, slot, (0.0, 0.0))} for slot in range(stock.per_page)]
    return pdf(_CALIBRATION, _page(stock, title, language) | {"note": note, "labels": labels}, fonts=fonts)


def _page(stock: Stock, title: str, language: str) -> dict[str, Any]:
    return {
        "title": title,
        "language": language,
        "page_width": stock.page_width,
        "page_height": stock.page_height,
        "label_width": stock.label_width,
        "label_height": stock.label_height,
    }


def _label(label: DeviceLabel) -> dict[str, Any]:
    own = parse_own_code(label.tag)
    if own is None or own.kind is not OwnKind.DEVICE_TAG or own.text != label.tag:
        raise ValueError(f"{label.tag!r} is not a device tag")
    bars, square = symbol(label.tag, Symbology.CODE_128), symbol(label.tag, Symbology.QR)
    return asdict(label) | {
        "bars": bars.svg,
        "bars_columns": bars.columns,
        "square": square.svg,
        "square_columns": square.columns,
    }


def _pages(labels: list[dict[str, Any]], stock: Stock, first: int, shift: tuple[float, float]) -> list[list[Any]]:
    """The labels page by page, each with its place."""
    pages: list[list[Any]] = [[] for _ in range(-(-(first + len(labels)) // stock.per_page))]
    for number, label in enumerate(labels, start=first):
        page, slot = divmod(number, stock.per_page)
        pages[page].append(label | _place(stock, slot, shift))
    return pages


def _place(stock: Stock, slot: int, shift: tuple[float, float]) -> dict[str, float]:
    x, y = stock.position(slot)
    return {"x": x + shift[0], "y": y + shift[1]}
