"""The reception desk of a school: a parcel's label and its devices, scanned one after the other (D8)."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from tracker.models.parcels import Parcel
from tracker.models.schools import School
from tracker.operations import reception
from tracker.operations.scans import Answer
from tracker.queries import desk as desks
from tracker.queries import parcel_scans
from tracker.queries.parcel_scans import Seen
from tracker.rules.access import EVERYWHERE, Permission
from tracker.rules.refusals import Refused
from tracker.rules.sscc import spelled
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today
from tracker.web.desks.frame import Verdict, chosen_of, desk_answer, refusal
from tracker.web.desks.readings import scanned_texts, sent_action_id
from tracker.web.desks.references import reference, referred
from tracker.web.destinations import go_to
from tracker.web.intake import row_id
from tracker.web.limits import photos
from tracker.web.render import page

bp = Blueprint("reception", __name__, url_prefix="/parcels/reception")


@dataclass(frozen=True)
class ParcelVerdict(Verdict):
    """What this desk says of one scan. `whole`: the parcel whose devices may be received by one key."""

    whole: int | None = None
    left: int = 0


@bp.get("/")
@requires(Permission.RECEIVE_PARCELS)
def choose() -> Response:
    """The school; a person with one school is at its desk at once."""
    schools = desks.schools_of(current_scope(), today())
    chosen = chosen_of(schools)
    if chosen:
        return go_to(url_for("reception.desk", school_id=chosen.id))
    return page("reception/choose.html", schools=schools)


@bp.get("/<int:school_id>")
@requires(Permission.RECEIVE_PARCELS)
def desk(school_id: int) -> Response:
    """The desk, ready for the first scan."""
    text = _("The label on the box, then each device in it. A device alone does as well.")
    return _answer(_school(school_id), Verdict("info", _("Scan a parcel or a device"), (text,)))


@bp.post("/<int:school_id>/scan")
@requires(Permission.RECEIVE_PARCELS)
@photos
def scan(school_id: int) -> Response:
    """A label, a device, or the key by which a whole parcel is received."""
    school = _school(school_id)
    try:
        return _answer(school, _scanned(school))
    except Refused as refused:
        return _answer(school, _refusal(refused))


def _scanned(school: School) -> Verdict:
    whole = referred("parcel", request.form.get("whole", ""), school.id)
    if whole:
        return _whole(school, whole)
    seen = parcel_scans.seen(scanned_texts(request), EVERYWHERE)
    if len(seen.devices) == 1:
        return _device(school, seen.devices[0].id, seen.devices[0].serial)
    if len(seen.parcels) == 1 and not seen.devices:
        return _label(school, seen.parcels[0])
    raise _not_understood(seen)


def _not_understood(seen: Seen) -> Refused:
    if len(seen.devices) > 1 or len(seen.parcels) > 1:
        return Refused("several_parcels")
    if seen.looked_like == "parcel":
        return Refused("parcel_unknown", text=seen.text)
    if seen.looked_like == "device":
        return Refused("device_unknown", text=seen.text)
    return Refused("scan_parcel_or_device")


def _label(school: School, parcel: Parcel) -> Verdict:
    """The box is here: what comes out of it is scanned next. Nothing is written yet."""
    reception.check_place(parcel, school.id)
    opened = parcel_scans.opened(parcel.id)
    left = opened.devices - opened.arrived
    number = spelled(parcel.reference)
    title, lines = (opened.pupil, [number]) if opened.pupil else (number, [])
    if not left:
        return Verdict("already", title, (*lines, _("Everything in it has been received.")))
    held = ngettext("%(num)s device is still in it: scan it.", "%(num)s devices are still in it: scan each.", left)
    return ParcelVerdict("waiting", title, (*lines, held), whole=parcel.id, left=left)


def _device(school: School, device_id: int, serial: str) -> Verdict:
    answer = reception.take_in(
        device_id, school_id=school.id, action_id=sent_action_id(request), actor=current_actor(), now=now()
    )
    return _received(answer, serial)


def _whole(school: School, parcel_id: int) -> Verdict:
    answer = reception.take_in_whole(
        parcel_id, school_id=school.id, action_id=sent_action_id(request), actor=current_actor(), now=now()
    )
    return _received(answer, "")


def _received(answer: Answer, serial: str) -> Verdict:
    opened = parcel_scans.opened(answer.record_id or 0)
    left, title = opened.devices - opened.arrived, serial or spelled(opened.parcel.reference)
    parts = [_("For %(pupil)s: hand it over in person.", pupil=opened.pupil)] if opened.pupil else []
    if left:
        parts.append(ngettext("%(num)s device is still in it.", "%(num)s devices are still in it.", left))
    else:
        parts.append(_("The parcel is complete."))
    if answer.outcome == "already":
        return ParcelVerdict("already", title, (_("Received already."),), left=left)
    whole = answer.record_id if left else None
    return ParcelVerdict("done", title, tuple(parts), whole=whole, left=left, record_id=answer.event_id, written=True)


@bp.post("/<int:school_id>/undo")
@requires(Permission.RECEIVE_PARCELS)
def undo(school_id: int) -> Response:
    """One of the last was a mistake: it is in its parcel again."""
    school = _school(school_id)
    try:
        event_id = request.form.get("event", 0, type=row_id)
        reception.undo_reception(event_id, action_id=sent_action_id(request), actor=current_actor(), now=now())
    except Refused as refused:
        return _answer(school, _refusal(refused))
    return _answer(school, Verdict("info", _("Undone"), (_("It is in its parcel again."),), written=True))


def _refusal(refused: Refused) -> Verdict:
    return refusal(_("Not received"), refused)


def _answer(school: School, verdict: Verdict) -> Response:
    def beside() -> dict[str, Any]:
        recent = parcel_scans.last_receptions(current_user.id, school.id)
        return {"counter": parcel_scans.reception_counter(school.id), "recent": recent}

    parcel_id = verdict.whole if isinstance(verdict, ParcelVerdict) else None
    whole = reference("parcel", parcel_id, school.id) if parcel_id else ""
    return desk_answer("reception/desk.html", verdict, beside, school=school, whole=whole)


def _school(school_id: int) -> School:
    return desks.school_of(school_id, current_scope()) or abort(404)
