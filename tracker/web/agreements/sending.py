"""Sending agreements to families: what would go now, whom no mail reaches, the sending and its report."""

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _

from tracker import jobs
from tracker.operations.sending import ask_to_send
from tracker.queries import sending
from tracker.queries.campaigns import current_campaign, settings_of
from tracker.queries.pupils import Year
from tracker.queries.schools import school_choices
from tracker.queries.sending import Plan
from tracker.rules.access import Permission
from tracker.rules.recipients import Unreachable
from tracker.rules.refusals import Refused
from tracker.rules.work import WorkState
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.agreements.paper_words import UNREACHABLE
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.intake import row_id
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence
from tracker.web.work import standing

bp = Blueprint("sending", __name__, url_prefix="/agreements/send")

MOST_LISTED = 200
"""Pupils without an address on the page; the list of the unsigned has them all."""


@bp.get("/")
@requires(Permission.SEND_AGREEMENTS)
def index() -> Response:
    """What a sending would bring now, of one school or of all; the report of the last one."""
    asked = request.args.get("school", type=row_id)
    return _page(asked)


def _page(asked: int | None, error: str = "", status: int = 200) -> Response:
    scope, campaign, schools = current_scope(), current_campaign(today()), school_choices(current_scope())
    if campaign is None:
        return page("agreements/none.html", status=status)
    school_id = _one(asked, schools)
    year = Year(campaign.school_year, today())
    plan = sending.plan(school_id, scope, year, settings_of(campaign, today()), now=now())
    last = sending.newest_sending(scope, school_id)
    return page(
        "agreements/send.html",
        "life",
        status=status,
        schools=schools,
        school_id=school_id,
        whole=scope.school_ids is None,
        plan=plan,
        unreachable=_unreachable(plan, year),
        most=MOST_LISTED,
        standing=standing(last),
        report=last.result if last and last.state == WorkState.DONE else None,
        report_at=last.ended_at if last else None,
        report_school=dict(schools).get(last.school_id, "") if last and last.school_id else _("all schools"),
        reasons={reason.value: said for reason, said in UNREACHABLE.items()},
        reminders=request.form.get("reminders") if request.method == "POST" else "yes",
        error=error,
    )


def _one(asked: int | None, schools: list[tuple[int, str]]) -> int | None:
    """The school that is meant: the only one, the one asked for if the person may, else all of them."""
    ids = [each for each, _name in schools]
    if len(ids) == 1:
        return ids[0]
    return asked if asked in ids else None if current_scope().school_ids is None else (ids[0] if ids else 0)


def _unreachable(plan: Plan | None, year: Year) -> list[dict[str, Any]]:
    if plan is None or not plan.unreachable:
        return []
    rows = sending.pupils_by_id(sorted(plan.unreachable)[:MOST_LISTED], current_scope(), year)
    return [row | {"reason": str(UNREACHABLE[Unreachable(plan.unreachable[row["id"]])])} for row in rows]


@bp.post("/")
@requires(Permission.SEND_AGREEMENTS)
def send() -> Response:
    """Ask for the sending; a second press finds it under way."""
    schools = school_choices(current_scope())
    school_id = _one(request.form.get("school", type=row_id), schools)
    reminders = request.form.get("reminders") == "yes"
    try:
        if current_campaign(today()) is None:
            raise Refused("no_campaign")
        ask_to_send(school_id, reminders=reminders, actor=current_actor(), now=now())
    except Refused as refused:
        return _page(school_id, refusal_sentence(refused), 422)
    jobs.work_soon(current_app.extensions["settings"])
    return see_other(url_for("sending.index", school=school_id))
