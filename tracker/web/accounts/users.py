"""Accounts: the list, a new one, its role and schools, its sessions. Administrators only."""

from dataclasses import replace

from flask import Blueprint, Response, abort, current_app, flash, request, url_for
from flask_babel import gettext as _
from wtforms import Form

from tracker import jobs
from tracker.models.users import User
from tracker.operations import users
from tracker.operations.users import Profile
from tracker.queries import pages
from tracker.queries import users as accounts
from tracker.queries.users import UserFilter
from tracker.rules.access import Permission, Role
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, requires
from tracker.web.accounts.letters import invitation_letter
from tracker.web.accounts.user_forms import NewUserForm, SchoolChoice, UserForm
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("users", __name__, url_prefix="/users")

_FIELD_OF = {"email_invalid": "email", "email_taken": "email", "name_missing": "name", "last_administrator": "role"}


@bp.get("/")
@requires(Permission.MANAGE_USERS)
def index() -> Response:
    """Everybody who may sign in, by name."""
    filters = UserFilter(
        request.args.get("q", "").strip(), request.args.get("role", ""), request.args.get("state") == "closed"
    )
    query = accounts.listing(filters)
    shown = pages.page(query, accounts.ORDER, after=request.args.get("after"), before=request.args.get("before"))
    schools = accounts.schools_of_users(row["id"] for row in shown.rows)
    return page("users/index.html", page=shown, filters=filters, count=pages.count(query), schools=schools, now=now())


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def create() -> Response:
    """A new account; the person gets a link to choose a password."""
    form, choice = NewUserForm(), SchoolChoice.of_request()
    if _is_sent() and form.validate():
        try:
            user = users.create_user(
                email=form.email.data or "", name=form.name.data or "", role=form.role.data, school_ids=choice.ids,
                locale=form.locale.data, actor=current_actor(), now=now(),
            )  # fmt: skip
            _invite(user.id)
            flash(_("The account of %(name)s is open; a link was sent to %(email)s.", name=user.name, email=user.email))
            return see_other(url_for("users.index"))
        except Refused as refused:
            _show(refused, form, choice)
    return page("users/new.html", status=_status(), form=form, school_choice=choice)


@bp.route("/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def show(user_id: int) -> Response:
    """One account: name, role, schools, open or closed."""
    user = _user_or_404(user_id)
    form = UserForm(obj=user)
    choice = SchoolChoice.of_request() if request.method == "POST" else SchoolChoice(accounts.school_ids_of(user.id))
    if _is_sent() and form.validate():
        profile = Profile(form.name.data or "", Role(form.role.data), choice.ids, user.active)
        try:
            users.change_user(user.id, profile, actor=current_actor())
            flash(_("Changed."), "success")
            return see_other(url_for("users.show", user_id=user.id))
        except Refused as refused:
            _show(refused, form, choice)
    return page("users/show.html", status=_status(), form=form, school_choice=choice, account=user, now=now())


@bp.get("/schools")
@requires(Permission.MANAGE_USERS)
def schools() -> Response:
    """The schools that what was typed may mean, to be ticked; a part of the form."""
    return page("users/schools.html", school_choice=SchoolChoice.of_request())


@bp.post("/<int:user_id>/invite")
@requires(Permission.MANAGE_USERS)
def invite(user_id: int) -> Response:
    """Send a link to choose a password."""
    user = _user_or_404(user_id)
    _invite(user.id)
    flash(_("A link was sent to %(email)s. It works for seven days, once.", email=user.email), "success")
    return see_other(url_for("users.show", user_id=user_id))


@bp.post("/<int:user_id>/sessions/end")
@requires(Permission.MANAGE_USERS)
def end_sessions(user_id: int) -> Response:
    """Sign the person out everywhere."""
    user = users.end_sessions(_user_or_404(user_id).id, actor=current_actor())
    flash(_("%(name)s is signed out everywhere.", name=user.name), "success")
    return see_other(url_for("users.show", user_id=user_id))


@bp.post("/<int:user_id>/close")
@requires(Permission.MANAGE_USERS)
def close(user_id: int) -> Response:
    """Close the account: nobody signs in with it any more; its past stays on record."""
    return _set_active(user_id, active=False)


@bp.post("/<int:user_id>/reopen")
@requires(Permission.MANAGE_USERS)
def reopen(user_id: int) -> Response:
    """Open the account again."""
    return _set_active(user_id, active=True)


def _set_active(user_id: int, *, active: bool) -> Response:
    user = _user_or_404(user_id)
    present = Profile(user.name, Role(user.role), frozenset(accounts.school_ids_of(user.id)))
    users.change_user(user.id, replace(present, active=active), actor=current_actor())
    flash(_("The account is open again.") if active else _("The account is closed."), "success")
    return see_other(url_for("users.show", user_id=user_id))


def _user_or_404(user_id: int) -> User:
    return accounts.user_of(user_id) or abort(404)


def _invite(user_id: int) -> None:
    settings = current_app.extensions["settings"]
    users.invite(user_id, letter=invitation_letter, key=settings.signing_key(), actor=current_actor(), now=now())
    jobs.deliver_soon(settings)


def _is_sent() -> bool:
    """Whether the form is to be recorded; its button "find schools" only looks them up (without JavaScript)."""
    return request.method == "POST" and "find" not in request.form


def _status() -> int:
    return 422 if _is_sent() else 200


def _show(refused: Refused, form: Form, choice: SchoolChoice) -> None:
    """Put the refusal beside the field that it is about."""
    sentence = refusal_sentence(refused)
    if refused.code in ("schools_missing", "school_not_found"):
        choice.error = sentence
    else:
        form[_FIELD_OF[refused.code]].errors = [sentence]
