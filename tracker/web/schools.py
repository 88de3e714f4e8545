"""The schools of the programme: their list, a new one, one with its days as a member (E1). Administrators only."""

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length, Optional

from tracker.models.schools import School
from tracker.operations import schools
from tracker.queries.desk import school_of
from tracker.queries.schools import registered
from tracker.rules.access import Permission
from tracker.rules.eligibility import is_member
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.forms import SentForm
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("schools", __name__, url_prefix="/schools")

_REQUIRED = _l("Fill in this field.")
_FIELD_OF = {"uai_form": "uai", "school_known": "uai", "membership_reversed": "member_until"}


class SchoolForm(SentForm):
    """What an administrator says of a school."""

    name = StringField(_l("Name"), [InputRequired(_REQUIRED), Length(max=200)], render_kw={"autocomplete": "off"})
    city = StringField(_l("Town"), [InputRequired(_REQUIRED), Length(max=100)], render_kw={"autocomplete": "off"})
    member_from = DateField(_l("First day in the programme"), [InputRequired(_REQUIRED)])


class NewSchoolForm(SchoolForm):
    """A new school: also its number, which never changes."""

    uai = StringField(
        _l("UAI"), [InputRequired(_REQUIRED), Length(max=20)],
        description=_l("Seven digits and a letter, as 0140001A."), render_kw={"autocomplete": "off"},
    )  # fmt: skip


class MembershipForm(SchoolForm):
    """A school that is there: also its last day as a member, where it leaves."""

    member_until = DateField(
        _l("Last day in the programme"), [Optional()],
        description=_l("From the day after, its pupils are owed nothing new (rule E1); they keep what they hold."),
    )  # fmt: skip


@bp.get("/")
@requires(Permission.MANAGE_CAMPAIGN)
def index() -> Response:
    """Every school that is or was a member."""
    day = today()
    rows = [(school, is_member(school.member_from, school.member_until, day)) for school in registered()]
    return page("schools/index.html", schools=rows, today=day)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_CAMPAIGN)
def create() -> Response:
    """A new school; its roster can be applied from then on."""
    form = NewSchoolForm(data={"member_from": today()})
    if form.validate_on_submit():
        try:
            school = schools.add_school(
                form.uai.data, form.name.data, form.city.data, member_from=form.member_from.data, actor=current_actor()
            )
        except Refused as refused:
            _show(refused, form)
        else:
            flash(_("%(school)s is in the programme: bring in its roster.", school=school.name), "success")
            return see_other(url_for("schools.index"))
    return page("schools/new.html", status=_status(), form=form)


@bp.route("/<int:school_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CAMPAIGN)
def show(school_id: int) -> Response:
    """One school: name, town, first and last day."""
    school = _school_or_404(school_id)
    form = MembershipForm(obj=school)
    if form.validate_on_submit():
        try:
            schools.change_school(
                school_id, form.name.data, form.city.data, member_from=form.member_from.data,
                member_until=form.member_until.data, actor=current_actor(), now=now(),
            )  # fmt: skip
        except Refused as refused:
            _show(refused, form)
        else:
            flash(_("Changed."), "success")
            return see_other(url_for("schools.show", school_id=school_id))
    return page("schools/show.html", status=_status(), form=form, school=school)


def _show(refused: Refused, form: SchoolForm) -> None:
    form[_FIELD_OF.get(refused.code, "name")].errors = [refusal_sentence(refused)]


def _status() -> int:
    return 422 if request.method == "POST" else 200


def _school_or_404(school_id: int) -> School:
    return school_of(school_id, current_scope()) or abort(404)
