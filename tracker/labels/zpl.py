"""Shipping labels in ZPL II, for thermal printers of 203 dpi and labels of 100 × 150 mm."""

from collections.abc import Sequence

from tracker.labels.shipping import LABEL_HEIGHT, LABEL_WIDTH, ShippingCaptions, ShippingLabel, ems_of
from tracker.rules.sscc import parse_sscc, spelled

DOTS = 8
"""To the millimetre, as printers count them."""

WIDTH, HEIGHT = int(LABEL_WIDTH * DOTS), int(LABEL_HEIGHT * DOTS)
_LEFT = 6 * DOTS
_INNER = WIDTH - 2 * _LEFT
_SQUARE = 8
_BESIDE_SQUARE = _INNER - 21 * _SQUARE - 4 * DOTS
_MODULE = 4
_BARS_WIDTH = 156 * _MODULE
_NARROWER = 0.8
"""The printer's font is at least that much narrower than the page's."""

_SPECIAL = str.maketrans({"_": "_5F", "^": "_5E", "~": "_7E", "\\": "_5C"})


def zpl_labels(labels: Sequence[ShippingLabel], *, captions: ShippingCaptions) -> bytes:
    """The labels one after the other, in UTF-8. Raises ValueError when there is none, or a reference is no SSCC."""
    if not labels:
        raise ValueError("there is no label to print")
    return "\n".join(_label(label, captions) for label in labels).encode()


def _label(label: ShippingLabel, captions: ShippingCaptions) -> str:
    if parse_sscc(label.reference) != label.reference:
        raise ValueError(f"{label.reference!r} is no SSCC")
    fields = [
        _text(40, 28, 26, captions.programme, _BESIDE_SQUARE),
        _text(72, 52, 46, label.kind, _BESIDE_SQUARE),
        _text(136, 20, 20, captions.sender.upper(), _INNER),
        *_lines(160, 27, 27, label.sender, _BESIDE_SQUARE),
        f"^FO{WIDTH - _LEFT - 21 * _SQUARE},40^BQN,2,{_SQUARE}^FDQA,00{label.reference}^FS",
        f"^FO{_LEFT - 16},336^GB{_INNER + 32},296,3,B,1^FS",
        _text(350, 20, 20, captions.recipient.upper(), _INNER),
        *_lines(376, 41, 38, label.recipient, _INNER),
        _text(656, 20, 20, captions.contents.upper(), _INNER),
        _text(680, 32, 32, label.contents, _INNER),
        _text(722, 36, 36, label.whom, _INNER),
        _text(768, 30, 30, label.route, _INNER),
        # >; begins in set C, >8 is FNC1: GS1-128.
        f"^FO{(WIDTH - _BARS_WIDTH) // 2},812^BY{_MODULE}^BCN,240,N,N,N,N^FD>;>800{label.reference}^FS",
        f"^FO0,1064^A0N,40,36^FB{WIDTH},1,0,C^FD{spelled(label.reference)}^FS",
        _text(1120, 24, 22, captions.contact, _INNER),
        _text(1150, 20, 18, captions.funding, _INNER),
    ]
    head = f"^XA^CI28^PW{WIDTH}^LL{HEIGHT}^LH0,0"
    return "\n".join([head, *filter(None, fields), "^XZ"])


def _lines(top: int, step: int, size: int, lines: Sequence[str], width: int) -> list[str]:
    """The lines of an address, all in one size."""
    fitting = min(_fitting(size, words, width) for words in lines)
    return [_text(top + place * step, step, fitting, words, width) for place, words in enumerate(lines)]


def _fitting(size: int, words: str, width: int) -> int:
    """A size at which the line stays within its width, in the printer's own font (CG Triumvirate Bold Condensed)."""
    return min(size, int(width / (_NARROWER * ems_of(words))))


def _text(top: int, height: int, size: int, words: str, width: int) -> str:
    if not words:
        return ""
    fitting = _fitting(size, words, width)
    printable = " ".join(words.split()).translate(_SPECIAL)
    return f"^FO{_LEFT},{top + height - size}^A0N,{fitting},{fitting}^FH_^FD{printable}^FS"
