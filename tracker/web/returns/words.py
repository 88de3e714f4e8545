"""Devices that come back in words: why expected, their condition, where they go next."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

RETURN_REASONS = {
    "departure": _l("departure"),
    "end_of_year": _l("end of the school year"),
    "breakdown": _l("breakdown"),
    "loaner": _l("loaner"),
    "replaced": _l("device replaced"),
    "other": _l("other reason"),
}

CONDITIONS = {"good": _l("good"), "worn": _l("worn"), "damaged": _l("damaged"), "broken": _l("broken")}

ACCESSORIES = {"charger": _l("charger"), "box": _l("original box"), "sleeve": _l("sleeve")}

NEXT_PLACES = {
    "stock": _l("back into stock"),
    "repair": _l("repair"),
    "refurbisher": _l("refurbisher"),
    "recycling": _l("recycling"),
    "quarantine": _l("quarantine"),
}

STRANGERS = {
    "unidentified": _l("to be identified"),
    "other_owner": _l("of another owner"),
}

STRANGER_OUTCOMES = {
    "given_back": _l("given back to its owner"),
    "identified": _l("identified and taken on record"),
    "recycled": _l("nobody’s: sent to recycling"),
}

WORDS: dict[str, Mapping[Any, Any]] = {
    "return_reason": RETURN_REASONS,
    "condition": CONDITIONS,
    "accessory": ACCESSORIES,
    "next_place": NEXT_PLACES,
    "stranger": STRANGERS,
    "stranger_outcome": STRANGER_OUTCOMES,
}
TONES: dict[str, Mapping[str, str]] = {}
REFUSALS: dict[str, Any] = {
    "return_reason_missing": _l("Nobody was waiting for this device: say why it comes back."),
    "condition_missing": _l("Say first what the device looks like: its next place depends on it."),
    "noted_settled": _l("What became of this device was said on %(at_time)s already: %(outcome_words)s."),
    "noted_outcome_missing": _l("Choose what became of this device: it stays on record."),
    "receipt_of_nothing": _l("This return was undone, or is not of a device of the programme: there is no receipt."),
    "receipt_not_sent": _l("This pupil has died. Nothing is sent to the family."),
    "receipt_sent": _l(
        "The receipt was mailed to every address on file already. Print it where it is wanted once more."
    ),
    "receipt_without_address": _l("No address of a legal guardian is on file. Print the receipt instead."),
    "photos_missing": _l("Choose at least one photograph."),
    "pupil_holds_nothing": _l("This pupil holds no device of the programme. Scan the device itself."),
    "return_nothing_to_undo": _l("This return is undone already, or something has happened to the device since."),
    "undo_pupil_equipped": _l("The pupil has another device by now: this return cannot be undone any more."),
}
SAID: dict[str, dict[str, Any]] = {
    "noted_settled": {"outcome_words": lambda facts: str(STRANGER_OUTCOMES.get(facts.get("outcome"), "…"))},
}
