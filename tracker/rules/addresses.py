"""Postal addresses on parcels: printed whole, or refused before the label (rules L2, D8)."""

import re
import textwrap
from dataclasses import asdict, dataclass
from typing import Any

from tracker.rules.refusals import Refused

LINE = 38
LINES = 6
"""A French address has six lines of 38 signs at most (NF Z10-011): what sorting machines read, and what fits."""

_POSTCODE = re.compile(r"(?P<postcode>[0-9]{5})\s+(?P<city>\S.*)")


@dataclass(frozen=True)
class Address:
    """An address in France; `extra` is what stands between the name and the street."""

    name: str
    street: str
    postcode: str
    city: str
    extra: str = ""

    def kept(self) -> dict[str, Any]:
        """As a row keeps it."""
        return asdict(self)


def parse_address(text: str) -> Address:
    """The address of a setting, its lines parted by semicolons: name; …; street; postcode and city.

    Raises Refused address_incomplete.
    """
    parts = [part.strip() for part in text.split(";") if part.strip()]
    place = _POSTCODE.fullmatch(parts[-1]) if parts else None
    if len(parts) < 3 or place is None:
        raise Refused(
            "address_incomplete", rule="L2", name=parts[0] if parts else "", missing=_missing_of(parts, place)
        )
    return Address(parts[0], parts[-2], place["postcode"], place["city"], " ; ".join(parts[1:-2]))


def _missing_of(parts: list[str], place: re.Match[str] | None) -> tuple[str, ...]:
    if not parts:
        return ("name", "street", "postcode", "city")
    return () if place and len(parts) > 2 else ("street",) if place else ("postcode", "city")


def printed_lines(address: Address) -> tuple[str, ...]:
    """The address as it is printed, every sign of it, broken between words only.

    Raises Refused: address_incomplete, address_too_long.
    """
    missing = tuple(name for name in ("name", "street", "postcode", "city") if not getattr(address, name).strip())
    if missing or not _POSTCODE.fullmatch(f"{address.postcode.strip()} {address.city.strip()}"):
        raise Refused("address_incomplete", rule="D8", name=address.name, missing=missing or ("postcode",))
    written = [address.name, *address.extra.split(" ; "), address.street]
    lines = [line for part in written for line in _broken(part, address)]
    lines += [_whole(f"{address.postcode.strip()} {address.city.strip().upper()}", address)]
    if len(lines) > LINES:
        raise Refused("address_too_long", rule="D8", name=address.name, line=written[0], lines=len(lines), most=LINES)
    return tuple(lines)


def _broken(part: str, address: Address) -> list[str]:
    lines = textwrap.wrap(part, LINE, break_long_words=False, break_on_hyphens=True)
    return [_whole(line, address) for line in lines]


def _whole(line: str, address: Address) -> str:
    if len(line) > LINE:
        raise Refused("address_line_too_long", rule="D8", name=address.name, line=line, most=LINE)
    return line


def in_parts(address: Address, longest: int) -> tuple[str, str, str]:
    """Name, street and everything else, each on one line of a carrier; nothing is cut. Raises address_line_too_long."""
    name, *more = textwrap.wrap(address.name, longest, break_long_words=False)
    parts = (name, " ".join(address.street.split()), ", ".join([*more, *filter(None, address.extra.split(" ; "))]))
    for part in (*parts, address.city):
        if len(part) > longest:
            raise Refused("address_line_too_long", rule="D8", name=address.name, line=part, most=longest)
    return parts
