"""How names are folded for search: no case, no accent, no punctuation."""

import re
import unicodedata

_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_OTHER_SIGNS = re.compile(r"[^a-z0-9]+")


def search_key(text: str) -> str:
    """The text in lower case ASCII letters and digits, words apart by one space: « Éléa D’Œuf » → `elea d oeuf`."""
    if text.isascii():
        return _between_words(text.lower())
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _between_words(plain)


LOST = "?"
"""What SIECLE writes for a character that its encoding lacks."""


def restored(text: str, known: str) -> str:
    """The known name where `text` is the same with characters lost, else `text`: « Y?lmaz » is the known « Yılmaz »."""
    if LOST not in text or len(text) != len(known):
        return text
    same = all(sign in (LOST, there) for sign, there in zip(text, known, strict=True))
    return known if same else text


def _between_words(plain: str) -> str:
    return _OTHER_SIGNS.sub(" ", plain).strip()
