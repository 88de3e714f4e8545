"""The addresses of schools, without which no parcel is sent there: the list, incomplete ones first, and the form."""

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _

from tracker.models.schools import School
from tracker.operations.school_addresses import set_school_address
from tracker.queries.desk import school_of
from tracker.queries.schools import addresses
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.intake import storable
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("school_addresses", __name__, url_prefix="/parcels/addresses")
_FIELDS = ("street", "postcode", "city")


@bp.get("/")
@requires(Permission.MANAGE_PARCELS)
def index() -> Response:
    """Every school with its address."""
    return page("parcels/addresses.html", schools=addresses(current_scope()))


@bp.get("/<int:school_id>")
@requires(Permission.MANAGE_PARCELS)
def edit(school_id: int) -> Response:
    """The form of one school."""
    return _form(_school(school_id))


@bp.post("/<int:school_id>")
@requires(Permission.MANAGE_PARCELS)
def save(school_id: int) -> Response:
    """Keep it, where a label can print it whole."""
    school = _school(school_id)
    given = {name: storable(request.form.get(name, ""))[:200] for name in _FIELDS}
    try:
        set_school_address(school_id, **given, actor=current_actor(), now=now())
    except Refused as refused:
        return _form(school, given, refusal_sentence(refused))
    flash(_("Address recorded: parcels can be sent to this school."), "success")
    return see_other(url_for("school_addresses.index"))


def _form(school: School, given: dict[str, str] | None = None, problem: str = "") -> Response:
    typed = given or {name: getattr(school, name) for name in _FIELDS}
    return page("parcels/address.html", status=422 if problem else 200, school=school, typed=typed, problem=problem)


def _school(school_id: int) -> School:
    return school_of(school_id, current_scope()) or abort(404)
