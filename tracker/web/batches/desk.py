"""The desk of a batch: one scan, one device in it; the next scan is ready at once."""

from typing import Any

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from flask_login import current_user

from tracker.models.reuse import Batch
from tracker.operations import batches
from tracker.queries import batches as queries
from tracker.queries import scanned
from tracker.queries.desk import device_names
from tracker.rules.access import EVERYWHERE, Permission
from tracker.rules.loans import raises_alarm
from tracker.rules.refusals import Refused
from tracker.rules.reuse import BatchState
from tracker.web.access import current_actor, requires
from tracker.web.clock import now
from tracker.web.desks.frame import Verdict, desk_answer, refusal
from tracker.web.desks.readings import scanned_texts, sent_action_id
from tracker.web.desks.references import reference, referred
from tracker.web.intake import row_id
from tracker.web.limits import photos

bp = Blueprint("batch_desk", __name__, url_prefix="/reuse/batches/<int:batch_id>/desk")

_NO_PUPILS = scanned.Place(0, 0)
"""Nobody's name is looked for at this desk."""


@bp.get("/")
@requires(Permission.MANAGE_REUSE)
def desk(batch_id: int) -> Response:
    """The desk, ready for the first scan."""
    return _answer(_batch(batch_id), Verdict("info", _("Scan a device"), (_("Each scan puts one into the batch."),)))


@bp.post("/scan")
@requires(Permission.MANAGE_REUSE)
@photos
def scan(batch_id: int) -> Response:
    """One scan: a code, a photograph, or the choice between several."""
    batch = _batch(batch_id)
    try:
        return _answer(batch, _verdict(batch))
    except Refused as found:
        return _answer(batch, refusal(_("Stop"), found))


def _verdict(batch: Batch) -> Verdict:
    device_id = referred("device", request.form.get("pick_device", ""), 0)
    if not device_id:
        found = scanned.named(scanned_texts(request), _NO_PUPILS, EVERYWHERE)
        if found.refused or not found.devices:
            raise _about_devices(found.refused)
        alarming = [device for device in found.devices if raises_alarm(device.state)]
        devices = alarming or found.devices
        if not alarming and len(devices) > 1:
            listed = tuple(device_names(tuple(device.id for device in devices)))
            return Verdict("ask", _("Which device?"), devices=listed)
        device_id = devices[0].id
    return _put_in(batch, device_id)


def _about_devices(found: Refused | None) -> Refused:
    """What was scanned is no device; this desk speaks of nothing else."""
    if found and found.code == "not_understood":
        return Refused("device_unknown", **found.facts)
    return scanned.about_devices(found) if found else Refused("batch_wants_device")


def _put_in(batch: Batch, device_id: int) -> Verdict:
    device = device_names((device_id,))[0]
    try:
        action_id = sent_action_id(request)
        answer = batches.add_device(batch.id, device_id, action_id=action_id, actor=current_actor(), now=now())
    except Refused as found:
        return refusal(_("Stop"), found)
    if answer.outcome == "already":
        return Verdict("already", device.serial, (_("Already in this batch: %(model)s.", model=device.model),))
    line = _("In the batch: %(model)s.", model=device.model)
    return Verdict("done", device.serial, (line,), record_id=device.id, written=True)


@bp.post("/undo")
@requires(Permission.MANAGE_REUSE)
def undo(batch_id: int) -> Response:
    """One of the last devices is taken out again."""
    batch, device_id = _batch(batch_id), request.form.get("device", 0, type=row_id)
    try:
        batches.remove_device(batch_id, device_id, actor=current_actor())
    except Refused as found:
        return _answer(batch, refusal(_("Stop"), found))
    return _answer(batch, Verdict("info", _("Taken out of the batch"), written=True))


def _answer(batch: Batch, answer: Verdict) -> Response:
    def beside() -> dict[str, Any]:
        inside, left = queries.desk_counts(batch)
        return {"inside": inside, "left": left, "recent": queries.last_added(batch.id, current_user.id)}

    return desk_answer(
        "batches/desk.html", answer, beside, batch=batch,
        code=queries.code_of(batch.id), carried=lambda device_id: reference("device", device_id, 0),
    )  # fmt: skip


def _batch(batch_id: int) -> Batch:
    batch = Batch.get_or_none(Batch.id == batch_id) or abort(404)
    if batch.state != BatchState.OPEN and request.method == "GET":
        raise Refused("batch_not_open", rule="U1", state=batch.state)
    return batch
