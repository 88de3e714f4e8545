"""Signing in and out, a forgotten password, one's own account, the language."""

from flask import Blueprint, Response, current_app, flash, g, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf

from tracker import jobs
from tracker.config import Settings
from tracker.models.users import User
from tracker.operations import accounts
from tracker.operations.accounts import LockPolicy
from tracker.queries.accounts import session_account
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.web.access import SessionUser, current_actor, public, requires
from tracker.web.accounts.forms import ForgottenForm, NewPasswordForm, ProfileForm, SignInForm
from tracker.web.accounts.letters import reset_letter
from tracker.web.clock import now
from tracker.web.destinations import go_to, next_page, own_path, see_other
from tracker.web.language import LANGUAGES
from tracker.web.limits import SIGN_IN, limiter
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("accounts", __name__)

KEPT = "kept-"
"""Prefix of the fields of a form that waits for its sender to sign in again."""


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@limiter.limit(SIGN_IN, methods=["POST"])
def sign_in() -> Response:
    """Ask for address and password; then on to where the person wanted to go."""
    if request.method == "GET" and current_user.is_authenticated:
        return go_to(next_page())
    form = SignInForm()
    in_dialog = bool(request.form.get("dialog"))
    user = _authenticate(form) if form.is_submitted() else None
    if user:
        open_session(user)
        return _dialog_done() if in_dialog else see_other(next_page())
    status = 422 if form.is_submitted() else 200
    if in_dialog:
        return page("accounts/sign_in_dialog.html", status=status, form=form)
    return page("accounts/sign_in.html", status=status, form=form, next=own_path(request.values.get("next")) or "")


@bp.post("/sign-in/resume")
@public
@limiter.limit(SIGN_IN)
def resume() -> Response:
    """Sign in again in the middle of a form: what was typed is shown once more, to be sent by one button."""
    kept = [(name.removeprefix(KEPT), value) for name, value in request.form.items(multi=True) if name.startswith(KEPT)]
    target = own_path(request.form.get("target")) or url_for("home.index")
    form = SignInForm()
    user = _authenticate(form)
    if user is None:
        return page("accounts/resume.html", status=422, form=form, kept=kept, target=target)
    open_session(user)
    return page("accounts/send_again.html", kept=kept, target=target)


@bp.post("/sign-out")
@public
def sign_out() -> Response:
    """End this session."""
    language = session.get("language")
    logout_user()
    session.clear()
    if language:
        session["language"] = language
    flash(_("You are signed out."), "success")
    return see_other(url_for("accounts.sign_in"))


@bp.post("/language")
@public
def change_language() -> Response:
    """Keep the language: in the account, or in the session of somebody who has not signed in yet."""
    language = request.form.get("language")
    if language in LANGUAGES:
        session["language"] = language
        if current_user.is_authenticated:
            accounts.choose_language(language, actor=current_actor())
    return see_other(next_page())


@bp.route("/forgotten", methods=["GET", "POST"])
@public
@limiter.limit(SIGN_IN, methods=["POST"])
def forgotten() -> Response:
    """Send a link to choose a new password; the answer is the same for an address that is unknown."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return page("accounts/forgotten.html", status=422 if form.is_submitted() else 200, form=form)
    settings = _settings()
    if accounts.ask_reset(form.email.data or "", letter=reset_letter, key=settings.signing_key(), now=now()):
        jobs.deliver_soon(settings)
    return page("accounts/forgotten_sent.html", email=form.email.data)


@bp.route("/reset/<token>", methods=["GET", "POST"])
@public
@limiter.limit(SIGN_IN, methods=["POST"])
def reset(token: str) -> Response:
    """Choose a new password with the link of the mail."""
    key = _settings().signing_key()
    form = NewPasswordForm()
    try:
        user = accounts.account_of_link(token, key=key, now=now())
        if form.validate_on_submit():
            accounts.reset_password(token, form.password.data or "", key=key, now=now())
            flash(_("Your new password is set: sign in with it."), "success")
            return see_other(url_for("accounts.sign_in"))
    except Refused as refused:
        if refused.code == "link_dead":
            return page("accounts/link_dead.html", status=410)
        form.password.errors = [refusal_sentence(refused)]
    return page("accounts/reset.html", status=422 if form.is_submitted() else 200, form=form, account=user)


@bp.route("/account", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def profile() -> Response:
    """One's own account: password and language."""
    form = ProfileForm()
    if form.validate_on_submit():
        try:
            user = accounts.change_password(
                form.present.data or "",
                form.password.data or "",
                actor=current_actor(),
                policy=lock_policy(),
                now=now(),
            )
        except Refused as refused:
            wrong = form.present if refused.code in ("wrong_password", "account_locked") else form.password
            wrong.errors = [refusal_sentence(refused)]
        else:
            open_session(user)
            flash(_("Your password is changed. Your sessions on other computers have ended."), "success")
            return see_other(url_for("accounts.profile"))
    return page("accounts/profile.html", status=422 if form.is_submitted() else 200, form=form)


def open_session(user: User) -> None:
    """Sign the person in, in a session that starts anew (nothing of a former one survives)."""
    session.clear()
    g.pop("csrf_token", None)
    account = session_account(user.id, user.session_key)
    if account is None:
        raise Refused("wrong_credentials")
    session.permanent = True
    session["language"] = account.locale
    login_user(SessionUser(account))


def lock_policy() -> LockPolicy:
    """When the settings lock an account."""
    settings = _settings()
    return LockPolicy(settings.lock_after_failures, settings.lock_minutes)


def _authenticate(form: SignInForm) -> User | None:
    """The account whose password was given; else None, and the form says why."""
    if not form.validate():
        return None
    try:
        return accounts.sign_in(form.email.data or "", form.password.data or "", policy=lock_policy(), now=now())
    except Refused as refused:
        form.refusal = refusal_sentence(refused)
        return None


def _dialog_done() -> Response:
    response = Response(status=204)
    response.headers["HX-Trigger"] = current_app.json.dumps({"signed-in": {"csrf": generate_csrf()}})
    return response


def _settings() -> Settings:
    return current_app.extensions["settings"]
