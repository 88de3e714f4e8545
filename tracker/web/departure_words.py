"""Departures in words: who said it, and what may not be answered."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

ORIGINS = {"roster": _l("the roster"), "school": _l("the school"), "desk": _l("a device scanned at a desk")}

WORDS: dict[str, Mapping[Any, Any]] = {"departure_origin": ORIGINS}
TONES: dict[str, str] = {}
REFUSALS: dict[str, Any] = {}
SAID: dict[str, dict[str, Any]] = {}
