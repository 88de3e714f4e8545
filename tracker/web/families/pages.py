"""What all pages share that a family opens by a personal link, without an account and without a cookie.

The link itself is the secret that lets a write in, so the session's CSRF token has no part in these pages.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, request

from tracker.operations.agreement_texts import contacts_on
from tracker.queries.campaigns import current_campaign
from tracker.rules.refusals import Refused
from tracker.web.agreements.words import Closed
from tracker.web.clock import now, today
from tracker.web.errors import refused_page
from tracker.web.language import LANGUAGES
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def family_blueprint(name: str, url_prefix: str, closed: Mapping[str, Closed]) -> Blueprint:
    """The blueprint of pages behind one kind of link; `closed`: the page of each refusal that shuts the link."""
    bp = Blueprint(name, f"{__package__}.{name}", url_prefix=url_prefix)
    bp.record(lambda state: state.app.extensions["csrf"].exempt(bp))
    bp.url_value_preprocessor(_read_language)
    bp.url_defaults(_keep_language)
    bp.after_request(_keep_to_itself)
    bp.context_processor(_frame)
    bp.register_error_handler(Refused, lambda refused: _closed_page(refused, closed))
    return bp


def only_looks() -> bool:
    """Who only looks whether the address is there (HEAD, prefetch): no person has opened it."""
    return request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", "")


def _read_language(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """The address says the language: nothing has to be remembered about who reads."""
    asked = request.args.get("lang")
    g.language = asked if asked in LANGUAGES else LANGUAGES[0]


def _keep_language(_endpoint: str, values: dict[str, Any]) -> None:
    if g.get("language", LANGUAGES[0]) != LANGUAGES[0]:
        values.setdefault("lang", g.language)


def _keep_to_itself(response: Response) -> Response:
    """The address is a secret: no cache, no referrer, no index may have it."""
    response.headers.update(_HEADERS)
    return response


def _frame() -> dict[str, Any]:
    """Rule I1. Whom to ask: the families' service, never the schools' own line."""
    return {"frame": "family_base.html", "families": contacts_on(current_campaign(today()), now())}


def _closed_page(refused: Refused, closed: Mapping[str, Closed]) -> Response:
    """A link that opens nothing: why, what to do, whom to ask; nothing about the pupil."""
    shut = closed.get(refused.code)
    if shut is None:
        return refused_page(refused)
    return page("signing/closed.html", status=shut.status, closed=shut, sentence=refusal_sentence(refused))
