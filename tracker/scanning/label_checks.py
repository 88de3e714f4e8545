"""Check digits and canonical spellings of what labels carry: IMEI, ICCID, EAN, MAC, Dell, our own codes."""

import re
from collections.abc import Callable

from stdnum import luhn
from stdnum.util import isdigits

from tracker.rules.codes import parse_own_code

BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DELL_TAG_LENGTH = 7


def luhn_number(text: str) -> str | None:
    """The digits, when their last is the Luhn check digit (IMEI, ICCID)."""
    return text if isdigits(text) and luhn.is_valid(text) and set(text) != {"0"} else None


def gs1_number(text: str) -> str | None:
    """The digits, when their last is the GS1 check digit (EAN, UPC, GTIN, SSCC), whatever their length."""
    if not isdigits(text):
        return None
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return text if total % 10 == 0 and set(text) != {"0"} else None


def own_code_text(text: str) -> str | None:
    """One of our own codes, when its check letter is right."""
    code = parse_own_code(text)
    return code.text if code else None


def mac_address(text: str) -> str | None:
    """A MAC as twelve capital hexadecimal digits."""
    digits = re.sub(r"[:.-]", "", text).upper()
    return digits if re.fullmatch(r"[0-9A-F]{12}", digits) else None


def dell_tag_of_express_code(text: str) -> str | None:
    """The Dell service tag (7 characters in base 36) that an express service code spells in decimal."""
    if not isdigits(text) or text.startswith("0"):
        return None
    number, tag = int(text), ""
    while number:
        number, digit = divmod(number, 36)
        tag = BASE_36[digit] + tag
    return tag if len(tag) == DELL_TAG_LENGTH else None


CHECKS: dict[str, Callable[[str], str | None]] = {
    "luhn": luhn_number,
    "ean": gs1_number,
    "own": own_code_text,
    "mac": mac_address,
    "dell_express": dell_tag_of_express_code,
}
"""Each answers the canonical value, or None when the check fails."""
