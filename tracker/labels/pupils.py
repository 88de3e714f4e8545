"""Pupil slips: one code per pupil, ten to an A4 page, cut and handed out by class."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracker.rules.codes import OwnKind, parse_own_code
from tracker.typesetting import A4_HEIGHT, A4_WIDTH, FONTS, INCH, PageCaptions, Symbology, pdf, symbol

_TEMPLATE = Path(__file__).with_name("slips.typ")
SLIPS_PER_PAGE = 10
MODULE = 7 * INCH / 600


@dataclass(frozen=True)
class PupilSlip:
    """One pupil's slip; `code` is random (never an INE, never a name), drawn as Code 128 and as QR."""

    name: str
    class_name: str
    school: str
    code: str


def pupil_slips(slips: Sequence[PupilSlip], *, captions: PageCaptions, fonts: Path = FONTS) -> bytes:
    """The PDF of `slips`, ten to a page, each class of each school on pages of its own.

    Classes come in the order of their first pupil, pupils in the order given: the caller sorts them.
    `captions.note` stands on every slip. Raises ValueError when there is no slip or a code is none of ours.
    """
    if not slips:
        raise ValueError("there is no slip to print")
    data = asdict(captions) | {
        "page_width": A4_WIDTH,
        "page_height": A4_HEIGHT,
        "module": MODULE,
        "sheets": [sheet for group in _by_class(slips) for sheet in _sheets(group)],
    }
    return pdf(_TEMPLATE, data, fonts=fonts)


def _by_class(slips: Sequence[PupilSlip]) -> list[list[PupilSlip]]:
    groups: dict[tuple[str, str], list[PupilSlip]] = {}
    for slip in slips:
        groups.setdefault((slip.school, slip.class_name), []).append(slip)
    return list(groups.values())


def _sheets(group: list[PupilSlip]) -> list[dict[str, Any]]:
    """The pages of one class."""
    return [
        {
            "class_name": group[0].class_name,
            "school": group[0].school,
            "slips": [_slip(slip) for slip in group[first : first + SLIPS_PER_PAGE]],
        }
        for first in range(0, len(group), SLIPS_PER_PAGE)
    ]


def _slip(slip: PupilSlip) -> dict[str, Any]:
    own = parse_own_code(slip.code)
    if own is None or own.kind is not OwnKind.PUPIL_SLIP or own.text != slip.code:
        raise ValueError(f"{slip.code!r} is not the code of a pupil slip")
    bars = symbol(slip.code, Symbology.CODE_128)
    square = symbol(slip.code, Symbology.QR)
    return asdict(slip) | {"svg": bars.svg, "columns": bars.columns, "qr": square.svg}
