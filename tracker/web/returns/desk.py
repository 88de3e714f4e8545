"""The returns desk of the warehouse or of a school's hall: one scan, at most one key; nothing scanned is ever lost."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, request
from flask_login import current_user

from tracker.models.schools import Campaign, School
from tracker.operations import noted_devices, return_undo, taking_back
from tracker.queries import desk, returns_desk, scanned
from tracker.queries import noted_devices as notes
from tracker.queries.campaigns import current_campaign, settings_of
from tracker.queries.desk import PupilNames
from tracker.queries.returns_desk import Arrived, Place
from tracker.rules.access import Permission
from tracker.rules.calendar import TIME_ZONE
from tracker.rules.refusals import Refused
from tracker.rules.returns import Accessory, Condition, NextPlace, ReturnReason, Stranger
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today
from tracker.web.desks.frame import choices, desk_answer
from tracker.web.desks.readings import scanned_texts, sent_action_id
from tracker.web.desks.references import reference, referred
from tracker.web.intake import row_id
from tracker.web.limits import photos
from tracker.web.render import page
from tracker.web.returns import verdicts
from tracker.web.returns.verdicts import ASKED_REASONS, ReturnVerdict

bp = Blueprint("returns_desk", __name__, url_prefix="/returns/desk")

WAREHOUSE = "warehouse"
MOST_WAITING = 50
Value = TypeVar("Value", bound=StrEnum)


@dataclass(frozen=True)
class Desk:
    """One desk: the warehouse, or a school with the class chosen there; the school year."""

    school: School | None
    campaign: Campaign
    class_name: str

    @property
    def place(self) -> Place:
        """What is counted and listed here."""
        return Place(self.school.id if self.school else None, self.campaign.school_year, self.class_name)

    @property
    def address(self) -> str:
        """The desk in its addresses."""
        return str(self.school.id) if self.school else WAREHOUSE

    def carried(self, device_id: int) -> str:
        """A device as this desk's page carries it to the next request."""
        return reference("device", device_id, self.place.school_id or 0)

    def referred(self, text: str) -> int | None:
        """The device that a page of this desk carried here; raises Refused for what it never offered."""
        return referred("device", text, self.place.school_id or 0)

    def waiting(self) -> tuple[int, ...]:
        """The devices that were scanned before and still wait for an answer, the oldest first."""
        sent = request.form.getlist("waiting")[:MOST_WAITING]
        return tuple(dict.fromkeys(found for text in sent if (found := self.referred(text))))


@bp.get("/")
@requires(Permission.TAKE_BACK)
def choose() -> Response:
    """The warehouse, or the school and its class: chosen once, the desk then stays on it."""
    warehouse = WAREHOUSE if _may_use_warehouse() else None
    waiting = notes.waiting(noted_devices.desks_of(current_actor())) if current_user.may(Permission.SEND_RETURNS) else 0
    return page("returns_desk/choose.html", "classes", warehouse=warehouse, noted=waiting, **choices())


@bp.get("/<place>")
@requires(Permission.TAKE_BACK)
def desk_page(place: str) -> Response:
    """The desk itself, ready for the first scan."""
    here = _desk(place, request.args.get("class", ""))
    return _answer(here, verdicts.ready(at_warehouse=here.place.is_warehouse), ())


@bp.post("/<place>/scan")
@requires(Permission.TAKE_BACK)
@photos
def scan(place: str) -> Response:
    """One scan: a code, a photograph, a name, or one of several devices."""
    return _answered(_desk(place, request.form.get("class", "")), _scanned)


@bp.post("/<place>/take")
@requires(Permission.TAKE_BACK)
def take(place: str) -> Response:
    """The answer to what the desk asked of a device: its reason, its condition."""
    return _answered(_desk(place, request.form.get("class", "")), _taken)


