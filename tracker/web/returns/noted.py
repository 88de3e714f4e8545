"""Noted devices that are nobody's on record: the list of what waits to be settled, and of what became of the others."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from tracker.operations.noted_devices import desks_of
from tracker.queries import noted_devices
from tracker.queries.noted_devices import ALL, ORDER, SETTLED, NotedFilter
from tracker.queries.pages import every_row
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.export import export
from tracker.web.intake import row_id
from tracker.web.lists import chosen, listed, typed
from tracker.web.render import page
from tracker.web.sentences import words

bp = Blueprint("noted_devices", __name__, url_prefix="/returns/noted")


@bp.get("/")
@requires(Permission.SEND_RETURNS)
def index() -> Response:
    """The noted devices that match the filters of the address, the newest first."""
    filters = _filters()
    matching = noted_devices.listing(filters, desks_of(current_actor()))
    shown = noted_devices.with_columns(matching, current_scope())
    found = listed("noted_devices", ORDER, matching, shown, asdict(filters))
    return page("returns_desk/noted.html", "rows", found=found, filters=filters, options=_options())


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.SEND_RETURNS)
def export_list(form: str) -> Response:
    """The same as a file."""
    matching = noted_devices.listing(_filters(), desks_of(current_actor()))
    shown = noted_devices.with_columns(matching, current_scope())
    headings = [
        _("Serial number"), _("What it is"), _("Where"), _("UAI"), _("Noted"), _("By whom"), _("Note"),
        _("What became of it"), _("Settled"), _("Settled by"),
    ]  # fmt: skip
    return export(form, _("noted-devices"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        outcome = words("stranger_outcome", row["outcome"]) if row["outcome"] else ""
        yield [
            row["serial"], words("stranger", row["stranger"]), row["school"] or _("Warehouse"), row["uai"],
            row["received_at"], row["noted_by"], row["note"], outcome, row["settled_at"], row["settled_by"],
        ]  # fmt: skip


def _filters() -> NotedFilter:
    return NotedFilter(
        q=typed("q"), school=request.args.get("school", type=row_id), state=chosen("state", {SETTLED, ALL}),
    )  # fmt: skip


def _options() -> dict[str, list[tuple[Any, str]]]:
    """The choices of each filter. One query."""
    return {
        "school": [("", _("All schools")), *school_choices(current_scope())],
        "state": [("", _("to be settled")), (SETTLED, _("settled")), (ALL, _("All"))],
    }
