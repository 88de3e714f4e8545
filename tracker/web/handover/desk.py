"""The hand-over desk: scan a device and a pupil, in either order; the verdict comes by itself."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from flask_login import current_user

from tracker.models.schools import Campaign, School
from tracker.operations import loans
from tracker.operations.sightings import note_sighting
from tracker.operations.undo import undo_hand_over
from tracker.queries import candidates, desk, scanned
from tracker.queries.campaigns import current_campaign
from tracker.queries.custody import custody_now, unavailable_since
from tracker.queries.desk import DeviceNames, PupilNames
from tracker.rules.access import Permission, Role
from tracker.rules.loans import device_refusal, raises_alarm
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today
from tracker.web.desks.frame import choices, desk_answer
from tracker.web.desks.readings import scanned_texts, sent_action_id
from tracker.web.desks.references import reference, referred
from tracker.web.handover import verdicts
from tracker.web.handover.verdicts import HandOverVerdict
from tracker.web.intake import row_id
from tracker.web.limits import photos
from tracker.web.render import page

bp = Blueprint("handover", __name__, url_prefix="/handover")


EQUIPPED = frozenset({"device_lent", "pupil_has_laptop", "pupil_has_hotspot"})
"""Rule E4. Refusals that may turn out to be "already handed over", once the other half of the pair is scanned."""

ALARMS = frozenset({"device_lost", "device_stolen"})
"""Rule R4. What is refused because the device is missing."""


@dataclass(frozen=True)
class Desk:
    """One desk: a school, the class list chosen there, the school year."""

    school: School
    campaign: Campaign
    class_name: str

    @property
    def place(self) -> scanned.Place:
        """Where names are looked for and what is counted."""
        return scanned.Place(self.school.id, self.campaign.school_year, self.class_name)

    def carried(self, kind: str, identity: int) -> str:
        """A device or pupil as this desk's page carries it to the next scan."""
        return reference(kind, identity, self.school.id)

    def sent(self, kind: str, field: str = "") -> int | None:
        """The device or pupil that a page of this desk carried here; raises Refused for what it never offered."""
        return referred(kind, request.form.get(field or kind, ""), self.school.id)


@dataclass(frozen=True)
class InHand:
    """What was scanned so far for the pupil in front of the desk."""

    device_id: int | None = None
    pupil_id: int | None = None
    scanned: str = ""


@bp.get("/")
@requires(Permission.HAND_OVER)
def choose() -> Response:
    """The school, then the class list; a person with one school is asked for the class only."""
    return page("handover/choose.html", "classes", **choices())


@bp.get("/<int:school_id>")
@requires(Permission.HAND_OVER)
def desk_page(school_id: int) -> Response:
    """The desk itself, ready for the first scan."""
    return _answer(_desk(school_id, request.args.get("class", "")), verdicts.ready())


@bp.get("/<int:school_id>/pupils")
@requires(Permission.HAND_OVER)
def suggestions(school_id: int) -> Response:
    """Pupils whose name begins with what is typed."""
    here = _desk(school_id, request.args.get("class", ""))
    pupils = scanned.pupils_named(request.args.get("code", ""), here.place, current_scope())
    return page("handover/suggestions.html", pupils=pupils, carried=here.carried)


@bp.post("/<int:school_id>/scan")
@requires(Permission.HAND_OVER)
@photos
def scan(school_id: int) -> Response:
    """One scan: a code, a photograph, a name, a choice between several, a swap or an override."""
    here = _desk(school_id, request.form.get("class", ""))
    held = InHand()
    try:
        held = InHand(here.sent("device"), here.sent("pupil"), request.form.get("scanned", ""))
        return _answer(here, _verdict(here, held))
    except Refused as found:
        answer = _refusal(here, found, InHand())
        return _answer(here, _still_holding(here, answer, held))


@bp.post("/<int:school_id>/undo")
@requires(Permission.HAND_OVER)
def undo(school_id: int) -> Response:
    """Take back one of the last hand-overs."""
    here = _desk(school_id, request.form.get("class", ""))
    try:
        event_id = request.form.get("event", 0, type=row_id)
        answer = undo_hand_over(event_id, action_id=sent_action_id(request), actor=current_actor(), now=now())
    except Refused as found:
        return _answer(here, _refusal(here, found, InHand()))
    device, pupil = verdicts.names(answer.device_id, answer.pupil_id, here.campaign.school_year)
    return _answer(here, verdicts.undone(device, pupil))


def _verdict(here: Desk, held: InHand) -> HandOverVerdict:
    """What this scan leads to: still waiting, a question, or the hand-over."""
    chosen = _chosen(here, held)
    if isinstance(chosen, HandOverVerdict):
        return chosen
    if chosen.device_id and chosen.pupil_id:
        return _hand_over(here, chosen)
    return _first_of_two(here, chosen)


def _chosen(here: Desk, held: InHand) -> InHand | HandOverVerdict:
    """What is in hand after this scan; the newest scan replaces what was held of its kind.

    Rule R4: a lost or stolen device among several in view is not asked about, it raises its alarm.
    """
    picked = InHand(here.sent("device", "pick_device"), here.sent("pupil", "pick_pupil"))
    if picked.device_id or picked.pupil_id:
        return replace(held, device_id=picked.device_id or held.device_id, pupil_id=picked.pupil_id or held.pupil_id)
    if request.form.get("decide"):
        return held
    found = scanned.named(scanned_texts(request), here.place, current_scope())
    if found.refused:
        raise found.refused
    alarming = [device for device in found.devices if raises_alarm(device.state)]
    if not alarming and (len(found.devices) > 1 or len(found.pupil_ids) > 1):
        return _question(here, held, found)
    devices = alarming or found.devices
    return InHand(
        devices[0].id if devices else held.device_id,
        found.pupil_ids[0] if len(found.pupil_ids) == 1 else held.pupil_id,
        found.scanned if devices else held.scanned,
    )


