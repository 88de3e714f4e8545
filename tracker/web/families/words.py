"""Families' personal links in words: why one opens nothing, and what to do now."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from tracker.web.agreements.words import Closed
from tracker.web.language import day

REFUSALS: dict[str, Any] = {
    "family_link_unknown": _l("This link is not one of ours, or it was not copied whole."),
    "family_link_expired": _l("This link worked until %(expired_day)s."),
    "family_link_ended": _l("There is nothing for you to do here any more."),
    "family_link_not_theirs": _l("This address is no longer that of a legal guardian in the school’s file."),
}
WORDS: dict[str, Mapping[Any, Any]] = {}
TONES: dict[str, Mapping[str, str]] = {}
SAID: dict[str, dict[str, Any]] = {
    "family_link_expired": {"expired_day": lambda facts: day(facts.get("expired_on"))},
}

RETURN_REASONS = {
    "departure": _l("the pupil leaves the school"),
    "end_of_year": _l("the school year ends"),
    "breakdown": _l("it goes to repair"),
    "loaner": _l("it was lent for the time of a repair"),
    "replaced": _l("another one was lent in its place"),
    "other": _l("the Région needs it back"),
}
"""Why a device must come back, as a family reads it."""

CLOSED = {
    "family_link_unknown": Closed(
        _l("This link does not open anything"),
        _l("Open the newest mail from us and press its link there, or copy the whole line."),
        404,
    ),
    "family_link_expired": Closed(
        _l("This link is too old"),
        _l("Look for a newer mail from us. Otherwise call the families’ service: it helps you."),
    ),
    "family_link_ended": Closed(
        _l("This page is closed"),
        _l("You have nothing to do. For any question, we are here for you."),
        tone="neutral",
    ),
    "family_link_not_theirs": Closed(
        _l("This address cannot be used any more"),
        _l("If this is a mistake, ask the secretary’s office of the school to correct its file."),
    ),
}  # fmt: skip
"""What the page of a link that opens nothing says, by the code of the refusal."""
