"""The stocktake desk: scan what stands here, several people at once; being seen changes no custody."""

import re
import uuid
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_login import current_user

from tracker.operations import stocktakes
from tracker.operations.stocktakes import Sight
from tracker.queries import scanned
from tracker.queries import stocktakes as counted
from tracker.queries.parcels import by_number
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.rules.stocktakes import StocktakeState
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, year_in_force
from tracker.web.desks.frame import Verdict, desk_answer
from tracker.web.desks.readings import scanned_texts, sent_action_id
from tracker.web.destinations import see_other
from tracker.web.intake import row_id
from tracker.web.limits import photos
from tracker.web.render import page
from tracker.web.stocktakes import verdicts
from tracker.web.stocktakes.words import place_name

bp = Blueprint("stocktake_desk", __name__, url_prefix="/stocktakes/<int:stocktake_id>/desk")

_KEPT = frozenset({"device_unknown", "not_understood"})
"""What names no device and is kept as text; a part number or a slip is only the wrong code of a label."""

_LEGIBLE = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./_-]*")


@bp.get("/")
@requires(Permission.TAKE_STOCK)
def desk_page(stocktake_id: int) -> Response:
    """The desk, ready for the next scan; a stocktake that rests or is over has none."""
    found = _stocktake(stocktake_id)
    if found["state"] != StocktakeState.OPEN:
        return see_other(url_for("stocktakes.show", stocktake_id=stocktake_id))
    return _answer(found, verdicts.ready())


@bp.get("/counter")
@requires(Permission.TAKE_STOCK)
def counter(stocktake_id: int) -> Response:
    """The counter alone: what the others scanned meanwhile counts too."""
    found = _stocktake(stocktake_id)
    return page("stocktakes/_counter.html", stocktake=found, counts=counted.counts(stocktake_id))


@bp.post("/scan")
@requires(Permission.TAKE_STOCK)
@photos
def scan(stocktake_id: int) -> Response:
    """One scan; of several devices in view each is noted, for noting one twice does no harm."""
    found = _stocktake(stocktake_id)
    try:
        return _answer(found, _noted(stocktake_id))
    except Refused as refused:
        return _answer(found, verdicts.refused(refused))


def _noted(stocktake_id: int) -> Verdict:
    action = sent_action_id(request)
    seen = [
        stocktakes.see(
            stocktake_id, sight, action_id=uuid.uuid5(action, sight.code), year=year_in_force(),
            actor=current_actor(), now=now(),
        )
        for sight in _sights()
    ]  # fmt: skip
    scope = current_scope()
    lines = [counted.line_shown(each.line_id, scope) if each.line_id else None for each in seen]
    return verdicts.of_scans([(each.outcome, line, each.written) for each, line in zip(seen, lines, strict=True)])


def _sights() -> list[Sight]:
    """What is in view: devices, or the one code that no device bears. Raises Refused for any other code."""
    texts = scanned_texts(request)
    found = scanned.devices_named(texts)
    if found.refused and (found.refused.code == "saw_parcel_no_device" or _names_a_parcel(texts)):
        raise Refused("saw_parcel_to_open")
    if found.refused and found.refused.code in _KEPT:
        return [Sight(_as_people_read(texts, str(found.refused.facts["text"])))]
    if found.refused:
        raise found.refused
    return [Sight(device.serial, device.id) for device in found.devices]


def _names_a_parcel(texts: list[scanned.ScannedText]) -> bool:
    """By our number, however it is spelled, or by the carrier’s, which stands on the box too."""
    return bool(by_number([text.text for text in texts], current_scope()))


def _as_people_read(texts: list[scanned.ScannedText], understood: str) -> str:
    """A code without a device as it was typed, where that reads like a code; what a scanner garbled is put right."""
    typed = texts[0].text.strip() if len(texts) == 1 and not texts[0].symbology else ""
    return typed if _LEGIBLE.fullmatch(typed) else understood


@bp.post("/undo")
@requires(Permission.TAKE_STOCK)
def undo(stocktake_id: int) -> Response:
    """Take one of the last scans back."""
    found, line_id = _stocktake(stocktake_id), request.form.get("line", 0, type=row_id)
    try:
        code = stocktakes.unsee(stocktake_id, line_id, actor=current_actor(), now=now())
    except Refused as refused:
        return _answer(found, verdicts.refused(refused))
    return _answer(found, verdicts.taken_back(code))


def _answer(stocktake: dict[str, Any], verdict: Verdict) -> Response:
    def beside() -> dict[str, Any]:
        return {
            "counts": counted.counts(stocktake["id"]),
            "recent": counted.last_seen(stocktake["id"], current_user.id),
        }

    return desk_answer("stocktakes/desk.html", verdict, beside, stocktake=stocktake, place=place_name(stocktake))


def _stocktake(stocktake_id: int) -> dict[str, Any]:
    return counted.stocktake_page(stocktake_id, current_scope()) or abort(404)
