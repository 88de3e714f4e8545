"""What people read when something is refused, missing or broken: never a trace, never a dead end."""

from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, flash, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from peewee import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from tracker.models.database import was_deadlock
from tracker.rules.refusals import Refused
from tracker.web.destinations import comes_from_here, go_to, own_path
from tracker.web.render import flash_fragment, page
from tracker.web.sentences import refusal_sentence

log = structlog.get_logger()
_UNKNOWN = frozenset({"not_found", "school_not_found"})
_SECRET = frozenset({"token", "link", "return_link", "case_link", "receipt"})
_NEVER_KEPT = frozenset({"csrf_token", "password", "present", "again"})


def init_app(app: Flask) -> None:
    """Answer every error with a page, or for htmx with a message on the page that is open."""
    app.register_error_handler(Refused, refused_page)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(OperationalError, _overtaken)
    app.register_error_handler(401, _signed_out)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def refused_page(refused: Refused) -> Response:
    """The sentence of the refusal, alone on its page."""
    return _message(refusal_sentence(refused), 404 if refused.code in _UNKNOWN else 422)


def _form_too_old(error: CSRFError) -> Response:
    return _message(_("This form was opened in another session. Go back, reload the page and send it again."), 400)


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    return _message(_sentence(error), error.code)


def _overtaken(error: OperationalError) -> Response:
    """Two people held what the other needed: PostgreSQL let one go on. Nothing of this request was written."""
    if not was_deadlock(error):
        return _fault(error)
    log.warning("overtaken", endpoint=request.endpoint)
    return _message(
        _("Somebody did something with the same things at this moment. Nothing was recorded: try again."), 409
    )


def _fault(error: Exception) -> Response:
    log.error("fault", path=_without_secrets(request.path), endpoint=request.endpoint, exc_info=error)
    return _message(_("The program met a fault and recorded nothing. The people who run it find it in their log."), 500)


def _without_secrets(path: str) -> str:
    """The address without the personal links of mails: who reads the log must not be able to use them."""
    for name in _SECRET & (request.view_args or {}).keys():
        path = path.replace(request.view_args[name], "…")  # type: ignore[index]
    return path


def _signed_out(_error: HTTPException) -> Response:
    """A page asks to sign in and comes back; what was being typed or sent is kept and can be sent again.

    A file cannot be kept: the page says so and leads back to its form. A fragment never takes the page away
    (suggestions come while a scan waits): it brings the sign-in dialog.
    """
    if request.htmx:  # type: ignore[attr-defined]
        response = Response(render_template("accounts/sign_in_dialog.html"), 401)
        response.headers["HX-Trigger"] = "sign-in-needed"
        return response
    if request.method in ("GET", "HEAD"):
        return _go_to_sign_in(request.full_path.rstrip("?"))
    if not comes_from_here():
        return _go_to_sign_in(url_for("home.index"))
    if _brought_files():
        # A browser gives no file a second time by itself: its sender goes back to the form and chooses it again.
        return page("accounts/resume.html", status=401, files=True, target=_page_of_form())
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in _NEVER_KEPT]
    return page("accounts/resume.html", status=401, kept=kept, target=request.full_path.rstrip("?"))


def _brought_files() -> bool:
    """Whether the request has files; one beyond the limit of a person without a session has nothing else."""
    try:
        return request.mimetype == "multipart/form-data" and any(each.filename for each in request.files.values())
    except RequestEntityTooLarge:
        return True


def _page_of_form() -> str:
    """The page with the form: where it is sent to if that can be opened, else where it came from; else the start."""
    for path in (request.path, urlsplit(request.referrer or "").path):
        if _opens(path):
            return path
    return url_for("home.index")


def _opens(path: str) -> bool:
    """Whether a page stands at this address."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path, method="GET")


def _page_before() -> str | None:
    """The page whose form was refused, with its filters: that is where it can be sent anew."""
    before = urlsplit(request.referrer or "")
    if request.method != "POST" or before.netloc != request.host or not _opens(before.path):
        return None
    return own_path(before._replace(scheme="", netloc="", fragment="").geturl())


def _go_to_sign_in(target: str) -> Response:
    session.setdefault("language", "fr")
    return go_to(url_for("accounts.sign_in", next=target))


def _message(sentence: str, status: int) -> Response:
    if request.htmx:  # type: ignore[attr-defined]
        flash(sentence, "error")
        # The page that is open stays as it is, with what was typed; only the message comes in.
        return Response(flash_fragment(), status, headers={"HX-Reswap": "none"})
    return page("errors/error.html", status=status, sentence=sentence, code=status, before=_page_before())


def _sentence(error: HTTPException) -> str:
    sentences = {
        400: _("This request could not be understood. Go back and try again."),
        403: _("Your account does not allow this. An administrator can change what it may do."),
        404: _("There is nothing at this address, or it is not within your schools."),
        405: _("This address cannot be used in this way."),
        413: _("This file is too large: 20 MB at most."),
        429: _("Too many attempts within a minute. Wait a little, then try again."),
    }
    return sentences.get(error.code or 500, _("The request was refused (%(code)s).", code=error.code))
