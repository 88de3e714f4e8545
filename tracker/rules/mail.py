"""When a mail that could not be delivered is tried again; what an address is, and how it is shown half hidden."""

import re
from datetime import timedelta

LEASE = timedelta(minutes=5)
"""How long one attempt may take: only then may another process try the same mail."""

MOST_ATTEMPTS = 12
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)


def retry_after(attempts: int) -> timedelta | None:
    """The wait after so many failed attempts: 1, 2, 4 … minutes, 6 hours at most; None: give up (after a day)."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(_FIRST_WAIT * 2 ** (attempts - 1), _LONGEST_WAIT)


LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\]+\.[^\s@,;:<>()\[\]\"\\.]+")


def mail_address(text: str) -> str:
    """The address as it is compared and written to, in lower case; empty for what is no address."""
    address = text.strip().lower()
    return address if len(address) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(address) else ""


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else learns: l…@example.org."""
    name, _, place = address.partition("@")
    return f"{name[:1]}…@{place}"
