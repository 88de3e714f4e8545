"""Stocktakes: their list, the page of one with the differences to settle, the end and its record."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.operations import stocktake_ends, stocktakes
from tracker.queries import stocktakes as counted
from tracker.queries.pages import every_row
from tracker.queries.schools import school_choices
from tracker.queries.stocktakes import LINES, ORDER, LineFilter, StocktakeFilter
from tracker.rules.access import Actor, Permission
from tracker.rules.custody import Custody, DeviceState, Holder
from tracker.rules.refusals import Refused
from tracker.rules.stocktakes import (
    DIFFERENCES,
    IN_LEDGER,
    WAYS,
    Finding,
    Place,
    Resolution,
    StocktakePlace,
    StocktakeState,
    way_refusal,
)
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, year_in_force
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.files import pdf_response, read_kept, storage
from tracker.web.intake import row_id
from tracker.web.language import moment
from tracker.web.lists import chosen, listed
from tracker.web.render import is_fragment, page
from tracker.web.sentences import refusal_sentence, words
from tracker.web.stocktakes.record import drawn_record
from tracker.web.stocktakes.words import figure_words, now_words, place_name, pupil_name, then_words

bp = Blueprint("stocktakes", __name__, url_prefix="/stocktakes")


@bp.get("/")
@requires(Permission.TAKE_STOCK)
def index() -> Response:
    """The stocktakes of the person's places, the newest first."""
    filters, scope = _filters(), current_scope()
    matching = counted.listing(filters, scope)
    found = listed("stocktakes", ORDER, matching, counted.with_columns(counted.listing(filters, scope)), vars(filters))
    return page(
        "stocktakes/index.html", "rows", found=found, filters=filters, place_name=place_name,
        options={
            "school": [("", _("All schools")), *school_choices(scope)],
            "state": [("", _("All"))] + [(each.value, words("stocktake", each)) for each in StocktakeState],
        },
    )  # fmt: skip


