"""Devices in words: states, holders, kinds, movements."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

STATES = {
    "in_stock": _l("in stock"),
    "lent": _l("lent"),
    "returned": _l("returned, to be looked at"),
    "quarantined": _l("in quarantine"),
    "in_repair": _l("in repair"),
    "to_refurbish": _l("to be refurbished"),
    "to_recycle": _l("to be recycled"),
    "lost": _l("lost"),
    "stolen": _l("stolen"),
    "retired": _l("retired"),
}

HOLDERS = {
    "warehouse": _l("warehouse"),
    "school": _l("school"),
    "parcel": _l("parcel"),
    "pupil": _l("pupil"),
    "repairer": _l("repairer"),
    "refurbisher": _l("refurbisher"),
    "recycler": _l("recycler"),
    "unknown": _l("unknown place"),
}

MOVEMENTS = {
    "received": _l("Received into stock"),
    "allocated": _l("Set aside for a pupil"),
    "unallocated": _l("No longer set aside"),
    "handed_over": _l("Handed over"),
    "hand_over_undone": _l("Hand-over undone"),
    "declared_lost": _l("Declared lost"),
    "declared_stolen": _l("Declared stolen"),
    "sent_to_repair": _l("Sent to repair"),
    "moved_with_pupil": _l("Moved to another school with the pupil"),
    "returned": _l("Returned"),
    "return_undone": _l("Return undone"),
    "triaged": _l("Next place decided"),
    "packed": _l("Packed into a parcel"),
    "unpacked": _l("Taken out of its parcel"),
    "arrived": _l("Arrived by parcel"),
    "sent_to_refurbisher": _l("Sent to the refurbisher"),
    "sent_to_recycler": _l("Sent to the recycler"),
    "came_from_partner": _l("Back from the partner"),
    "relocated": _l("Place put right"),
    "loan_ended": _l("Loan ended"),
    "found": _l("Found again"),
    "recycled": _l("Recycled"),
}

KINDS = {"laptop": _l("laptop"), "hotspot": _l("4G hotspot")}

WORDS: dict[str, Mapping[Any, Any]] = {"state": STATES, "holder": HOLDERS, "movement": MOVEMENTS, "kind": KINDS}
TONES: dict[str, Mapping[str, str]] = {
    "state": {
        "in_stock": "ok",
        "lent": "neutral",
        "returned": "warn",
        "quarantined": "warn",
        "in_repair": "warn",
        "to_refurbish": "neutral",
        "to_recycle": "neutral",
        "lost": "bad",
        "stolen": "bad",
        "retired": "neutral",
    }
}
REFUSALS: dict[str, Any] = {}
SAID: dict[str, dict[str, Any]] = {}


def device_words(facts: Mapping[str, Any]) -> str:
    """State and holder of a device, as far as a refusal knows them."""
    said = (STATES.get(facts.get("state", "")), HOLDERS.get(facts.get("holder", "")))
    return ", ".join(str(each) for each in said if each)
