"""Cases in words: what happened, where a case stands, how it ended."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from tracker.web import custody_words
from tracker.web.custody_words import device_words
from tracker.web.language import day

KINDS = {
    "breakdown": _l("breakdown"),
    "damage": _l("damage"),
    "theft": _l("theft"),
    "loss": _l("loss"),
    "sighting": _l("missing device seen again"),
}

STATES = {
    "open": _l("open"),
    "awaiting_device": _l("device awaited"),
    "diagnosis": _l("diagnosis"),
    "in_repair": _l("in repair"),
    "owed": _l("device owed to the pupil"),
    "closed": _l("closed"),
    "refused": _l("refused"),
}

OUTCOMES = {
    "repaired": _l("repaired"),
    "replaced": _l("replaced by another one"),
    "refused": _l("refused"),
    "found": _l("found again"),
    "withdrawn": _l("report withdrawn"),
}

DOCUMENTS = {
    "declaration": _l("declaration to the police or gendarmerie"),
    "photo": _l("photo"),
    "proof": _l("proof"),
    "erasure": _l("data erasure certificate"),
    "other": _l("other document"),
}

FAMILY_STATES = {
    "open": _l("We have your report. The school looks at it and tells you whether the device has to come back."),
    "missing": _l(
        "We have your report. Add the declaration to the police or gendarmerie: without it no other device can be lent."
    ),
    "missing_declared": _l("We have your report and the declaration. They are being looked at."),
    "awaiting_device": _l("The device has to be looked at: bring it to the school, which sends it to us for free."),
    "diagnosis": _l("The device is with us and is being looked at."),
    "in_repair": _l("The device is being repaired."),
    "owed": _l("A device is on its way: the school hands it over to the pupil."),
}
"""How far an open case is, as a family reads it."""

WORDS: dict[str, Mapping[Any, Any]] = {
    "case_kind": KINDS,
    "case": STATES,
    "case_outcome": OUTCOMES,
    "document": DOCUMENTS,
}
TONES: dict[str, Mapping[str, str]] = {
    "case": {"open": "warn", "awaiting_device": "warn", "diagnosis": "warn", "owed": "warn", "closed": "ok"}
}
REFUSALS: dict[str, Any] = {
    "case_kind": _l("Say what happened: breakdown, damage, theft or loss."),
    "case_without_words": _l("Describe in a few words what happened (%(most)s characters at most)."),
    "case_open": _l("A case about this device is open since %(at_time)s: add to that one."),
    "case_device_gone": _l("This device is %(state_words)s already: no further case can be opened about it."),
    "case_state": _l("The case has moved on meanwhile (%(case_words)s): look at it again."),
    "case_reason": _l("Write why: the school reads it (%(most)s characters at most)."),
    "case_found_elsewhere": _l("Nobody answers for this device any more: scan it at the returns desk."),
    "case_device_there": _l("The device is at the school already: it can be handed over there."),
    "case_device_away": _l("The device is not here (%(device_words)s): it comes back over the returns desk first."),
    "case_gives_another": _l(
        "A case of this pupil is open since %(at_time)s and gives them their device: no other one is lent besides."
    ),
    "case_was_refused": _l(
        "A case of this pupil about a broken device was refused on %(at_time)s: no other one is lent in its place."
    ),
    "device_has_case": _l("A case about this device is open since %(at_time)s: it is lent once that is over."),
    "undo_has_case": _l("A case about this device is open since %(at_time)s: this cannot be undone before it is over."),
    "quota_used": _l(
        "Once only for each pupil: the case opened on %(opened_day)s (%(earlier_words)s) was granted already."
    ),
    "declaration_missing": _l(
        "The declaration to the police or gendarmerie is not on file: add it, then the theft or loss can be accepted."
    ),
    "replacement_other_kind": _l("Choose another device of the same kind as the one it replaces."),
    "loaner_first": _l("This pupil still has the loaner %(serial)s: it must come back first."),
    "attachment_empty": _l("This file is empty. Choose it again."),
    "attachment_format": _l("This file cannot be kept: PDF, JPEG, PNG or TIFF are expected."),
    "attachment_heic": _l(
        "This photo has the iPhone’s own format (HEIC): set its camera to “Most compatible”, or send a PDF."
    ),
    "attachment_encrypted": _l("This PDF is locked by a password: save it without one, then send it."),
    "attachment_too_big": _l("This file is too large: %(most)s MB at most."),
    "attachment_too_long": _l("This file has too many pages: %(most)s at most."),
    "attachment_broken": _l("This file is damaged or too large to be drawn: scan or photograph it again."),
    "attachment_known": _l("This very file is there already."),
    "attachments_too_many": _l("There are %(most)s files already: no more can be added."),
}
SAID: dict[str, dict[str, Any]] = {
    "case_device_gone": {"state_words": lambda facts: str(custody_words.STATES.get(facts.get("state"), ""))},
    "case_device_away": {"device_words": device_words},
    "case_state": {"case_words": lambda facts: str(STATES.get(facts.get("state"), ""))},
    "quota_used": {
        "opened_day": lambda facts: day(facts.get("opened_on")),
        "earlier_words": lambda facts: str(KINDS.get(facts.get("earlier_kind"), "")),
    },
}
