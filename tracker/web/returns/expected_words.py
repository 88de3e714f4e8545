"""Expected returns in words: where one stands, and why something was refused."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from tracker.web.language import day

STANDINGS = {
    "open": _l("expected"),
    "overdue": _l("overdue"),
    "handed_in": _l("at the school, says the family"),
    "closed": _l("closed"),
}

WORDS: dict[str, Mapping[Any, Any]] = {"return_standing": STANDINGS}
TONES: dict[str, Mapping[str, str]] = {}
REFUSALS: dict[str, Any] = {
    "return_not_open": _l("This return is not expected any more, or it is not of one of your schools."),
    "return_reason_wrong": _l("Choose why the device must come back: end of the school year, or another reason."),
    "due_in_the_past": _l("The last day of the return is in the past: choose today or a later day."),
    "due_not_a_day": _l("Choose the last day of the return."),
    "not_lent": _l("No pupil answers for this device: there is nobody to ask it back from."),
    "return_expected": _l("This device is expected already, by %(due_day)s."),
    "closing_reason_missing": _l("Write why nobody waits for this device any more: it stays on record."),
    "closing_reason_too_long": _l("This reason is too long: %(most)s characters at most."),
    "too_many_returns": _l("%(most)s returns at most at once: narrow the selection to a school or a class."),
    "nothing_to_send_back": _l("There is nothing to send back in this selection."),
    "written_today": _l("This family was written to today already: one mail a day at most. Try again tomorrow."),
    "return_deceased": _l("The family of this pupil is never written to. The device is collected with tact."),
    "return_no_legal_guardian": _l("The school’s file has no legal guardian for this pupil: call the family."),
    "return_no_guardian_address": _l("No legal guardian has an e-mail address in the school’s file: call the family."),
    "return_no_pupil_address": _l("This pupil is of age and has no e-mail address in the school’s file: call them."),
}
SAID: dict[str, dict[str, Any]] = {"return_expected": {"due_day": lambda facts: day(facts.get("due_on"))}}
