"""The files of a case: declaration, photographs, others; brought in, looked at."""

from collections.abc import Iterable

import structlog
from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from tracker.models.cases import DeviceCase
from tracker.operations.attachments import JPEG, MOST_BYTES, MOST_FILES, PDF, Subject, attach
from tracker.queries import cases
from tracker.rules.access import Actor, Permission
from tracker.rules.cases import DocumentKind
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.cases.page import case_or_404, case_page
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.files import file_response, read_kept, storage
from tracker.web.intake import storable, takes
from tracker.web.limits import photos
from tracker.web.sentences import refusal_sentence

bp = Blueprint("case_files", __name__, url_prefix="/cases")
log = structlog.get_logger()

MOST_UPLOADED = 3 * MOST_BYTES
"""Bytes of one upload: a few photographs of a phone at once."""

Sent = Iterable[tuple[FileStorage, DocumentKind]]


@bp.post("/<int:case_id>/documents")
@requires(Permission.OPEN_CASES)
@takes(MOST_UPLOADED)
@photos
def upload(case_id: int) -> Response:
    """Rule R2. Keep the files; one that cannot be kept says why, and the others are there."""
    case = case_or_404(case_id)
    kind = request.form.get("kind", "")
    files = [each for each in request.files.getlist("files") if each.filename][:MOST_FILES]
    if not files or kind not in set(DocumentKind):
        return case_page(case, errors=[_("Choose a file first.")])
    errors = keep_files(case, [(each, DocumentKind(kind)) for each in files], current_actor())
    if len(errors) < len(files):
        flash(ngettext("%(num)s file was added.", "%(num)s files were added.", len(files) - len(errors)), "success")
    if errors:
        return case_page(case, errors=errors)
    return see_other(url_for("cases.show", case_id=case_id, _anchor="documents"))


@bp.errorhandler(413)
def _too_large(_error: Exception) -> Response:
    refused = Refused("attachment_too_big", most=MOST_BYTES // 1_000_000)
    case = cases.case_of((request.view_args or {}).get("case_id", 0), current_scope()) or abort(404)
    return case_page(case, errors=[refusal_sentence(refused)])


def keep_files(case: DeviceCase, sent: Sent, actor: Actor) -> list[str]:
    """Keep each file with the case; what is said of those that were not kept."""
    refused = []
    for file, kind in sent:
        name = storable(file.filename or "")
        try:
            data = file.stream.read(MOST_BYTES + 1)
            attach(data, name, kind, Subject(case=case), storage=storage(), actor=actor, now=now())
        except Refused as found:
            refused.append(_("%(file)s: %(sentence)s", file=name, sentence=refusal_sentence(found)))
    return refused


@bp.get("/<int:case_id>/documents/<int:attachment_id>")
@requires(Permission.OPEN_CASES)
def document(case_id: int, attachment_id: int) -> Response:
    """One file as it is kept: drawn anew from what was sent; each look is on record."""
    found = cases.file_of(case_id, attachment_id, current_scope())
    if found is None or found.media_type not in (JPEG, PDF):
        abort(404)
    data = read_kept(found.file)
    log.info("attachment_seen", attachment=attachment_id, case=case_id, user_id=current_user.id)
    suffix = ".pdf" if found.media_type == PDF else ".jpg"
    return file_response(data, found.media_type, f"case-{case_id}-{attachment_id}{suffix}")
