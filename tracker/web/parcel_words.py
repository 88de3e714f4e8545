"""Parcels in words: kinds, states, and what may not be sent or received."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

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
REFUSALS: dict[str, Any] = {}
SAID: dict[str, dict[str, Any]] = {}