@bp.post("/<place>/note")
@requires(Permission.TAKE_BACK)
def note(place: str) -> Response:
    """A device that is not on record is noted and put aside."""
    return _answered(_desk(place, request.form.get("class", "")), _noted)


@bp.post("/<place>/undo")
@requires(Permission.TAKE_BACK)
def undo(place: str) -> Response:
    """Take back one of the last returns."""
    return _answered(_desk(place, request.form.get("class", "")), _undone)


def _answered(here: Desk, act: Callable[[Desk], ReturnVerdict]) -> Response:
    waiting: tuple[int, ...] = ()
    try:
        waiting = here.waiting()
        return _answer(here, act(here), waiting)
    except Refused as error:
        return _answer(here, verdicts.refused(error), waiting)


def _scanned(here: Desk) -> ReturnVerdict:
    picked = here.referred(request.form.get("pick_device", ""))
    if picked:
        return _seen(here, picked, "")
    texts = scanned_texts(request)
    school_place = scanned.Place(here.place.school_id or 0, here.place.school_year, here.class_name)
    found = scanned.named(texts, school_place, current_scope())
    if found.refused:
        return _not_on_record(found.refused)
    device_ids = tuple(each.id for each in found.devices) or returns_desk.held_by(found.pupil_ids, current_scope())
    if len(device_ids) == 1:
        return _seen(here, device_ids[0], found.scanned)
    if not device_ids:
        raise Refused("pupil_holds_nothing", rule="L7")
    return verdicts.ask_device(tuple(desk.device_names(device_ids)))


def _not_on_record(error: Refused) -> ReturnVerdict:
    """A number that nobody knows may be noted once; a name that nobody has, a code of another kind are only refused."""
    text = str(error.facts.get("text", ""))
    is_number = any(sign.isdigit() for sign in text) and not any(sign.isspace() for sign in text)
    if error.code == "device_unknown" or (error.code == "not_understood" and is_number):
        serial = noted_devices.as_noted(text)[: noted_devices.LONGEST_SERIAL]
        known = notes.open_note(serial, noted_devices.desks_of(current_actor()))
        return verdicts.already_noted(known) if known else verdicts.stranger(error, serial)
    raise Refused("saw_parcel_to_open", **error.facts) if error.code == "saw_parcel" else error


def _seen(here: Desk, device_id: int, text: str) -> ReturnVerdict:
    """Nothing to ask: it is taken at once. Otherwise the question, with the device in hand."""
    known = _known(device_id)
    question = _question(here, known, reason=None, again=False)
    return replace(question, scanned=text) if question else _take(here, known, scanned_text=text)


def _taken(here: Desk) -> ReturnVerdict:
    device_id = here.referred(request.form.get("device", ""))
    if not device_id:
        raise Refused("stale_page")
    known, reason, look = _known(device_id), _sent("reason", ReturnReason), _look()
    again, text = bool(request.form.get("again")), request.form.get("scanned", "")
    question = None if look else _question(here, known, reason=reason, again=again)
    if question:
        return replace(question, scanned=text, again=again)
    return _take(here, known, scanned_text=text, reason=reason, look=look, again=again)


def _question(here: Desk, known: Arrived, *, reason: ReturnReason | None, again: bool) -> ReturnVerdict | None:
    at_warehouse = here.place.is_warehouse
    asks = verdicts.asked(known, _pupil(here, known), at_warehouse=at_warehouse, reason=reason)
    if asks == "reason":
        return verdicts.ask_reason(known, _pupil(here, known), today())
    if asks == "condition" or (again and at_warehouse):
        old_from = settings_of(here.campaign, today())["old_from_years"]
        return verdicts.ask_condition(known, _pupil(here, known), reason, old_from=old_from, today=today())
    return None


