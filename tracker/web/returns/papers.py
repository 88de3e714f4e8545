"""What belongs to one return: its receipt, on paper or by mail, and its photographs."""

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.operations import noted_devices, return_photos, return_receipts
from tracker.queries import noted_devices as notes
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.rules.returns import StrangerOutcome
from tracker.web.access import current_actor, requires
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.files import file_response, pdf_response, read_kept, storage
from tracker.web.intake import storable
from tracker.web.limits import photos
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, words

bp = Blueprint("return_papers", __name__, url_prefix="/returns/record")


@bp.get("/<int:record_id>")
@requires(Permission.TAKE_BACK)
def show(record_id: int) -> Response:
    """The return with its papers."""
    return _shown(record_id)


@bp.get("/<int:record_id>/receipt.pdf")
@requires(Permission.TAKE_BACK)
def receipt(record_id: int) -> Response:
    """The receipt to print."""
    return pdf_response(return_receipts.draw_receipt(record_id, actor=current_actor(), now=now()), f"recu-{record_id}")


@bp.post("/<int:record_id>/mail")
@requires(Permission.TAKE_BACK)
def send(record_id: int) -> Response:
    """The receipt by mail to the family (never in L5's case)."""
    try:
        sent = return_receipts.mail_receipt(record_id, storage=storage(), actor=current_actor(), now=now())
    except Refused as error:
        return _refused(record_id, error)
    said = ngettext("The receipt goes to %(num)s address.", "The receipt goes to %(num)s addresses.", len(sent))
    flash(said, "success")
    return see_other(url_for("return_papers.show", record_id=record_id))


@bp.post("/<int:record_id>/settle")
@requires(Permission.SEND_RETURNS)
def settle(record_id: int) -> Response:
    """What became of a noted device that is nobody's on record, once."""
    outcome = request.form.get("outcome", "")
    try:
        if outcome not in set(StrangerOutcome):
            raise Refused("noted_outcome_missing")
        noted_devices.settle(record_id, StrangerOutcome(outcome), actor=current_actor(), now=now())
    except Refused as error:
        return _refused(record_id, error)
    flash(_("Settled: it stays on record."), "success")
    return see_other(url_for("return_papers.show", record_id=record_id))


@bp.post("/<int:record_id>/photos")
@requires(Permission.TAKE_BACK)
@photos
def add_photos(record_id: int) -> Response:
    """Photographs of what was seen, with the return; one that cannot be kept says why, and the others are there."""
    sent = [(file.filename, file.read()) for file in request.files.getlist("photo") if file.filename]
    if not sent:
        return _refused(record_id, Refused("photos_missing"))
    refused = [sentence for name, data in sent if (sentence := _kept(record_id, storable(name), data))]
    for sentence in refused:
        flash(sentence, "error")
    if refused:
        return _shown(record_id, status=422)
    return see_other(url_for("return_papers.show", record_id=record_id))


def _kept(record_id: int, name: str, data: bytes) -> str:
    """Keep one photograph; what is said where it cannot be kept."""
    try:
        return_photos.add_photos(record_id, [(name, data)], storage=storage(), actor=current_actor(), now=now())
    except Refused as error:
        if error.code == "not_found":
            raise
        return _("%(file)s: %(sentence)s", file=name, sentence=refusal_sentence(error))
    return ""


@bp.get("/<int:record_id>/photos/<int:photo_id>")
@requires(Permission.TAKE_BACK)
def photo(record_id: int, photo_id: int) -> Response:
    """One photograph, or the page that was sent in its place."""
    kept = return_photos.photo(record_id, photo_id, current_actor())
    return file_response(read_kept(kept.file), kept.media_type, kept.file_name)


def _refused(record_id: int, error: Refused) -> Response:
    if error.code == "not_found":
        raise error
    flash(refusal_sentence(error), "error")
    return _shown(record_id, status=422)


def _shown(record_id: int, status: int = 200) -> Response:
    record = return_receipts.seen_record(record_id, current_actor())
    missing = [words("accessory", each) for each in record.missing]
    taken = return_photos.photos_of(record_id)
    noted = notes.noted(record_id, noted_devices.desks_of(current_actor())) if record.stranger else None
    return page(
        "returns_desk/record.html", status=status, record=record, missing=missing, photos=taken, noted=noted,
        outcomes=tuple(StrangerOutcome),
    )  # fmt: skip
