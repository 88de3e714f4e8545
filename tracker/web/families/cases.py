"""What a family opens by its personal link when something happened: the report, how far it is, its documents."""

from typing import Any

from flask import Response, abort, current_app, request, url_for

from tracker.models.cases import DeviceCase
from tracker.models.family_links import FamilyLink
from tracker.operations.attachments import MOST_FILES
from tracker.operations.family_cases import family_at, report_by_family
from tracker.operations.family_links import open_family_link, read_family_link
from tracker.queries import cases
from tracker.rules.cases import MISSING, CaseKind, CaseState, DocumentKind
from tracker.rules.families import LinkPurpose
from tracker.rules.refusals import Refused
from tracker.web.access import public
from tracker.web.cases.files import MOST_UPLOADED, keep_files
from tracker.web.cases.forms import FamilyReportForm
from tracker.web.cases.words import FAMILY_STATES
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.families.pages import family_blueprint, only_looks
from tracker.web.families.words import CLOSED
from tracker.web.forms import focus_on_error
from tracker.web.intake import row_id, takes
from tracker.web.limits import SIGNING, limiter
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = family_blueprint("family_cases", "/report", CLOSED)


@bp.get("/")
@public
def incomplete() -> Response:
    """A link that a mail program cut off."""
    raise Refused("family_link_unknown")


@bp.get("/<case_link>")
@public
def show(case_link: str) -> Response:
    """Rules R1, R2. What was lent, what was reported and how far that is, the form to report."""
    return _page(case_link, _read(case_link) if only_looks() else _open(case_link))


@bp.post("/<case_link>")
@public
@takes(MOST_UPLOADED)
@limiter.limit(SIGNING)
def report(case_link: str) -> Response:
    """The report opens a case at once; a file that cannot be kept is told, and may follow."""
    link, form = _read(case_link), FamilyReportForm()
    if not form.validate_on_submit():
        return _page(case_link, link, form=form)
    try:
        device_id = request.form.get("device", 0, type=row_id)
        case = report_by_family(link, device_id, CaseKind(form.kind.data), form.description.data, now=now())
    except Refused as refused:
        return _page(case_link, link, form=form, messages=[refusal_sentence(refused)])
    not_kept = keep_files(case, form.sent_files(), family_at(case.school_id))
    if not_kept:
        return _page(case_link, link, messages=not_kept)
    return see_other(url_for(".show", case_link=case_link))


@bp.post("/<case_link>/documents/<int:reported>")
@public
@takes(MOST_UPLOADED)
@limiter.limit(SIGNING)
def upload(case_link: str, reported: int) -> Response:
    """Rule R2. The declaration, or photographs, of a case that is open."""
    link = _read(case_link)
    case = next((each for each in _open_cases(link) if each.id == reported), None) or abort(404)
    kind = DocumentKind.DECLARATION if case.kind in MISSING else DocumentKind.PHOTO
    files = [(each, kind) for each in request.files.getlist("files") if each.filename][:MOST_FILES]
    not_kept = keep_files(case, files, family_at(case.school_id))
    if not_kept:
        return _page(case_link, link, messages=not_kept)
    return see_other(url_for(".show", case_link=case_link))


def _page(
    case_link: str, link: FamilyLink, *, form: FamilyReportForm | None = None, messages: Any = ()
) -> Response:  # fmt: skip
    form = form or FamilyReportForm(formdata=None)
    focus_on_error(form)
    devices = cases.family_devices(link.pupil_id)
    return page(
        "family_cases/show.html", status=422 if messages or form.errors else 200, case_link=case_link,
        pupil=f"{link.pupil.first_name} {link.pupil.last_name}", form=form, messages=messages,
        reported=[_told(each) for each in _open_cases(link)],
        devices=[each for each in devices if each["case_id"] is None],
        chosen=request.form.get("device", type=row_id),
    )  # fmt: skip


def _told(case: DeviceCase) -> dict[str, Any]:
    """How far a case is, as a family reads it; what it still needs, and the files that a family sent."""
    is_missing, files = case.kind in MISSING, cases.files_of(case.id)
    on_file = any(each["kind"] == DocumentKind.DECLARATION for each in files)
    waits = is_missing and case.state == CaseState.OPEN and not on_file
    state = "missing" if waits else "missing_declared" if is_missing and case.state == CaseState.OPEN else case.state
    return {"case": case, "says": FAMILY_STATES[state], "waits": waits, "is_missing": is_missing,
            "files": [each for each in files if each["added_by"] is None]}  # fmt: skip


def _open_cases(link: FamilyLink) -> list[DeviceCase]:
    return [each for each in cases.family_cases(link.pupil_id) if each.closed_at is None]


def _open(case_link: str) -> FamilyLink:
    return open_family_link(case_link, LinkPurpose.CASE, key=_key(), now=now())


def _read(case_link: str) -> FamilyLink:
    return read_family_link(case_link, LinkPurpose.CASE, key=_key(), now=now())


def _key() -> str:
    return current_app.extensions["settings"].signing_key()
