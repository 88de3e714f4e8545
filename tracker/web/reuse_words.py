"""A second life in words: batches, their states, what became of a device."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

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

WORDS: dict[str, Mapping[Any, Any]] = {
    "batch_kind": KINDS,
    "batch": STATES,
    "batch_outcome": OUTCOMES,
    "grade": GRADES,
}
TONES: dict[str, str] = {}
REFUSALS: dict[str, Any] = {}
SAID: dict[str, dict[str, Any]] = {}
