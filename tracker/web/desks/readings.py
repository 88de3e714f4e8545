"""What a form brings from its scanner: typed text, readings of the page's scanner, a photograph."""

import json
import uuid
from typing import Any

from flask import Request

from tracker.queries.scanned import ScannedText
from tracker.rules.refusals import Refused
from tracker.scanning import Effort, UnreadableImage, read
from tracker.scanning.symbols import Symbology
from tracker.web.intake import storable

MOST_READINGS = 40
LONGEST_READING = 500
PHOTO_BUDGET_MS = 4000


def scanned_texts(request: Request) -> list[ScannedText]:
    """Everything that was scanned, typed or photographed in this form; raises Refused for an unreadable photo."""
    texts = _readings(request.form.get("readings", ""))
    typed = request.form.get("code", "").strip()
    if typed and not texts:
        texts = [ScannedText(typed[:LONGEST_READING])]
    photo = request.files.get("photo")
    if photo and photo.filename:
        texts += _photo(photo.read())
    return texts


def sent_action_id(request: Request) -> uuid.UUID:
    """The id that the page made for this write; a form without one gets a new id, and its repeat is a new write."""
    try:
        return uuid.UUID(request.form.get("action_id", ""))
    except ValueError:
        return uuid.uuid4()


def _readings(listed: str) -> list[ScannedText]:
    try:
        rows = json.loads(listed or "[]")
    except (ValueError, RecursionError):
        return []
    return [_reading(row) for row in rows[:MOST_READINGS] if _is_reading(row)] if isinstance(rows, list) else []


def _is_reading(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("text"), str) and bool(row["text"].strip())


def _reading(row: dict[str, Any]) -> ScannedText:
    symbology = row.get("symbology")
    known = Symbology(symbology) if isinstance(symbology, str) and symbology in set(Symbology) else None
    text, physical = (storable(str(row.get(key) or ""))[:LONGEST_READING] for key in ("text", "physical"))
    return ScannedText(text, known, physical)


def _photo(data: bytes) -> list[ScannedText]:
    try:
        found = read(data, budget_ms=PHOTO_BUDGET_MS, effort=Effort.FULL)
    except UnreadableImage as error:
        raise Refused(f"photo_{error.reason}") from error
    if not found.symbols:
        raise Refused("photo_without_code")
    return [ScannedText(storable(symbol.text), symbol.symbology) for symbol in found.symbols]
