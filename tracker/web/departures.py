"""Departures: pupils off the roster, where they went as far as anybody knows, and what they still hold (L5)."""

from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from tracker.queries import departures
from tracker.queries.departures import ORDER, DepartureFilter
from tracker.queries.pages import every_row
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.departures import Destination
from tracker.web.access import current_scope, requires
from tracker.web.export import export
from tracker.web.intake import row_id
from tracker.web.lists import chosen, listed, yes_no
from tracker.web.render import page
from tracker.web.sentences import words

bp = Blueprint("departures", __name__, url_prefix="/departures")
log = structlog.get_logger()


@bp.get("/")
@requires(Permission.SEE_PUPILS)
def index() -> Response:
    """The open departures that match the filters of the address; those that nobody can place first."""
    filters, scope = _filters(), current_scope()
    matching, shown = departures.listing(filters, scope), departures.with_columns(filters, scope)
    found = listed("departures", ORDER, matching, shown, vars(filters))
    return page("departures/index.html", "rows", found=found, filters=filters, options=_options())


def _filters() -> DepartureFilter:
    school = request.args.get("school", type=row_id)
    return DepartureFilter(school, chosen("destination", set(Destination)), chosen("device", {"yes", "no"}))


def _options() -> dict[str, list[tuple[Any, str]]]:
    destinations = [(each.value, words("destination", each)) for each in Destination if each != Destination.CAME_BACK]
    return {
        "school": [("", _("All schools")), *school_choices(current_scope())],
        "destination": [("", _("All")), *destinations],
        "device": yes_no(_("All"), _("still holds a device"), _("holds no device")),
    }


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.SEE_PUPILS)
def export_list(form: str) -> Response:
    """The same departures as a file."""
    shown = departures.with_columns(_filters(), current_scope())
    log.info("list_exported", list="departures", form=form, user_id=current_user.id)
    headings = [
        _("Family name"), _("Given name"), _("School"), _("UAI"), _("Class"), _("Left on"), _("Noticed on"),
        _("Where to"), _("Laptop"), _("4G hotspot"),
    ]  # fmt: skip
    return export(form, _("departures"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row["last_name"], row["first_name"], row["school"], row["uai"], row["class_name"], row["left_on"],
            row["noticed_at"], words("destination", row["destination"]), row["laptop"], row["hotspot"],
        ]  # fmt: skip
