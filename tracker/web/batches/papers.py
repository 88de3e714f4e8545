"""The papers of a batch: proofs and certificates, brought in and looked at (U1)."""

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _

from tracker.models.attachments import Attachment
from tracker.operations.attachments import MOST_BYTES
from tracker.operations.batches import keep_paper
from tracker.rules.access import Permission
from tracker.rules.cases import DocumentKind
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, requires
from tracker.web.batches.screens import batch_page
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.files import file_response, read_kept, storage
from tracker.web.intake import storable, takes
from tracker.web.sentences import refusal_sentence

bp = Blueprint("batch_papers", __name__, url_prefix="/reuse/batches/<int:batch_id>/papers")

KINDS = (DocumentKind.PROOF, DocumentKind.ERASURE, DocumentKind.OTHER)


@bp.post("/")
@requires(Permission.MANAGE_REUSE)
@takes(MOST_BYTES + 1_000_000)
def add(batch_id: int) -> Response:
    """One more paper for a sent batch."""
    sent, kind = request.files.get("file"), request.form.get("kind", "")
    try:
        if not sent or not sent.filename:
            raise Refused("paper_missing")
        known = DocumentKind(kind) if kind in KINDS else DocumentKind.PROOF
        data, name = sent.read(), storable(sent.filename)
        keep_paper(batch_id, data, name, known, storage=storage(), actor=current_actor(), now=now())
    except Refused as found:
        if found.code == "not_found":
            abort(404)
        return batch_page(batch_id, error=refusal_sentence(found), status=422)
    flash(_("The paper is on file."), "success")
    return see_other(url_for("batches.show", batch_id=batch_id))


@bp.get("/<int:paper_id>")
@requires(Permission.MANAGE_REUSE)
def show(batch_id: int, paper_id: int) -> Response:
    """The paper as it was kept."""
    paper = Attachment.get_or_none(Attachment.id == paper_id, Attachment.batch == batch_id) or abort(404)
    return file_response(read_kept(paper.file), paper.media_type, paper.file_name)
