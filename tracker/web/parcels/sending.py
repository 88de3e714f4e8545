"""Preparing a parcel from a form, and tracking numbers from a carrier's file."""

import csv
import io
from dataclasses import dataclass, field

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from tracker.models.devices import Device
from tracker.operations import parcels
from tracker.operations.tracking import LineProblem, import_tracking
from tracker.queries.campaigns import current_campaign
from tracker.queries.devices import bears, seen_within
from tracker.queries.pupils import pupil_page
from tracker.queries.scanned import Place, ScannedText, named
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.parcels import ParcelKind
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.intake import row_id, storable
from tracker.web.parcels.words import tracking_problem
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, words
from tracker.web.uploads import school_of_form

bp = Blueprint("parcel_sending", __name__, url_prefix="/parcels")
MOST_DEVICES = 100
LARGEST_FILE = 1024 * 1024


@dataclass
class Form:
    """What was typed, and what is wrong with it, by field."""

    kind: str = ""
    school: int | None = None
    pupil: str = ""
    numbers: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@bp.get("/new")
@requires(Permission.SEND_RETURNS)
def new() -> Response:
    """The form; with `pupil` or `device` in the address, filled in for them."""
    return _form(_prefilled())


def _prefilled() -> Form:
    form = Form(kind=request.args.get("kind", ""), school=request.args.get("school", type=row_id))
    form.numbers = request.args.get("device", "")[:100]
    pupil_id, campaign = request.args.get("pupil", type=row_id), current_campaign(today())
    pupil = pupil_page(pupil_id, current_scope(), campaign) if pupil_id else None
    if pupil:
        form.kind, form.school = form.kind or ParcelKind.NAMED, pupil["school"]
        form.pupil = f"{pupil['last_name']} {pupil['first_name']}"
    return form


def _form(form: Form, status: int = 200) -> Response:
    kinds = [(kind.value, words("parcel_kind", kind)) for kind in _kinds()]
    return page(
        "parcels/new.html", status=status, form=form, kinds=kinds, schools=school_choices(current_scope()),
    )  # fmt: skip


def _kinds() -> list[ParcelKind]:
    """A school sends returns; logistics everything."""
    return list(ParcelKind) if current_user.may(Permission.MANAGE_PARCELS) else [ParcelKind.RETURN]


@bp.post("/new")
@requires(Permission.SEND_RETURNS)
def prepare() -> Response:
    """Prepare the parcel; its page has the label."""
    given = {name: storable(request.form.get(name, "")) for name in ("kind", "pupil", "numbers")}
    form = Form(given["kind"], school_of_form(), given["pupil"].strip(), given["numbers"])
    devices = _checked(form)
    pupil_id = _pupil(form) if form.kind == ParcelKind.NAMED and form.school else None
    if form.errors:
        return _form(form, 422)
    try:
        parcel = parcels.prepare(
            ParcelKind(form.kind), devices, school_id=form.school or 0, pupil_id=pupil_id, actor=current_actor(),
            now=now(),
        )  # fmt: skip
    except Refused as refused:
        form.errors["form"] = refusal_sentence(refused)
        return _form(form, 422)
    flash(_("The parcel is prepared: print its label."), "success")
    return see_other(url_for("parcels.show", parcel_id=parcel.id))


def _checked(form: Form) -> list[int]:
    """The devices; what is wrong goes into the form."""
    if form.kind not in _kinds():
        form.errors["kind"] = _("Choose what the parcel is for.")
    if form.school is None:
        form.errors["school"] = _("Choose a school")
    numbers = form.numbers.upper().replace(",", " ").replace(";", " ").split()
    if not numbers or len(numbers) > MOST_DEVICES:
        form.errors["numbers"] = _("Scan or paste 1 to %(most)s serial numbers or tags.", most=MOST_DEVICES)
        return []
    found = list(Device.select().where(bears(numbers), seen_within(current_scope())))
    known = {value for each in found for value in (each.serial, each.tag, each.imei, each.iccid)}
    unknown = [number for number in numbers if number not in known]
    if unknown:
        form.errors["numbers"] = _("These numbers are not known: %(numbers)s", numbers=", ".join(unknown[:10]))
    return [each.id for each in found]


def _pupil(form: Form) -> int | None:
    """Whose the parcel is: by slip or by name, at the school; a name that several have is asked about."""
    campaign = current_campaign(today())
    place = Place(form.school or 0, campaign.school_year if campaign else 0)
    found = named([ScannedText(form.pupil)], place, current_scope()) if form.pupil else None
    if found is None:
        form.errors["pupil"] = _("Write whose parcel it is.")
    elif not found.pupil_ids:
        form.errors["pupil"] = _("No pupil of this school has this name or slip.")
    elif len(found.pupil_ids) > 1:
        form.errors["pupil"] = _("Several pupils begin like this: write the whole name, or scan the slip.")
    else:
        return found.pupil_ids[0]
    return None


@bp.get("/tracking")
@requires(Permission.MANAGE_PARCELS)
def tracking_file() -> Response:
    """The form for a carrier's file."""
    return page("parcels/tracking.html", problems=[], error="", said=tracking_problem)


@bp.post("/tracking")
@requires(Permission.MANAGE_PARCELS)
def import_file() -> Response:
    """Write the numbers of the file down, all of them or none."""
    try:
        count, problems = import_tracking(_lines(), actor=current_actor(), now=now())
    except Refused as refused:
        return _tracking_page([], refusal_sentence(refused))
    if problems:
        return _tracking_page(problems, _("Nothing was written down: mend these lines and send the file again."))
    if not count:
        return _tracking_page([], _("There is no line with a number in this file."))
    flash(ngettext("%(num)s tracking number recorded.", "%(num)s tracking numbers recorded.", count), "success")
    return see_other(url_for("parcels.index"))


def _tracking_page(problems: list[LineProblem], error: str) -> Response:
    return page("parcels/tracking.html", status=422, problems=problems[:50], error=error, said=tracking_problem)


def _lines() -> list[list[str]]:
    """The rows of the file, apart at semicolons, commas or tabs. Raises Refused tracking_file_unreadable."""
    file = request.files.get("file")
    data = file.read(LARGEST_FILE + 1) if file and file.filename else b""
    if not data or len(data) > LARGEST_FILE or b"\0" in data:
        raise Refused("tracking_file_unreadable")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    delimiter = max(";\t,", key=text.count)
    try:
        return [[cell.strip("'\u00a0 ") for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise Refused("tracking_file_unreadable") from error
