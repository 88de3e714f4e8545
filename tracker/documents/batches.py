"""The slip of a batch: the list of devices that goes with it to the partner, with a code that is read back here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.rules.codes import OwnKind, parse_own_code
from tracker.typesetting import A4_HEIGHT, A4_WIDTH, FONTS, INCH, PageCaptions, Symbology, pdf, symbol

_TEMPLATE = Path(__file__).with_name("batch.typ")
MODULE = 7 * INCH / 600


@dataclass(frozen=True)
class SlipLine:
    """One device of the list."""

    serial: str
    tag: str
    model: str


@dataclass(frozen=True)
class BatchSlip:
    """What the slip says, already in words; `facts`: pairs of a caption and its value."""

    code: str
    partner: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    lines: Sequence[SlipLine]
    headings: tuple[str, str, str, str]
    total: str
    note: str = ""
    signatures: tuple[str, ...] = ()


def batch_slip(slip: BatchSlip, *, captions: PageCaptions, fonts: Path = FONTS) -> bytes:
    """The PDF, on as many pages as the list needs. Raises ValueError when the code is not that of a batch."""
    own = parse_own_code(slip.code)
    if own is None or own.kind is not OwnKind.BATCH:
        raise ValueError(f"{slip.code!r} is not the code of a batch")
    bars = symbol(slip.code, Symbology.CODE_128)
    data = asdict(captions) | {"page_width": A4_WIDTH, "page_height": A4_HEIGHT, "module": MODULE}
    data |= {"slip": asdict(slip) | {"svg": bars.svg, "columns": bars.columns}}
    data["slip"]["qr"] = symbol(slip.code, Symbology.QR).svg
    return pdf(_TEMPLATE, data, fonts=fonts)
