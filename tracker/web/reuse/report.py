"""What became of devices in a year, counted and weighed, for the Région (U1)."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from tracker.queries import reuse
from tracker.rules.access import Permission
from tracker.web.access import requires
from tracker.web.clock import today
from tracker.web.export import export
from tracker.web.render import page
from tracker.web.sentences import words

bp = Blueprint("reuse_report", __name__, url_prefix="/reuse/report")


@bp.get("/")
@requires(Permission.MANAGE_REUSE)
def index() -> Response:
    """The figures of one year; the links to the files and to the proofs behind them."""
    year = _year()
    return page(
        "reuse/report.html", "figures", year=year, years=_years(), became=reuse.became(year),
        weighed=reuse.weighed(year),
    )  # fmt: skip


def _years() -> list[tuple[int, str]]:
    this_year = today().year
    first = min(reuse.first_year() or this_year, this_year)
    return [(year, str(year)) for year in range(this_year, first - 1, -1)]


def _year() -> int:
    asked = request.args.get("year", type=int) or today().year
    return min(max(asked, 2000), today().year)


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.MANAGE_REUSE)
def export_list(form: str) -> Response:
    """The same figures as a file."""
    year = _year()
    headings = [_("Year"), _("What"), _("Laptops"), _("Hotspots"), _("Devices"), _("Batches"), _("Weight (kg)")]
    return export(form, _("reuse-report"), headings, _cells(year))


def _cells(year: int) -> Iterator[list[Any]]:
    for each in reuse.became(year):
        yield [year, words("way", each.way), each.laptops, each.hotspots, each.laptops + each.hotspots, None, None]
    for batch in reuse.weighed(year):
        name = _("Closed batches: %(kind)s", kind=words("batch_kind", batch.kind))
        yield [year, name, None, None, batch.devices, batch.batches, batch.weight / 1000 if batch.weight else None]
