"""Agreements in words: refusals of signing and of publishing a text, and what a link that opens nothing says."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS = {
    "link_unknown": _l("This link is not one of ours, or it was not copied whole."),
    "link_expired": _l("This link worked until %(expired_day)s."),
    "link_used": _l("This agreement was signed through this link on %(signed_day)s."),
    "agreement_signed": _l("This agreement is signed already."),
    "withdrawn": _l("This agreement is not to be signed any more."),
    "not_guardian": _l("This address is no longer that of a legal guardian in the school’s file."),
    "receipt_over": _l("This page was shown for a short time after the signature."),
    "signer_missing": _l("Write your first name and surname."),
    "signer_too_long": _l("This name is too long: %(most)s characters at most."),
    "consent_missing": _l("Tick the box to say that you have read the agreement and accept it."),
    "text_changed": _l("The text of the agreement has changed since you opened it: please read it again."),
    "codes_too_many": _l(
        "%(most)s codes were sent within a day. The last one is the good one; or wait until tomorrow."
    ),
    "code_missing": _l("No code was asked for yet, or it was used already. Ask for a new code below."),
    "code_expired": _l("This code is too old. Ask for a new one below."),
    "code_dead": _l("Five wrong codes were typed: this code no longer works. Ask for a new one below."),
    "code_wrong": _l("This is not the code that was sent. Attempts left: %(left)s."),
    "text_missing": _l("Write the text in this language too."),
    "text_unchanged": _l("This is the text of version %(version)s, word for word: nothing was published."),
    "placeholder_unknown": _l("Nothing is filled in for %(names)s: correct the name, or take the braces away."),
    "form_too_long": _l("The printed form would have %(pages)s pages: %(most)s at most."),
}
"""Sentences of tracker.web.sentences."""


@dataclass(frozen=True)
class Closed:
    """A link that opens nothing: what it is, and what to do now."""

    title: Any
    advice: Any
    status: int = 410
    tone: str = "warn"


CLOSED = {
    "link_unknown": Closed(
        _l("This link does not open anything"),
        _l("Open the newest mail about the agreement and press its link there, or copy the whole line."),
        404,
    ),
    "link_expired": Closed(
        _l("This link is too old"),
        _l("Look for a newer mail about the agreement. Otherwise ask the school for the agreement on paper."),
    ),
    "link_used": Closed(
        _l("This agreement is signed"),
        _l("There is nothing left to do. The signed agreement was sent to the address that had received the link."),
        tone="ok",
    ),
    "agreement_signed": Closed(
        _l("This agreement is signed"),
        _l("One signature is enough: somebody else has signed, or the signed paper was accepted. Nothing left to do."),
        tone="ok",
    ),
    "withdrawn": Closed(
        _l("This agreement is closed"),
        _l("You have nothing to do. For any question, we are here for you."),
        tone="neutral",
    ),
    "not_guardian": Closed(
        _l("This address cannot sign any more"),
        _l("If this is a mistake, ask the secretary’s office of the school to correct its file."),
    ),
    "receipt_over": Closed(
        _l("This page is over"),
        _l("The signed agreement was sent to the address that had received the link: it is attached to that mail."),
        tone="neutral",
    ),
}  # fmt: skip
"""By the code of the refusal."""
