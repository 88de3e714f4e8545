"""National identifiers: UAI of a school, INE of a pupil."""

import re

_CHECK_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_UAI = re.compile(r"[0-9]{7}[A-Z]")
_OLD_INE = re.compile(r"[0-9]{10}[A-Z]")
_NEW_INE = re.compile(r"[0-9]{9}[A-K]{2}")
NORMAN_DEPARTMENTS = frozenset({"014", "027", "050", "061", "076"})


def is_uai(text: str) -> bool:
    """Whether `text` is a school's UAI: seven digits and their number mod 23 as a letter."""
    return bool(_UAI.fullmatch(text)) and _check_letter(text)


def is_norman_uai(text: str) -> bool:
    """Whether `text` is the UAI of a school of one of the five Norman departments."""
    return is_uai(text) and text[:3] in NORMAN_DEPARTMENTS


def has_ine_form(text: str) -> bool:
    """Whether `text` has one of the two forms of an INE; a wrong form warns, it never refuses a pupil."""
    return bool(_OLD_INE.fullmatch(text) or (_NEW_INE.fullmatch(text) and "I" not in text))


def has_ine_letter(text: str) -> bool:
    """Whether an INE carries its check letter; the new form has no known check and passes. A wrong one warns only."""
    return not _OLD_INE.fullmatch(text) or _check_letter(text)


def _check_letter(text: str) -> bool:
    return _CHECK_LETTERS[int(text[:-1]) % 23] == text[-1]
