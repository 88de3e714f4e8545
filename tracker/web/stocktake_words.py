"""Stocktakes in words: places, states, how differences were settled."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

PLACES = {"warehouse": _l("warehouse"), "school": _l("school"), "class": _l("class")}

STATES = {"open": _l("under way"), "paused": _l("paused"), "closed": _l("closed")}

RESOLUTIONS = {
    "stays": _l("left as it is"),
    "moved_here": _l("recorded here from now on"),
    "found_later": _l("found after all"),
    "declared_lost": _l("declared lost"),
    "not_ours": _l("not of the programme"),
}

WORDS: dict[str, Mapping[Any, Any]] = {
    "stocktake_place": PLACES,
    "stocktake": STATES,
    "resolution": RESOLUTIONS,
}
TONES = {"paused": "warn"}
REFUSALS: dict[str, Any] = {}
SAID: dict[str, dict[str, Any]] = {}
