"""Agreements in words for schools and logistics: why not signed, whom no mail reaches, papers, piles, decisions."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.rules.paper import Aside, PageNote
from tracker.rules.recipients import Unreachable
from tracker.rules.unsigned import Why
from tracker.web.language import day, moment

REFUSALS = {
    "agreement_not_sent": _l("This agreement was not sent yet: send it first. Paper is for families that do not sign."),
    "paper_too_early": _l("Sent on %(sent_day)s: the form can be printed from %(first)s on (%(days)s days later)."),
    "paper_waiting": _l("The signed paper was scanned and waits for validation."),
    "nothing_to_print": _l("There is nothing to print in this selection today."),
    "too_many_forms": _l("%(most)s forms at most at once: narrow the selection to a school or a class."),
    "page_number_wrong": _l("This form has %(pages)s pages: write a number from 1 to %(pages)s."),
    "page_validated": _l("The agreement that this page belongs to was accepted: the page stays where it is."),
    "scans_changed": _l("The scans of this paper have changed since you opened it: look at them again, then decide."),
    "not_waiting": _l("Somebody else has decided about this agreement meanwhile, or it was signed otherwise."),
    "refusal_reason_missing": _l("Write why the paper is refused: the school reads it."),
    "refusal_reason_too_long": _l("This reason is too long: %(most)s characters at most."),
    "pile_known": _l("This very file was uploaded on %(at_time)s already: its pages are there."),
    "pile_empty": _l("This file is empty. Scan again, then send it."),
    "pile_not_a_scan": _l("This is no scan that can be read: PDF, JPEG, PNG or TIFF are expected."),
    "pile_heic": _l(
        "This photo has the iPhone’s own format (HEIC): set its camera to “Most compatible”, or send a PDF."
    ),
    "pile_encrypted_pdf": _l("This PDF is locked by a password: save it without one, then send it."),
    "pile_too_big": _l("This file is too large: 200 MB at most. Scan in grey at 200 or 300 dpi."),
    "pile_too_many_pages": _l("This file has %(pages)s pages: 200 at most. Send it in several parts."),
    "pile_broken": _l("Page %(page)s of this file is damaged: scan again."),
    "pile_page_too_large": _l("Page %(page)s of this file is too large to be drawn: scan in grey at 200 or 300 dpi."),
}
"""Sentences of tracker.web.sentences."""

SAID: dict[str, dict[str, Any]] = {
    "paper_too_early": {
        "sent_day": lambda facts: day(facts.get("sent_on")),
        "first": lambda facts: day(facts.get("first_day")),
    },
    "pile_known": {"at_time": lambda facts: moment(facts.get("at"))},
}

WHY = {
    Why.SCAN_WAITING: _l("scan waiting for validation"),
    Why.REFUSED: _l("paper refused"),
    Why.WITHDRAWN: _l("withdrawn"),
    Why.PRINTED: _l("paper printed"),
    Why.BOUNCED: _l("mail came back"),
    Why.SEEN: _l("opened, not signed"),
    Why.SENT: _l("sent, not opened"),
    Why.UNREACHABLE: _l("nobody to write to"),
    Why.NOT_SENT: _l("not sent"),
}
WHY_TONES = {Why.REFUSED: "bad", Why.BOUNCED: "bad", Why.UNREACHABLE: "bad", Why.WITHDRAWN: "neutral"}
WHY_SIGNS = {
    Why.SCAN_WAITING: "hourglass", Why.REFUSED: "circle-x", Why.WITHDRAWN: "ban", Why.PRINTED: "printer",
    Why.BOUNCED: "mail", Why.SEEN: "eye", Why.SENT: "send", Why.UNREACHABLE: "user-off", Why.NOT_SENT: "clock",
}  # fmt: skip

UNREACHABLE = {
    Unreachable.DECEASED: _l("nobody is written to"),
    Unreachable.NO_LEGAL_GUARDIAN: _l("no legal guardian on file"),
    Unreachable.NO_GUARDIAN_ADDRESS: _l("no legal guardian has a usable e-mail address"),
    Unreachable.NO_PUPIL_ADDRESS: _l("of age, and without a usable e-mail address"),
}

NOTES: dict[str, Any] = {
    PageNote.UNREAD: _l("no code was read"),
    PageNote.SEVERAL: _l("several sheets on one picture"),
    PageNote.BLANK: _l("blank page"),
    PageNote.FOREIGN: _l("page of another school"),
    PageNote.ALREADY: _l("the agreement was signed already"),
    PageNote.BROKEN: _l("this page and those after it cannot be drawn: scan them again"),
    Aside.NOT_AN_AGREEMENT: _l("not an agreement"),
    Aside.UNREADABLE: _l("cannot be read"),
    Aside.TWICE: _l("the same page is filed already"),
    Aside.OTHER_SCHOOL: _l("pupil of another school"),
}

USUAL_REASONS = (
    _l("The signature is missing."),
    _l("A page is missing: scan all pages together."),
    _l("The scan cannot be read: scan it again, in grey at 200 or 300 dpi."),
    _l("Signed by somebody who is no legal guardian."),
    _l("Signed by the pupil, who is not of age."),
    _l("The text was changed or struck out."),
)
"""What papers are refused for most: one press instead of typing."""


def why_words(row: Mapping[str, Any]) -> str:
    """Why the agreement of this row is not signed, with the reason behind where there is one."""
    why = Why(row["why"])
    if why is Why.UNREACHABLE and row["unreachable"]:
        return _("nobody to write to: %(reason)s", reason=UNREACHABLE[Unreachable(row["unreachable"])])
    if why is Why.REFUSED and row["refusal"]:
        return _("paper refused: %(reason)s", reason=row["refusal"])
    return str(WHY[why])


def note_words(note: str) -> str:
    """What is to be known of a scanned page."""
    return str(NOTES.get(note, note)) if note else ""
