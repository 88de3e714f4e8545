"""The end of the school year: whole classes end their schooling, everything they hold is expected on one day (L4)."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import ngettext

from tracker.operations.class_departures import end_of_schooling
from tracker.queries.campaigns import current_campaign, settings_in_force
from tracker.queries.class_departures import Holding, class_sizes, holdings
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.intake import row_id
from tracker.web.language import day
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("class_departures", __name__, url_prefix="/departures/class")

_MOST_CLASSES = 200


@bp.get("/")
@requires(Permission.QUALIFY_DEPARTURES)
def index() -> Response:
    """The school, its classes, and who of the chosen ones holds what."""
    school_id, classes = request.args.get("school", type=row_id), request.args.getlist("class")
    if "show" in request.args and not classes:
        return _page(school_id, classes, error=refusal_sentence(Refused("classes_missing")), wrong="classes_missing")
    return _page(school_id, classes)


def _page(
    school_id: int | None, classes: Iterable[str], *, due_on: str = "", error: str = "", wrong: str = ""
) -> Response:
    schools = school_choices(current_scope())
    chosen_school = school_id or (schools[0][0] if len(schools) == 1 else None)
    if chosen_school and not current_scope().covers(chosen_school):
        abort(404)
    year = _year()
    sizes = class_sizes(chosen_school, year) if chosen_school else []
    chosen = [name for name, _level, _held in sizes if name in set(classes)]
    held = holdings(chosen_school, year, chosen) if chosen_school and chosen else []
    return page(
        "departures/class.html", "classes", status=422 if error else 200, schools=schools, school_id=chosen_school,
        sizes=sizes, chosen=chosen, pupils=_by_pupil(held), coming=_coming(held),
        ending=sum(each.may_end for each in held),
        due_on=due_on or _usual_day().isoformat(), today=today().isoformat(), error=error, wrong=wrong,
    )  # fmt: skip


def _year() -> int:
    campaign = current_campaign(today())
    return campaign.school_year if campaign else 0


def _usual_day() -> date:
    return today() + timedelta(days=int(settings_in_force(today())["return_days"]))


def _by_pupil(held: list[Holding]) -> list[dict[str, Any]]:
    """One line for each pupil, with every serial."""
    lines: dict[int, dict[str, Any]] = {}
    for each in held:
        line = lines.setdefault(each.pupil_id, {"pupil": each, "serials": [], "expected": False})
        line["serials"].append(each.serial)
        line["expected"] = line["expected"] or each.expected_id is not None
    return list(lines.values())


def _coming(held: list[Holding]) -> list[str]:
    """The classes from which something is expected."""
    return sorted({each.class_name for each in held if each.expected_id is not None})


@bp.post("/")
@requires(Permission.QUALIFY_DEPARTURES)
def end() -> Response:
    """Rule L4. All of them at once."""
    school_id, classes = request.form.get("school", type=row_id), request.form.getlist("class")[:_MOST_CLASSES]
    due_on = request.form.get("due_on", "")
    if school_id is None:
        abort(400)
    try:
        done = end_of_schooling(school_id, _year(), classes, _day(due_on), actor=current_actor(), now=now())
    except Refused as refused:
        return _page(school_id, classes, due_on=due_on, error=refusal_sentence(refused), wrong=refused.code)
    flash(
        ngettext(
            "Recorded (rule L4): %(num)s device is expected back by %(day)s.",
            "Recorded (rule L4): %(num)s devices are expected back by %(day)s.",
            done.devices, day=day(_day(due_on)),
        ),
        "success",
    )  # fmt: skip
    again: dict[str, Any] = {"class": classes, "school": school_id}
    return see_other(url_for("class_departures.index", **again))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("due_on_missing") from None
