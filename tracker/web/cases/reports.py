"""A problem is reported: from a device's page, from a pupil's, or by scanning or typing a serial number."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker import jobs
from tracker.models.devices import Device
from tracker.operations.cases import Report, open_case
from tracker.operations.family_cases import write_to_family
from tracker.operations.links import Links
from tracker.queries import devices, pupils, scanned
from tracker.queries.campaigns import current_campaign
from tracker.queries.scanned import Place
from tracker.rules.access import Permission
from tracker.rules.cases import CaseKind
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.cases.files import MOST_UPLOADED, keep_files
from tracker.web.cases.forms import ReportForm
from tracker.web.clock import now, today
from tracker.web.desks.readings import scanned_texts
from tracker.web.destinations import see_other
from tracker.web.forms import focus_on_error
from tracker.web.intake import row_id, takes
from tracker.web.limits import photos
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("case_reports", __name__, url_prefix="/cases")


@dataclass(frozen=True)
class About:
    """The device that a report is about, or those of a pupil to choose from; neither: it is scanned or typed."""

    device: dict[str, Any] | None = None
    choices: list[dict[str, Any]] = field(default_factory=list)


@bp.get("/new")
@requires(Permission.OPEN_CASES)
def new() -> Response:
    """The form, about a device of the address, about one that a pupil answers for, or about any."""
    return _form(ReportForm(), _about(request.args))


def _about(given: Any) -> About:
    device_id, pupil_id = given.get("device", type=row_id), given.get("pupil", type=row_id)
    if pupil_id and not device_id:
        return _of_pupil(pupil_id)
    if not device_id:
        return About()
    return About(devices.device_page(device_id, current_scope()) or abort(404))


def _of_pupil(pupil_id: int) -> About:
    """What the pupil answers for: one device is the one, of several a person chooses."""
    if pupils.pupil_page(pupil_id, current_scope(), current_campaign(today())) is None:
        abort(404)
    lent = [each for each in pupils.loans_of(pupil_id) if each["ended_at"] is None]
    if len(lent) != 1:
        return About(choices=lent)
    return About(devices.device_page(lent[0]["device_id"], current_scope()), lent)


def _form(form: ReportForm, about: About, refused: Refused | None = None) -> Response:
    focus_on_error(form)
    no_device = request.method == "POST" and not _names_a_device()
    failed = refused is not None or no_device or bool(form.errors)
    return page(
        "cases/new.html", "content", status=422 if failed else 200, form=form, about=about,
        code=request.form.get("code", ""), chosen=request.form.get("device", type=row_id),
        message=refusal_sentence(refused) if refused else "",
        existing=refused.facts.get("case_id") if refused else None, no_device=no_device,
    )  # fmt: skip


def _names_a_device() -> bool:
    return any(request.form.get(name, "").strip() for name in ("device", "code", "readings"))


@bp.post("/new")
@requires(Permission.OPEN_CASES)
@takes(MOST_UPLOADED)
@photos
def report() -> Response:
    """Rules R1, R2, R4. The case is open at once; a file that cannot be kept is told, and may follow."""
    form, about = ReportForm(), _about(request.args)
    if not form.validate_on_submit() or not _names_a_device():
        return _form(form, about)
    try:
        said = Report(device_of_form().id, CaseKind(form.kind.data), form.description.data)
        case = open_case(said, actor=current_actor(), now=now())
    except Refused as refused:
        return _form(form, about, refused)
    flash(_("The case is open."), "success")
    for sentence in keep_files(case, form.sent_files(), current_actor()):
        flash(sentence, "error")
    return see_other(url_for("cases.show", case_id=case.id))


def device_of_form() -> Device:
    """The device that the form carries by its id, or that was scanned or typed into it. Raises Refused."""
    device_id = request.form.get("device", type=row_id)
    if device_id:
        found = Device.get_or_none(Device.id == device_id)
        return found or _refuse("not_found")
    texts = scanned_texts(request)
    named = scanned.named(texts, Place(0, 0), current_scope())
    if named.refused:
        raise scanned.about_devices(named.refused)
    return named.devices[0] if len(named.devices) == 1 else _refuse("not_understood", text=texts[0].text[:60])


def _refuse(code: str, **facts: Any) -> Any:
    raise Refused(code, **facts)


@bp.post("/family/<int:pupil_id>")
@requires(Permission.OPEN_CASES)
def write(pupil_id: int) -> Response:
    """Rules A1, L5. Mail the family its personal page for reports and documents."""
    if pupils.pupil_page(pupil_id, current_scope(), current_campaign(today())) is None:
        abort(404)
    settings = current_app.extensions["settings"]
    links = Links(settings.signing_key(), settings.public_url.rstrip("/"))
    mails = write_to_family(pupil_id, links=links, actor=current_actor(), now=now())
    jobs.deliver_soon(settings)
    flash(ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", mails), "success")
    case_id = request.form.get("case", type=row_id)
    back = url_for("cases.show", case_id=case_id) if case_id else url_for("pupils.show", pupil_id=pupil_id)
    return see_other(back)