def _take(here: Desk, known: Arrived, *, scanned_text: str, **said: Any) -> ReturnVerdict:
    asked = taking_back.Request(known.device_id, here.place.school_id, sent_action_id(request), scanned_text, **said)
    answer = taking_back.take_back(asked, campaign=here.campaign, actor=current_actor(), now=now())
    pupil = _pupil(here, known)
    if answer.outcome == "already":
        return verdicts.already(_known(known.device_id), pupil, at_warehouse=here.place.is_warehouse)
    if answer.outcome == "found":
        return verdicts.found(known, pupil, answer.record_id)
    record = returns_desk.record_of(answer.record_id or 0, current_scope(), warehouse=_may_use_warehouse())
    place = NextPlace(record.next_place) if record and record.next_place else None
    return verdicts.back(known, pupil, place, answer.record_id)


def _noted(here: Desk) -> ReturnVerdict:
    serial, what = request.form.get("serial", ""), _sent("what", Stranger)
    if what is None:
        raise Refused("stale_page")
    answer = noted_devices.note_stranger(
        serial,
        what,
        school_id=here.place.school_id,
        action_id=sent_action_id(request),
        note=request.form.get("note", "").strip(),
        actor=current_actor(),
        now=now(),
    )
    known = notes.noted(answer.record_id or 0, noted_devices.desks_of(current_actor()))
    if answer.outcome == "already_noted" and known:
        return verdicts.already_noted(known)
    return verdicts.noted(noted_devices.as_noted(serial), answer.record_id)


def _undone(here: Desk) -> ReturnVerdict:
    record_id = request.form.get("record", 0, type=row_id)
    return_undo.undo_return(record_id, action_id=sent_action_id(request), actor=current_actor(), now=now())
    record = returns_desk.record_of(record_id, current_scope(), warehouse=_may_use_warehouse())
    return verdicts.undone(record.serial if record else "")


def _look() -> taking_back.Look | None:
    """What was seen of the device, once a condition was chosen."""
    condition = _sent("condition", Condition)
    if condition is None:
        return None
    missing = tuple(each for each in Accessory if each in request.form.getlist("missing"))
    return taking_back.Look(condition, missing, _sent("next_place", NextPlace), request.form.get("note", "").strip())


def _sent(name: str, kind: type[Value]) -> Value | None:
    text = request.form.get(name, "")
    return kind(text) if text in set(kind) else None


def _known(device_id: int) -> Arrived:
    known = returns_desk.arrived(device_id)
    if known is None:
        raise Refused("not_found")
    return known


def _pupil(here: Desk, known: Arrived) -> PupilNames | None:
    if not known.pupil_id:
        return None
    found = desk.pupil_names((known.pupil_id,), here.campaign.school_year, current_scope())
    return found[0] if found else None


def _answer(here: Desk, answer: ReturnVerdict, waiting: tuple[int, ...]) -> Response:
    def beside() -> dict[str, Any]:
        midnight = datetime.combine(today(), time(), TIME_ZONE).astimezone(UTC)
        recent = returns_desk.last_ten(current_user.id, here.place, current_scope(), now())
        return {"counter": returns_desk.counter(here.place, midnight), "recent": recent}

    about = answer.known.device_id if answer.known else None
    return desk_answer(
        "returns_desk/desk.html", answer, beside, desk=here,
        waiting=desk.device_names(tuple(each for each in waiting if each != about)),
        reasons=ASKED_REASONS, conditions=tuple(Condition), accessories=tuple(Accessory),
        next_places=tuple(NextPlace), strangers=tuple(Stranger),
    )  # fmt: skip


def _desk(place: str, class_name: str) -> Desk:
    campaign = current_campaign(today())
    if campaign is None:
        raise Refused("no_campaign")
    if place == WAREHOUSE and _may_use_warehouse():
        return Desk(None, campaign, "")
    school = desk.school_of(int(place), current_scope()) if place.isdecimal() and len(place) < 10 else None
    if school is None:
        abort(404)
    return Desk(school, campaign, class_name[:20])


def _may_use_warehouse() -> bool:
    return bool(current_user.may(Permission.TRIAGE)) and current_scope().school_ids is None
