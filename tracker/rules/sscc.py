"""The number of a parcel: an SSCC-18 of GS1, from a company prefix and a serial of our own."""

import re

DEFAULT_PREFIX = "0400000"
"""What stands for a company prefix until the Région's own is set.

GS1 keeps 040 to 049 for numbers inside a company and gives them to nobody: no real company's parcel can have it.
"""

LENGTH = 18
_PREFIX = re.compile(r"[0-9]{7,12}")


def is_prefix(text: str) -> bool:
    """Whether this may be a GS1 company prefix in an SSCC."""
    return bool(_PREFIX.fullmatch(text))


def sscc(prefix: str, serial: int) -> str:
    """The SSCC of a serial: extension digit, prefix, serial, check digit. An empty prefix is the default one.

    The extension digit is the first one of the serial: ten times as many parcels for each prefix. Raises ValueError
    where the prefix is none, or has no number left.
    """
    prefix = prefix or DEFAULT_PREFIX
    places = LENGTH - 2 - len(prefix)
    if not is_prefix(prefix) or not 0 <= serial < 10 ** (places + 1):
        raise ValueError(f"no SSCC for {serial} under {prefix!r}")
    extension, rest = divmod(serial, 10**places)
    unchecked = f"{extension}{prefix}{rest:0{places}}"
    return unchecked + check_digit(unchecked)


def check_digit(digits: str) -> str:
    """GS1's modulo 10: from the right, every digit counts three times and once in turn."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def parse_sscc(text: str) -> str | None:
    """The SSCC that a person or a scanner spells, with or without (00) and gaps; None: none, or a wrong check digit."""
    digits = re.sub(r"[\s.]|\(00\)", "", text).lstrip("\x1d")
    if len(digits) == LENGTH + 2 and digits.startswith("00"):
        digits = digits[2:]
    if len(digits) != LENGTH or not digits.isascii() or not digits.isdigit():
        return None
    return digits if digits[-1] == check_digit(digits[:-1]) and set(digits) != {"0"} else None


def spelled(reference: str) -> str:
    """The SSCC as people read it: (00) and groups of three."""
    return "(00) " + " ".join(reference[start : start + 3] for start in range(0, LENGTH, 3))