def _question(here: Desk, held: InHand, found: scanned.Named) -> HandOverVerdict:
    devices = desk.device_names(tuple(device.id for device in found.devices)) if len(found.devices) > 1 else []
    pupils = desk.pupil_names(found.pupil_ids, here.campaign.school_year, current_scope()) if not devices else []
    return replace(verdicts.ask(tuple(devices), tuple(pupils), _holding(here, held)), scanned=held.scanned)


def _first_of_two(here: Desk, held: InHand) -> HandOverVerdict:
    """One thing is in hand: what already stands against it is said at once, before the other is looked for."""
    device, pupil = _names(here, held)
    against = _against_device(held) if device else _against_pupil(here, held)
    if not against:
        return replace(verdicts.waiting(device, pupil), scanned=held.scanned)
    answer = _told(here, against, held, verdicts.refused(against, device, pupil, here.campaign.school_year))
    if against.code in EQUIPPED:
        return replace(answer, kind="already", title=_("Already handed over"), held=True, scanned=held.scanned)
    return replace(answer, held=pupil is not None and _could_decide(against))


def _against_device(held: InHand) -> Refused | None:
    custody = custody_now(held.device_id or 0)
    return device_refusal(custody, unavailable_since(held.device_id or 0, custody.state))


def _against_pupil(here: Desk, held: InHand) -> Refused | None:
    asked = _request(here, held)
    found = candidates.pupil_refusals(asked, here.campaign, now(), current_scope())
    return found[0] if found else None


def _could_decide(found: Refused) -> bool:
    """An administrator keeps the pupil in hand: the device may follow, with a reason."""
    return found.overridable_by is not None and current_user.may(Permission.OVERRIDE)


def _hand_over(here: Desk, held: InHand) -> HandOverVerdict:
    device, pupil = _names(here, held)
    try:
        answer = loans.hand_over(_request(here, held), campaign=here.campaign, actor=current_actor(), now=now())
    except Refused as found:
        return replace(_refusal(here, found, held), swap=_swaps(), reason=request.form.get("reason", ""))
    return verdicts.handed_over(answer.outcome, device, pupil, answer.event_id)


def _request(here: Desk, held: InHand) -> loans.Request:
    decision = request.form.get("decide", "")
    reason = request.form.get("reason", "").strip()
    if decision == "override" and not reason:
        raise Refused("reason_missing", overridable_by=Role.ADMIN)
    return loans.Request(
        device_id=held.device_id or 0,
        pupil_id=held.pupil_id or 0,
        school_id=here.school.id,
        action_id=sent_action_id(request),
        scanned=held.scanned,
        swap=_swaps(),
        override_reason=reason if decision == "override" else "",
    )


def _swaps() -> bool:
    """The person agreed to the swap: now, or before the override that this form decides."""
    return request.form.get("decide") == "swap" or bool(request.form.get("swap"))


def _refusal(here: Desk, found: Refused, held: InHand) -> HandOverVerdict:
    device, pupil = _names(here, held)
    answer = replace(verdicts.refused(found, device, pupil, here.campaign.school_year), scanned=held.scanned)
    return _told(here, found, held, answer)


def _told(here: Desk, found: Refused, held: InHand, answer: HandOverVerdict) -> HandOverVerdict:
    """Rule R4. A lost or stolen device that turns up is put on record, although this scan is refused."""
    codes = {found.code, *(each.code for each in found.facts.get("also", ()))}
    if not held.device_id or not codes & ALARMS:
        return answer
    note_sighting(held.device_id, where_school_id=here.school.id, actor=current_actor(), now=now())
    return replace(answer, lines=(*answer.lines, _("Logistics knows: this scan is on record in its case.")))


def _names(here: Desk, held: InHand) -> tuple[DeviceNames | None, PupilNames | None]:
    return verdicts.names(held.device_id, held.pupil_id, here.campaign.school_year)


def _holding(here: Desk, held: InHand) -> HandOverVerdict:
    device, pupil = _names(here, held)
    return verdicts.waiting(device, pupil) if device or pupil else verdicts.ready()


def _still_holding(here: Desk, answer: HandOverVerdict, held: InHand) -> HandOverVerdict:
    """A scan that names nothing takes nothing out of the hand."""
    device, pupil = _names(here, held)
    return replace(answer, device=device, pupil=pupil, held=bool(device or pupil), scanned=held.scanned)


def _answer(here: Desk, answer: HandOverVerdict) -> Response:
    def beside() -> dict[str, Any]:
        recent = desk.last_ten(current_user.id, here.place, now())
        return {"counter": desk.counter(here.place, today()), "recent": recent}

    return desk_answer("handover/desk.html", answer, beside, desk=here, carried=here.carried)


def _desk(school_id: int, class_name: str) -> Desk:
    school = desk.school_of(school_id, current_scope())
    if school is None:
        abort(404)
    return Desk(school, _campaign(), class_name[:20])


def _campaign() -> Campaign:
    campaign = current_campaign(today())
    if campaign is None:
        raise Refused("no_campaign")
    return campaign
