"""What belongs to one return: its receipt, on paper or by mail, and its photographs."""

from flask import Blueprint, Response, current_app, flash, make_response, redirect, url_for
from flask_babel import ngettext

from tracker.operations import return_receipts
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.storage.choice import open_storage
from tracker.web.access import current_actor, requires
from tracker.web.clock import now
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
    drawn = make_response(return_receipts.draw_receipt(record_id, actor=current_actor(), now=now()))
    drawn.mimetype = "application/pdf"
    drawn.headers["Content-Disposition"] = f"inline; filename=recu-{record_id}.pdf"
    return drawn


@bp.post("/<int:record_id>/mail")
@requires(Permission.TAKE_BACK)
def send(record_id: int) -> Response:
    """The receipt by mail to the family (never in L5's case)."""
    storage = open_storage(current_app.extensions["settings"])
    try:
        sent = return_receipts.mail_receipt(record_id, storage=storage, actor=current_actor(), now=now())
    except Refused as error:
        if error.code == "not_found":
            raise
        flash(refusal_sentence(error), "error")
        return _shown(record_id, status=422)
    said = ngettext("The receipt goes to %(num)s address.", "The receipt goes to %(num)s addresses.", len(sent))
    flash(said, "success")
    return make_response(redirect(url_for("return_papers.show", record_id=record_id), 303))


def _shown(record_id: int, status: int = 200) -> Response:
    record = return_receipts.seen_record(record_id, current_actor())
    missing = [words("accessory", each) for each in record.missing]
    return page("returns_desk/record.html", status=status, record=record, missing=missing)
