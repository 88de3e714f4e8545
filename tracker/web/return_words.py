"""Devices that come back in words: why expected, their condition, where they go next."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

RETURN_REASONS = {
    "departure": _l("departure"),
    "end_of_year": _l("end of the school year"),
    "breakdown": _l("breakdown"),
    "loaner": _l("loaner"),
    "replaced": _l("replaced"),
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

WORDS: dict[str, Mapping[Any, Any]] = {
    "return_reason": RETURN_REASONS,
    "condition": CONDITIONS,
    "accessory": ACCESSORIES,
    "next_place": NEXT_PLACES,
}
TONES = {"good": "ok", "worn": "neutral", "damaged": "warn", "broken": "bad"}
REFUSALS: dict[str, Any] = {}
SAID: dict[str, dict[str, Any]] = {}
