"""Signed papers, one after the other: accepted or refused with a reason, by keyboard; the next one comes by itself."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from tracker.operations import validation
from tracker.queries import paper
from tracker.queries.campaigns import current_campaign
from tracker.queries.pupils import Year
from tracker.queries.validation import next_case
from tracker.rules.access import Permission
from tracker.rules.ages import is_of_age
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.agreements.paper_words import USUAL_REASONS
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.render import is_fragment, page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("validation", __name__, url_prefix="/agreements/validation")


@bp.get("/")
@requires(Permission.VALIDATE_AGREEMENTS)
def index() -> Response:
    """The oldest paper that waits; `after` passes over those before it."""
    return _page(request.args.get("after"))


def _page(after: str | None = None, *, error: str = "", reason: str = "", status: int = 200) -> Response:
    campaign, scope = current_campaign(today()), current_scope()
    year = Year.of(campaign, today())
    case = next_case(scope, year, after=after)
    birth = case.row["birth_date"] if case else None
    return page(
        "validation/index.html", "case", status=status, case=case, left=paper.waiting(scope, year).count(),
        of_age=birth is not None and is_of_age(birth, today()), after=after, error=error, reason=reason,
        usual=[str(each) for each in USUAL_REASONS], campaign=campaign,
    )  # fmt: skip


@bp.post("/<int:agreement_id>/accept")
@requires(Permission.VALIDATE_AGREEMENTS)
def accept(agreement_id: int) -> Response:
    """Rules A3, A4. The paper is good."""
    return _decide(
        lambda: validation.accept(agreement_id, shown=_shown(), actor=current_actor(), now=now()),
        _("Accepted: %(name)s."),
    )


@bp.post("/<int:agreement_id>/refuse")
@requires(Permission.VALIDATE_AGREEMENTS)
def refuse(agreement_id: int) -> Response:
    """Rule A3. The paper is not good, for the reason that the school reads."""
    reason = request.form.get("reason", "").strip() or request.form.get("usual", "")
    return _decide(
        lambda: validation.refuse(agreement_id, reason, shown=_shown(), actor=current_actor(), now=now()),
        _("Refused: %(name)s."), reason,
    )  # fmt: skip


def _shown() -> list[int] | None:
    """The scanned pages that the form stood beside."""
    if "shown" not in request.form:
        return None
    return [int(number) for number in request.form["shown"].split() if number.isdigit() and len(number) < 10]


def _decide(act: Callable[[], Any], said: str, reason: str = "") -> Response:
    after = request.form.get("after") or None
    try:
        agreement = act()
    except Refused as refused:
        if refused.code == "not_found":
            raise
        return _page(after, error=refusal_sentence(refused), reason=reason, status=422)
    flash(said % {"name": agreement.pupil.full_name}, "success")
    if is_fragment():
        return _page(after)
    return see_other(url_for("validation.index", after=after))