def _filters() -> StocktakeFilter:
    return StocktakeFilter(request.args.get("school", type=row_id), chosen("state", set(StocktakeState)))


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.TAKE_STOCK)
def export_list(form: str) -> Response:
    """The same stocktakes as a file."""
    shown = counted.with_columns(counted.listing(_filters(), current_scope()))
    headings = [
        _("Place"), _("State"), _("Started on"), _("By"), _("Expected"), _("Found"), _("Not settled"), _("Closed on"),
    ]  # fmt: skip
    return export(form, _("stocktakes"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            place_name(row), words("stocktake", row["state"]), row["started_at"], row["starter"], row["expected"],
            row["found"], row["open"], row["closed_at"],
        ]  # fmt: skip


@bp.get("/<int:stocktake_id>")
@requires(Permission.TAKE_STOCK)
def show(stocktake_id: int) -> Response:
    """A stocktake: its figures, what to do next, the differences to settle."""
    return _show(stocktake_id, "rows")


def _show(stocktake_id: int, block: str, *, status: int = 200, **said: Any) -> Response:
    scope = current_scope()
    stocktake = counted.stocktake_page(stocktake_id, scope) or abort(404)
    filters = _line_filters()
    lines, place, actor = counted.lines(stocktake_id, filters), _place(stocktake), current_actor()
    found = listed(
        "stocktakes", LINES, lines, counted.with_facts(lines, scope), vars(filters), index="show",
        export="export_lines", stocktake_id=stocktake_id,
    )  # fmt: skip
    return page(
        "stocktakes/show.html", block, status=status, stocktake=stocktake, place=place_name(stocktake),
        counts=counted.counts(stocktake_id), found=found, filters=filters, options=_line_options(),
        ways=lambda line: _ways(line, place, actor), then_words=then_words, now_words=now_words, pupil_name=pupil_name,
        figure_words=figure_words, **said,
    )  # fmt: skip


def _line_filters() -> LineFilter:
    return LineFilter(chosen("finding", set(Finding)), chosen("settled", {"yes", "no"}))


def _line_options() -> dict[str, list[tuple[str, str]]]:
    findings = [(each.value, words("finding", each)) for each in (*DIFFERENCES, Finding.FOUND)]
    return {
        "finding": [("", _("All differences")), *findings],
        "settled": [("", _("All")), ("no", _("not settled yet")), ("yes", _("settled"))],
    }


def _place(stocktake: dict[str, Any]) -> Place:
    return Place(StocktakePlace(stocktake["place"]), stocktake["school_id"], stocktake["class_name"])


def _ways(line: dict[str, Any], place: Place, actor: Actor) -> list[Resolution]:
    """The ways that this person may settle a line; what moved the device on record is settled for good."""
    if line["resolution"] in IN_LEDGER:
        return []
    finding, custody = Finding(line["finding"]), _custody_of(line) if line["device_id"] else None
    return [way for way in WAYS[finding] if not way_refusal(way, finding, custody, place, actor)]


def _custody_of(line: dict[str, Any]) -> Custody:
    """Where the device of a line is on record now and who answers for it, as the rules ask."""
    state, holder = DeviceState(line["state"]), Holder(line["now_holder"])
    return Custody(state, holder, line["now_school_id"], answerable=line["answerable"])


@bp.get("/<int:stocktake_id>/export.csv", defaults={"form": "csv"})
@bp.get("/<int:stocktake_id>/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.TAKE_STOCK)
def export_lines(stocktake_id: int, form: str) -> Response:
    """The same lines as a file."""
    scope = current_scope()
    if counted.stocktake_page(stocktake_id, scope) is None:
        abort(404)
    shown = counted.with_facts(counted.lines(stocktake_id, _line_filters()), scope)
    headings = [
        _("Code"), _("Model"), _("Finding"), _("On record when seen"), _("On record now"), _("Pupil"), _("Seen on"),
        _("Seen by"), _("Settled as"), _("Reason"), _("Settled by"),
    ]  # fmt: skip
    return export(form, _("stocktake"), headings, _line_cells(every_row(shown, LINES)))


def _line_cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row["code"], f"{row['maker']} {row['model']}" if row["maker"] else "", words("finding", row["finding"]),
            then_words(row) if row["holder"] else "", now_words(row), pupil_name(row), moment(row["seen_at"]),
            row["seen_by"], words("resolution", row["resolution"]) if row["resolution"] else "", row["reason"],
            row["resolved_by"],
        ]  # fmt: skip


@bp.post("/<int:stocktake_id>/lines/<int:line_id>")
@requires(Permission.TAKE_STOCK)
def settle(stocktake_id: int, line_id: int) -> Response:
    """Settle one difference, the way that was chosen, with its reason."""
    way, reason = request.form.get("way", ""), request.form.get("reason", "")
    try:
        if way not in set(Resolution):
            raise Refused("stocktake_no_such_way")
        stocktake_ends.resolve(stocktake_id, line_id, Resolution(way), reason, actor=current_actor(), now=now())
    except Refused as refused:
        if refused.code == "not_found":
            raise
        said = {"error": refusal_sentence(refused), "of_line": line_id, "way": way, "reason": reason}
        return _show(stocktake_id, "body", status=422, **said)
    return _done(stocktake_id, _("Settled."), settled=line_id)


@bp.post("/<int:stocktake_id>/pause")
@requires(Permission.TAKE_STOCK)
def pause(stocktake_id: int) -> Response:
    """Rest: nobody scans until it goes on."""
    return _act(stocktake_id, lambda: stocktakes.pause(stocktake_id, actor=current_actor(), now=now()), _("Paused."))


@bp.post("/<int:stocktake_id>/go-on")
@requires(Permission.TAKE_STOCK)
def go_on(stocktake_id: int) -> Response:
    """Go on where it was left, at the desk."""
    try:
        moved = stocktakes.go_on(stocktake_id, year=year_in_force(), actor=current_actor(), now=now())
    except Refused as refused:
        return _refused(stocktake_id, refused)
    if moved:
        flash(
            ngettext(
                "%(num)s device left this place on record meanwhile: nobody looks for it.",
                "%(num)s devices left this place on record meanwhile: nobody looks for them.",
                moved,
            ),
            "info",
        )
    return _go(url_for("stocktake_desk.desk_page", stocktake_id=stocktake_id))


@bp.post("/<int:stocktake_id>/discard")
@requires(Permission.TAKE_STOCK)
def discard(stocktake_id: int) -> Response:
    """Started by mistake: gone, as long as nothing was scanned."""
    try:
        stocktakes.discard(stocktake_id, actor=current_actor(), now=now())
    except Refused as refused:
        return _refused(stocktake_id, refused)
    flash(_("Discarded: nothing of it is left."), "success")
    return _go(url_for("stocktakes.index"))


@bp.post("/<int:stocktake_id>/close")
@requires(Permission.TAKE_STOCK)
def close(stocktake_id: int) -> Response:
    """The end, with its record; differences that stay open need a reason."""
    reason = request.form.get("reason", "")

    def act() -> None:
        stocktake_ends.close(stocktake_id, reason, year=year_in_force(), actor=current_actor(), now=now())
        _keep_record(stocktake_id)

    return _act(stocktake_id, act, _("Closed. The record is kept and can be printed."), closing=reason)


@bp.post("/<int:stocktake_id>/record")
@requires(Permission.TAKE_STOCK)
def make_record(stocktake_id: int) -> Response:
    """The record once more, where drawing it failed when the stocktake was closed."""
    return _act(stocktake_id, lambda: _keep_record(stocktake_id), _("The record is kept and can be printed."))


def _keep_record(stocktake_id: int) -> str:
    return stocktake_ends.keep_record(
        stocktake_id, lambda: drawn_record(stocktake_id, current_scope()), storage=storage(), actor=current_actor(),
        now=now(),
    )  # fmt: skip


@bp.get("/<int:stocktake_id>/record.pdf")
@requires(Permission.TAKE_STOCK)
def record(stocktake_id: int) -> Response:
    """The record as it was kept."""
    found = counted.stocktake_page(stocktake_id, current_scope())
    if found is None or not found["record"]:
        abort(404)
    return pdf_response(read_kept(found["record"]), f"inventaire-{stocktake_id}")


def _act(stocktake_id: int, act: Callable[[], Any], said: str, **kept: Any) -> Response:
    try:
        act()
    except Refused as refused:
        return _refused(stocktake_id, refused, **kept)
    return _done(stocktake_id, said)


def _refused(stocktake_id: int, refused: Refused, **kept: Any) -> Response:
    if refused.code == "not_found":
        raise refused
    return _show(stocktake_id, "body", status=422, error=refusal_sentence(refused), **kept)


def _done(stocktake_id: int, said: str, **kept: Any) -> Response:
    flash(said, "success")
    if is_fragment():
        return _show(stocktake_id, "body", **kept)
    filters = {name: value for name, value in vars(_line_filters()).items() if value}
    return see_other(url_for("stocktakes.show", stocktake_id=stocktake_id, **filters))


def _go(target: str) -> Response:
    """To another page, for htmx too: the desk has a frame of its own."""
    if is_fragment():
        return Response(status=204, headers={"HX-Redirect": target})
    return see_other(target)
