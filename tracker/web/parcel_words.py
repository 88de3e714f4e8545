"""Parcels in words: kinds, states, and what may not be sent or received."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from tracker.web import custody_words

KINDS = {
    "outbound": _l("stock for a school"),
    "named": _l("named parcel"),
    "return": _l("return"),
}

STATES = {
    "prepared": _l("prepared"),
    "shipped": _l("on its way"),
    "received": _l("received"),
    "closed": _l("handed over"),
    "cancelled": _l("cancelled"),
}

WORDS: dict[str, Mapping[Any, Any]] = {"parcel_kind": KINDS, "parcel": STATES}
TONES = {"prepared": "warn", "shipped": "warn", "received": "ok", "closed": "ok", "cancelled": "neutral"}
REFUSALS: dict[str, Any] = {
    "parcel_empty": _l("A parcel needs at least one device."),
    "parcel_state": _l("Parcel %(reference)s is %(state_words)s: this cannot be done with it any more."),
    "parcel_is_return": _l("Parcel %(reference)s is a return: it is opened at the returns desk."),
    "parcel_pupil_elsewhere": _l("A named parcel is for a pupil of the school: this one is not enrolled there."),
    "device_in_parcel": _l("This device is in parcel %(reference)s already: cancel that one first."),
    "device_not_to_pack": _l("This device cannot go into a parcel: it is %(state_words)s."),
    "device_not_in_parcel": _l("This device is not in parcel %(reference)s: put it aside and tell logistics."),
    "address_incomplete": _l(
        "The address of “%(name)s” is not complete, and no label is printed without it. "
        "What is missing: %(missing_words)s."
    ),
    "address_too_long": _l(
        "The address of “%(name)s” takes %(lines)s lines, and a label has %(most)s: shorten it, nothing is cut off."
    ),
    "address_line_too_long": _l(
        "“%(line)s” does not fit on a line of the label (%(most)s signs): shorten it, nothing is cut off."
    ),
    "sscc_used_up": _l("The GS1 company prefix of the settings has no number left for another parcel."),
    "manifest_closed": _l("The carrier has taken parcel %(reference)s: its manifest is closed."),
}

_PARTS = {"name": _l("name"), "street": _l("street"), "postcode": _l("postcode"), "city": _l("town")}


def _missing_words(facts: Mapping[str, Any]) -> str:
    return ", ".join(str(_PARTS[name]) for name in facts.get("missing", ()))


def _device_state(facts: Mapping[str, Any]) -> str:
    return f"{custody_words.STATES[facts['state']]}, {custody_words.HOLDERS[facts['holder']]}"


SAID: dict[str, dict[str, Any]] = {
    "parcel_state": {"state_words": lambda facts: str(STATES[facts["state"]])},
    "address_incomplete": {"missing_words": _missing_words},
    "device_not_to_pack": {"state_words": _device_state},
}
