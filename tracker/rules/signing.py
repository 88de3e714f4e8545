"""The code that confirms a signature by the personal link: rule A2."""

from dataclasses import dataclass
from datetime import datetime, timedelta

CODE_FIGURES = 6
CODE_GOOD_FOR = timedelta(minutes=15)
MOST_TRIES = 5
"""Wrong codes after which a code is dead."""

MOST_CODES = 10
CODES_WITHIN = timedelta(days=1)
"""Whoever has a link and not its mailbox can guess, or fill that mailbox: 50 tries and 10 mails a day, no more."""
LONGEST_SIGNER = 100
"""Characters of the signer's name."""


@dataclass(frozen=True)
class Codes:
    """How many codes were mailed since a moment."""

    number: int
    since: datetime | None


def one_more(codes: Codes, now: datetime) -> Codes | None:
    """Rule A2. The count with one more code, None when there were MOST_CODES within the day."""
    if codes.since is None or now - codes.since >= CODES_WITHIN:
        return Codes(1, now)
    return Codes(codes.number + 1, codes.since) if codes.number < MOST_CODES else None


def code_refusal(sent_at: datetime | None, tries: int, now: datetime) -> str | None:
    """Rule A2. Why no code can be tried: none was asked for, it is too old, or it was tried too often."""
    if sent_at is None:
        return "code_missing"
    if tries >= MOST_TRIES:
        return "code_dead"
    return "code_expired" if now - sent_at > CODE_GOOD_FOR else None


TWICE_WITHIN = timedelta(seconds=10)
"""A second press of the same button, not a wish for another code."""


def code_is_alive(sent_at: datetime | None, now: datetime) -> bool:
    """Whether a code that was mailed then may still be typed."""
    return sent_at is not None and now - sent_at <= CODE_GOOD_FOR


def was_just_sent(sent_at: datetime | None, now: datetime) -> bool:
    """Whether a code was mailed a moment ago."""
    return sent_at is not None and now - sent_at < TWICE_WITHIN
