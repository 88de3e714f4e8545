"""A second life in words: what waits in the warehouse, where it goes next, the yearly report."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.web.custody_words import STATES as STATES_OF_DEVICES
from tracker.web.custody_words import device_words

WAITING_STATES = STATES_OF_DEVICES | {"in_stock": _l("in stock, data to be erased")}

PLACES = {
    "stock": _l("Into stock"),
    "repair": _l("To be repaired"),
    "refurbisher": _l("To be refurbished"),
    "recycling": _l("To be recycled"),
    "quarantine": _l("Into quarantine"),
}

YEARLY = {
    "stock": _l("back in stock as they were"),
    "repaired": _l("repaired, by a partner or for a case"),
    "refurbished_A": _l("refurbished, grade A"),
    "refurbished_B": _l("refurbished, grade B"),
    "refurbished_C": _l("refurbished, grade C"),
    "not_repairable": _l("found beyond repair"),
    "recycled": _l("recycled by a partner"),
}

WORDS: dict[str, Mapping[Any, Any]] = {
    "way": YEARLY,
    "triage_place": PLACES,
    "reuse_state": WAITING_STATES,
}
TONES: dict[str, Mapping[str, str]] = {}
REFUSALS: dict[str, Any] = {
    "nothing_chosen": _l("Choose at least one device."),
    "too_many_chosen": _l("%(most)s devices at most at once: narrow the selection."),
    "place_missing": _l("Choose where the devices go next."),
    "triage_reason_missing": _l("Say why in a few words: it stays in the story of each device."),
    "triage_not_here": _l("%(serial)s is not waiting in the warehouse (%(situation)s): its next place is not decided."),
    "triage_in_batch": _l("%(serial)s is in the batch %(batch)s: take it out of there first."),
    "triage_promised": _l("%(serial)s is set aside for a pupil: it is neither given away nor recycled."),
    "not_erased": _l("%(serial)s was lent and nobody has said that its data are erased. Erase it and say so first."),
    "erase_while_lent": _l("%(serial)s is lent: its data are erased once it is back."),
}
SAID: dict[str, dict[str, Any]] = {"triage_not_here": {"situation": device_words}}


def refurbished_words(model: str, refurbished: bool, grade: str | None) -> str:
    """Rule U1. A device that is lent again says that it was refurbished."""
    if not refurbished:
        return model
    return (
        _("%(model)s, refurbished (grade %(grade)s)", model=model, grade=grade)
        if grade
        else _("%(model)s, refurbished", model=model)
    )
