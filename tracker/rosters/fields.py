"""The values of a file's fields: dates, addresses, yes and no, names."""

import re
import unicodedata
from datetime import date, datetime, time
from functools import lru_cache

from tracker.rules.names import search_key

NAME_LENGTH = 100
_BEYOND_LATIN = "\u0250"

_FRENCH_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T.*)?")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_ADDRESS = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
_BETWEEN_ADDRESSES = re.compile(r"[\s;,/]+")
_ADDRESS_LENGTH = 254
_YES = frozenset({"1", "true", "vrai", "oui", "o"})
_NO = frozenset({"0", "false", "faux", "non", "n", ""})


@lru_cache(maxsize=50_000)
def french_date(text: str) -> date | None:
    """The date of `jj/mm/aaaa`; None for any other form, a day that does not exist, or a year of two digits."""
    found = _FRENCH_DATE.fullmatch(text)
    return _existing(int(found[3]), int(found[2]), int(found[1])) if found else None


@lru_cache(maxsize=50_000)
def iso_date(text: str) -> date | None:
    """The date of `aaaa-mm-jj`, a time after it left out; None for what is no date."""
    found = _ISO_DATE.fullmatch(text)
    return _existing(int(found[1]), int(found[2]), int(found[3])) if found else None


def french_moment(text: str) -> datetime | None:
    """The local moment of `jj/mm/aaaa` or `jj/mm/aaaa hh:mm:ss`."""
    day_text, _, time_text = text.partition(" ")
    day = french_date(day_text)
    clock = clock_time(time_text.strip())
    return datetime.combine(day, clock) if day and clock is not None else None


def clock_time(text: str) -> time | None:
    """The time of `hh:mm[:ss]`; midnight when there is none; None for what is no time."""
    if not text:
        return time()
    found = _TIME.fullmatch(text)
    if not found:
        return None
    try:
        return time(int(found[1]), int(found[2]), int(found[3] or 0))
    except ValueError:
        return None


def _existing(year: int, month: int, day: int) -> date | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def addresses(text: str) -> list[str]:
    """The e-mail addresses in a field that should hold one; empty when it holds none."""
    if is_address(text):
        return [text]
    return [part for part in _BETWEEN_ADDRESSES.split(text) if is_address(part)]


def is_address(text: str) -> bool:
    """Whether a mail can be sent to `text`: one plain address, ASCII, of a bearable length."""
    return len(text) <= _ADDRESS_LENGTH and bool(_ADDRESS.fullmatch(text))


def yes_or_no(text: str) -> bool | None:
    """A flag as the exports write it: `1/0`, `true/false`, mixed; None for anything else. Empty is no."""
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def tidy(text: str) -> str:
    """Spaces trimmed and folded to one, accents composed as keyboards write them, no invisible sign."""
    folded = " ".join(text.split())
    if not folded.isprintable():
        folded = visible(folded)
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def too_long(name: str) -> bool:
    """Whether a name does not fit, as written or as folded for search (œ becomes oe, some signs ten letters)."""
    if len(name) > NAME_LENGTH:
        return True
    plain = name.isascii() or (len(name) <= NAME_LENGTH // 2 and max(name) < _BEYOND_LATIN)
    return not plain and len(search_key(name)) > NAME_LENGTH


def visible(text: str) -> str:
    """The text without control signs, halves of characters and marks of direction: no database or screen wants them."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cf", "Cs"))


def heading(text: str) -> str:
    """A column's name without case, accents, stars, or what stands in brackets: `Division*` → `division`."""
    without = re.sub(r"\(.*?\)", "", text)
    plain = unicodedata.normalize("NFKD", without).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", plain.casefold()).strip()
