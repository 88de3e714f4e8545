"""The codes that this program prints itself, each with a prefix and a check letter of its own.

Letters only, and only those that stand on the same key of a QWERTY and of an AZERTY keyboard: a scanner
set to either layout types them unharmed. Sixteen letters without vowels: no word, no 0/O, no 1/I. The check
letter is their weighted sum modulo the prime 17 (hence a seventeenth letter): any one wrong letter and any two
neighbours exchanged are noticed, always; ISO 7064 Mod 17,16 lets some exchanges pass.
"""

from dataclasses import dataclass
from enum import StrEnum

ALPHABET = "BCDFGHJKLNPRSTVX"
_CHECK_LETTERS = ALPHABET + "Y"
BODY_LENGTH = 8
BODIES = len(ALPHABET) ** BODY_LENGTH


class OwnKind(StrEnum):
    """What one of our codes names; the value is its prefix."""

    DEVICE_TAG = "PND"
    PUPIL_SLIP = "PNP"
    AGREEMENT_PAGE = "PNC"
    STOCKTAKE = "PNS"
    BATCH = "PNB"


@dataclass(frozen=True)
class OwnCode:
    """A code of ours, already checked: `text` is the whole of it, as printed."""

    kind: OwnKind
    text: str

    @property
    def number(self) -> int:
        """The number that the code was made of."""
        place_values = (ALPHABET.index(letter) << 4 * place for place, letter in enumerate(reversed(self.text[3:-1])))
        return sum(place_values)


def own_code(kind: OwnKind, number: int) -> str:
    """The code of `kind` for a random number below BODIES: prefix, 8 letters, check letter.

    Raises ValueError when the number is out of range.
    """
    if not 0 <= number < BODIES:
        raise ValueError(f"a code's number is from 0 to {BODIES - 1}, not {number}")
    body = "".join(ALPHABET[number >> 4 * place & 15] for place in reversed(range(BODY_LENGTH)))
    unchecked = kind.value + body
    return unchecked + _check_letter(unchecked)


def parse_own_code(text: str) -> OwnCode | None:
    """The code of ours that `text` spells, or None: wrong prefix, length, letter or check letter."""
    text = text.strip().upper()
    if len(text) != 3 + BODY_LENGTH + 1 or text[:3] not in set(OwnKind):
        return None
    if not set(text[:-1]) <= set(ALPHABET) or text[-1] != _check_letter(text[:-1]):
        return None
    return OwnCode(OwnKind(text[:3]), text)


def number_of(code: OwnCode) -> int:
    """The number that `own_code` made this code from."""
    number = 0
    for letter in code.text[3:-1]:
        number = number << 4 | ALPHABET.index(letter)
    return number


def _check_letter(unchecked: str) -> str:
    """Weights are powers of 3, which are all different from their neighbours modulo 17."""
    weighted = sum(ALPHABET.index(letter) * pow(3, place, 17) for place, letter in enumerate(unchecked))
    return _CHECK_LETTERS[weighted % 17]
