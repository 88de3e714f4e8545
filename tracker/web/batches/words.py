"""Batches in words: kinds, states, what became of a device, and why something was refused."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from tracker.web.custody_words import STATES as STATES_OF_DEVICES
from tracker.web.custody_words import device_words
from tracker.web.language import day

KINDS = {
    "repair": _l("repair"),
    "refurbish": _l("refurbishing"),
    "recycle": _l("recycling"),
}

STATES = {"open": _l("being put together"), "sent": _l("with the partner"), "closed": _l("closed")}

OUTCOMES = {
    "repaired": _l("repaired"),
    "refurbished": _l("refurbished"),
    "not_repairable": _l("cannot be repaired"),
    "recycled": _l("recycled"),
}

GRADES = {"A": _l("A, like new"), "B": _l("B, light traces"), "C": _l("C, visible traces")}

SLIPS = {
    "repair": _l("Devices to be repaired"),
    "refurbish": _l("Devices to be refurbished"),
    "recycle": _l("Devices to be recycled"),
}
"""What the slip of a batch is headed with."""

OUTCOME_BUTTONS = {
    "repaired": _l("Repaired"),
    "refurbished": _l("Refurbished, grade %(grade)s"),
    "not_repairable": _l("Cannot be repaired"),
    "recycled": _l("Recycled"),
}

WORDS: dict[str, Mapping[Any, Any]] = {
    "outcome_button": OUTCOME_BUTTONS,
    "batch_kind": KINDS,
    "batch": STATES,
    "batch_outcome": OUTCOMES,
    "grade": GRADES,
}
TONES: dict[str, Mapping[str, str]] = {}
REFUSALS: dict[str, Any] = {
    "partner_missing": _l("Write the name of the partner."),
    "batch_kind_missing": _l("Choose what the partner does with the devices."),
    "batch_not_open": _l("This batch has left: nothing can be put in or taken out any more."),
    "batch_not_sent": _l("This can be recorded between the day a batch leaves and the day it is closed."),
    "batch_not_here": _l("%(serial)s is not in the warehouse (%(situation)s)."),
    "batch_wrong_state": _l(
        "%(serial)s is %(situation)s; this batch takes what is %(wanted_words)s. Decide its next place first."
    ),
    "in_other_batch": _l("%(serial)s is in the batch %(batch)s already."),
    "batch_wants_device": _l("This is no device. Scan the label of a device."),
    "batch_empty": _l("The batch is empty: put devices into it first."),
    "batch_not_erased": _l(
        "Data of pupils may still be on %(count)s devices of this batch. Erase them and say so, or send the batch with "
        "the partner’s duty to erase them under a certificate."
    ),
    "not_in_batch": _l("This device is not in this batch."),
    "outcome_missing": _l("Choose what became of the devices."),
    "outcome_known": _l("What became of this device is on record already: %(outcome_words)s."),
    "outcome_unknown": _l(
        "Not understood: %(outcome)s. Expected: réparé, reconditionné, irréparable or recyclé (or their English)."
    ),
    "outcome_not_possible": _l("%(outcome_words)s: not an outcome of a batch for %(kind_words)s."),
    "grade_missing": _l("A refurbished device has a grade: A, B or C."),
    "grade_unknown": _l("The grade is A, B or C."),
    "grade_not_wanted": _l("A grade goes with a refurbished device only."),
    "line_twice": _l("This device stands twice in the list."),
    "paper_missing": _l("Choose the file first."),
    "list_empty": _l("The list is empty: one device a line, serial;outcome;grade."),
    "list_too_long": _l("The list is too long: %(most)s lines at most."),
    "list_unreadable": _l("This is no list of text lines: save it as CSV and try again."),
    "list_has_problems": _l("Nothing was recorded: %(count)s lines have a problem. Correct the list and try again."),
    "proof_date_ahead": _l("The date of the proof lies ahead: check it."),
    "proof_before_sending": _l("The proof is older than the batch, which left on %(sent_day)s: check its date."),
    "proof_figures": _l("Weight and count are positive numbers, the date a day of the calendar: check them."),
    "outcomes_missing": _l("Say first what became of every device: %(count)s are missing."),
    "proof_missing": _l("The proof is missing: its paper, its date, and the weight or the number of devices on it."),
    "erasure_proof_missing": _l("The partner erases the data: its certificate is missing."),
    "proof_contradicts": _l(
        "The proof counts another number (%(counted)s) than the batch has devices (%(count)s): correct the proof, or "
        "write down why they differ. The reason stays on record."
    ),
}

_OUTCOME = {"outcome_words": lambda facts: OUTCOMES.get(facts.get("outcome", ""), "…")}
SAID: dict[str, dict[str, Any]] = {
    "batch_not_here": {"situation": device_words},
    "batch_wrong_state": {
        "situation": device_words,
        "wanted_words": lambda facts: STATES_OF_DEVICES.get(facts.get("wanted", ""), "…"),
    },
    "outcome_known": _OUTCOME,
    "outcome_not_possible": _OUTCOME | {"kind_words": lambda facts: KINDS.get(facts.get("kind", ""), "…")},
    "proof_before_sending": {"sent_day": lambda facts: day(facts.get("sent_on"))},
}
