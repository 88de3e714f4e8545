"""Parcels in words: kinds, states, and what may not be sent or received."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from tracker.rules.sscc import spelled
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

CARRIERS = {
    "own": _l("any carrier (our label)"),
    "colissimo": "Colissimo",
    "chronopost": "Chronopost",
}


def carrier_name(carrier: str) -> str:
    """The carrier as people say it."""
    return str(CARRIERS.get(carrier, carrier))


WORDS: dict[str, Mapping[Any, Any]] = {"parcel_kind": KINDS, "parcel": STATES, "carrier": CARRIERS}
TONES: dict[str, Mapping[str, str]] = {
    "parcel": {"prepared": "warn", "shipped": "warn", "received": "ok", "closed": "ok", "cancelled": "neutral"}
}
REFUSALS: dict[str, Any] = {
    "setting_gs1_prefix": _l("A GS1 company prefix has 7 to 12 digits, nothing else."),
    "setting_address": _l(
        "An address is expected, its lines parted by semicolons: name; street; postcode and town; "
        "6 lines of 38 signs at most."
    ),
    "parcel_empty": _l("A parcel needs at least one device."),
    "parcel_state": _l("Parcel %(reference)s is %(state_words)s: this cannot be done with it any more."),
    "parcel_is_return": _l("Parcel %(reference)s is a return: it is opened at the returns desk."),
    "parcel_pupil_elsewhere": _l(
        "A named parcel is for a pupil of the school: this one is not enrolled there, or has left."
    ),
    "device_in_transit": _l(
        "This device is in a parcel that was not received yet: scan it at the desk for parcels first."
    ),
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
    "parcel_other_school": _l("Parcel %(reference)s is for another school: do not open it, call logistics."),
    "parcel_other_carrier": _l("Parcel %(reference)s is not for this carrier (%(carrier_words)s): put it aside."),
    "parcel_unknown": _l("No parcel has this number: %(text)s."),
    "several_parcels": _l("Several things were in view: scan one at a time."),
    "scan_parcel_or_device": _l("Scan the label of a parcel or a device: neither was seen."),
    "scan_a_parcel": _l("Scan the label of a parcel: no parcel’s number was seen."),
    "device_in_no_parcel": _l("This device is in no parcel that is on its way to a school."),
    "reception_over": _l("Something happened with this device since: its reception cannot be undone any more."),
    "manifest_empty": _l("There is no parcel on this manifest yet."),
    "tracking_form": _l("“%(text)s” is no tracking number: 7 to 40 letters and digits are expected."),
    "tracking_known": _l("Parcel %(reference)s has this tracking number already: a number is for one parcel."),
    "tracking_known_elsewhere": _l("Another parcel has this tracking number already: a number is for one parcel."),
    "tracking_file_too_long": _l("The file is too long: %(most)s lines at most."),
    "tracking_file_unreadable": _l("This is no text file with two columns: reference; tracking number."),
    "carrier_unknown": _l("This carrier is not set up here: an administrator enters its contract in the settings."),
    "parcel_has_carrier": _l("Parcel %(reference)s has its carrier’s label already."),
    "carrier_failed": _l("%(carrier_words)s gave no label, and nothing was changed: %(failed_words)s."),
    "manifest_closed": _l("The carrier has taken parcel %(reference)s: its manifest is closed."),
}

TRACKING_PROBLEMS = {
    "no_sscc": _l("This is no parcel’s reference: 18 digits, of which the last is a check digit."),
    "unknown": _l("No parcel has this reference."),
    "cancelled": _l("This parcel is cancelled: it takes no number any more."),
    "twice": _l("This parcel stands in the file twice."),
    "number_twice": _l("This number stands in the file twice: a number is for one parcel."),
    "number_known": _l("Parcel %(reference)s has this tracking number already: a number is for one parcel."),
    "no_tracking": _l("There is no tracking number beside it."),
    "tracking_form": _l("The tracking number is not one: 7 to 40 letters and digits are expected."),
}


def tracking_problem(code: str, reference: str) -> str:
    """What is wrong with a line of a carrier's file; `reference`: the parcel that it collides with."""
    return str(TRACKING_PROBLEMS[code]) % {"reference": spelled(reference) if reference else ""}


_PARTS = {"name": _l("name"), "street": _l("street"), "postcode": _l("postcode"), "city": _l("town")}


def _missing_words(facts: Mapping[str, Any]) -> str:
    return ", ".join(str(_PARTS.get(name, name)) for name in facts.get("missing") or ())


_FAILED = {
    "unreachable": _l("its service cannot be reached (%(said)s); try again later, or send it with our own label"),
    "refused": _l("it says “%(said)s”"),
    "unreadable": _l("its answer cannot be understood (%(said)s); try again later, or send it with our own label"),
}


def _failed_words(facts: Mapping[str, Any]) -> str:
    return str(_FAILED.get(facts.get("reason", ""), "…")) % {"said": facts.get("said") or "…"}


def _carrier_words(facts: Mapping[str, Any]) -> str:
    return carrier_name(facts.get("carrier") or "…")


SAID: dict[str, dict[str, Any]] = {
    "parcel_other_carrier": {"carrier_words": _carrier_words},
    "carrier_failed": {"carrier_words": _carrier_words, "failed_words": _failed_words},
    "parcel_state": {"state_words": lambda facts: str(STATES.get(facts.get("state"), "…"))},
    "address_incomplete": {"missing_words": _missing_words},
    "device_not_to_pack": {"state_words": custody_words.device_words},
}
