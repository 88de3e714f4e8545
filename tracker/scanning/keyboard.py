"""What a keyboard scanner typed, when its layout is not the computer's: AZERTY and QWERTY told apart by sense."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.scanning.classification import Classified, LabelRule, classify

# The same physical keys, row by row, without and with Shift.
_US = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?"
_FR = "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§"
_ROW_FR, _ROW_DIGITS = "&é\"'(-è_çà", "1234567890"

_AZERTY_TO_QWERTY = str.maketrans(_FR, _US)
_QWERTY_TO_AZERTY = str.maketrans(_US, _FR)
_DIGITS_ROW = str.maketrans(_ROW_FR + ")°§", _ROW_DIGITS + "--6")
_MAC_DIGITS_ROW = str.maketrans(_ROW_FR + ")°§!", _ROW_DIGITS + "--68")
_LETTERS = str.maketrans("aqzwAQZW,?;", "qawzQAWZmMm")

_NEVER_IN_A_CODE = re.compile(r"[&é\"'(_çàè)°§£ù²µ¨!@^~]")
_LIKE_A_CODE = re.compile(r"[0-9A-Z #/.+$%:*-]+")
_LOST_HASH = re.compile(r"[-£](?=[0-9A-Z]{3}$)")
LONGEST_TYPED = 200


class Layout(StrEnum):
    """How the keys must be read to make sense."""

    AS_TYPED = "as_typed"
    CAPS_LOCK = "caps_lock"
    AZERTY_DIGITS = "azerty_digits"
    AZERTY = "azerty"
    AZERTY_MAC = "azerty_mac"
    AZERTY_CAPS_LOCK = "azerty_caps_lock"
    QWERTY = "qwerty"
    SEPARATOR = "separator"


@dataclass(frozen=True)
class Repaired:
    """A text as it was probably printed, how it was read, and other readings that make as much sense.

    With `alternatives` nothing may be written before a known device or a person has settled it.
    """

    text: str
    layout: Layout
    alternatives: tuple[str, ...] = ()


def repair(text: str, rules: Sequence[LabelRule] | None = None) -> Repaired:
    """The reading of a typed text that a label rule knows; the text itself when it is well formed already.

    When no rule knows any reading, a text with characters that no code has is read by the digits row.
    """
    text = text.strip("\r\n\t ")
    if _is_known(text, rules) or len(text) > LONGEST_TYPED:
        return Repaired(text, Layout.AS_TYPED)
    readings = list(_readings(text))
    sensible = [reading for reading in readings if _is_known(reading.text, rules)]
    if not sensible and _NEVER_IN_A_CODE.search(text):
        sensible = [reading for reading in readings if _LIKE_A_CODE.fullmatch(reading.text)]
    if not sensible:
        return Repaired(text, Layout.AS_TYPED)
    first, *others = sensible
    return Repaired(first.text, first.layout, tuple(other.text for other in others))


def understood(text: str, rules: Sequence[LabelRule] | None = None) -> tuple[Classified, ...]:
    """What a typed text may be: one classified code for each reading that makes sense, for `choose`."""
    repaired = repair(text, rules)
    return tuple(classify(reading, None, rules) for reading in (repaired.text, *repaired.alternatives))


def _is_known(text: str, rules: Sequence[LabelRule] | None) -> bool:
    """Whether a label rule knows the text."""
    return bool(classify(text, None, rules).rule_name)


def _readings(text: str) -> Iterator[Repaired]:
    """The other readings of a text, the likeliest first, each once."""
    seen = {text}
    for layout, reading in _all_readings(text):
        if reading not in seen:
            seen.add(reading)
            yield Repaired(reading, layout)


def _all_readings(text: str) -> Iterator[tuple[Layout, str]]:
    """What would have been printed under each layout; codes have capitals, so Caps Lock is undone."""
    yield Layout.CAPS_LOCK, text.upper()
    yield Layout.SEPARATOR, _LOST_HASH.sub("#", text.upper())
    yield Layout.AZERTY_DIGITS, text.translate(_DIGITS_ROW).upper()
    yield Layout.AZERTY, text.translate(_AZERTY_TO_QWERTY).upper()
    yield Layout.AZERTY_MAC, text.translate(_MAC_DIGITS_ROW).upper()
    yield Layout.AZERTY_MAC, text.translate(_MAC_DIGITS_ROW).translate(_LETTERS).upper()
    yield Layout.AZERTY_CAPS_LOCK, text.translate(_LETTERS).upper()
    yield Layout.QWERTY, text.translate(_QWERTY_TO_AZERTY).upper()
