"""Starting a stocktake: the warehouse, a school's own stock, a class."""

from flask import Blueprint, Response, request, url_for

from tracker.operations import stocktakes
from tracker.queries import stocktakes as counted
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.rules.stocktakes import Place, StocktakePlace
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, year_in_force
from tracker.web.destinations import see_other
from tracker.web.intake import row_id
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("stocktake_start", __name__, url_prefix="/stocktakes/new")


@bp.get("/")
@requires(Permission.TAKE_STOCK)
def new() -> Response:
    """What is counted: the warehouse, a school's own stock, a class."""
    return _new()


def _new(refused: Refused | None = None) -> Response:
    scope, year = current_scope(), year_in_force()
    schools = school_choices(scope)
    asked = schools[0][0] if len(schools) == 1 else request.values.get("school", type=row_id)
    school = asked if asked in {each for each, _name in schools} else None
    return page(
        "stocktakes/new.html", "places", status=422 if refused else 200, schools=schools, school=school,
        classes=counted.classes_with_devices(school, year) if school else [], whole=scope.school_ids is None,
        error=refusal_sentence(refused) if refused else None,
        running=refused.facts.get("stocktake_id") if refused else None,
    )  # fmt: skip


@bp.post("/")
@requires(Permission.TAKE_STOCK)
def start() -> Response:
    """Begin: what should be there is noted at this moment, and the desk opens."""
    try:
        made = stocktakes.start(_place(), year=year_in_force(), actor=current_actor(), now=now())
    except Refused as refused:
        return _new(refused)
    return see_other(url_for("stocktake_desk.desk_page", stocktake_id=made.id))


def _place() -> Place:
    """The place of the form; a button names the class, the others bring none."""
    kind = request.form.get("place", "")
    if kind not in set(StocktakePlace):
        raise Refused("stocktake_school_missing")
    school = None if kind == StocktakePlace.WAREHOUSE else request.form.get("school", type=row_id)
    class_name = request.form.get("class", "")[:20] if kind == StocktakePlace.CLASS else ""
    return Place(StocktakePlace(kind), school, class_name)
