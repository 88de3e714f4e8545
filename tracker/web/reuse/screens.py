"""Reuse: the devices in the warehouse that wait for a decision or a partner, and where each goes next (U1)."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.operations import reuse as operations
from tracker.operations.batches import add_devices
from tracker.queries import batches, devices, reuse
from tracker.queries.batches import code_of
from tracker.queries.pages import every_row
from tracker.queries.reuse import ORDER, WaitingFilter
from tracker.rules.access import Permission
from tracker.rules.custody import DeviceKind
from tracker.rules.refusals import Refused
from tracker.rules.returns import NextPlace
from tracker.rules.reuse import MAY_BE_SORTED
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.intake import row_id, storable
from tracker.web.lists import chosen, in_address, listed, typed, yes_no
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, words

bp = Blueprint("reuse", __name__, url_prefix="/reuse")


@bp.get("/")
@requires(Permission.MANAGE_REUSE)
def index() -> Response:
    """What waits in the warehouse, narrowed by the filters of the address."""
    return _index(_filters())


def _index(filters: WaitingFilter, *, error: str = "", status: int = 200, **typed_in: Any) -> Response:
    matching = reuse.listing(filters)
    found = listed("reuse", ORDER, matching, reuse.with_columns(matching), vars(filters))
    return page(
        "reuse/index.html", "rows", status=status, found=found, filters=filters, options=_options(),
        address=in_address(filters), counts=reuse.counts(), states=MAY_BE_SORTED, open_batches=batches.open_batches(),
        code_of=code_of, places=list(NextPlace), error=error, typed_in=typed_in,
    )  # fmt: skip


def _filters() -> WaitingFilter:
    return WaitingFilter(
        chosen("state", set(MAY_BE_SORTED)), chosen("kind", set(DeviceKind)), typed("maker"),
        chosen("erased", {"yes", "no"}), chosen("batch", {"yes", "no"}), typed("q"),
    )  # fmt: skip


def _options() -> dict[str, list[tuple[Any, str]]]:
    return {
        "state": [("", _("All")), *((each.value, words("reuse_state", each)) for each in MAY_BE_SORTED)],
        "kind": [("", _("All")), *((each.value, words("kind", each)) for each in DeviceKind)],
        "maker": [("", _("Any maker")), *((maker, maker) for maker in devices.makers())],
        "erased": yes_no(_("All"), _("erased, or never lent"), _("not said yet")),
        "batch": yes_no(_("All"), _("in a batch"), _("in no batch yet")),
    }


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.MANAGE_REUSE)
def export_list(form: str) -> Response:
    """The same devices as a file."""
    shown = reuse.with_columns(reuse.listing(_filters()))
    headings = [
        _("Serial number"), _("Kind"), _("Maker"), _("Model"), _("State"), _("Since"), _("Why"), _("Data erased"),
        _("Set aside for a pupil"), _("Batch"),
    ]  # fmt: skip
    return export(form, _("reuse"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row["serial"], words("kind", row["kind"]), row["maker"], row["model"], words("state", row["state"]),
            row["since"], row["reason"], _("yes") if row["erased"] else _("no"),
            _("yes") if row["promised"] else _("no"), code_of(row["batch_id"]) if row["batch_id"] else "",
        ]  # fmt: skip


@bp.post("/selection")
@requires(Permission.MANAGE_REUSE)
def selection() -> Response:
    """What is done with the chosen devices: their next place, data erased, into a batch. All of them or none."""
    filters = _filters()
    try:
        done = _do(_selected(filters))
    except Refused as found:
        sentence = refusal_sentence(found)
        return _index(filters, error=sentence, status=422, reason=storable(request.form.get("reason", "")))
    flash(done, "success")
    return see_other(url_for("reuse.index", **in_address(filters)))


def _selected(filters: WaitingFilter) -> list[int]:
    """The ticked devices, or everything that the filters show."""
    if request.form.get("everything"):
        return reuse.selected(reuse.listing(filters), operations.MOST_AT_ONCE)
    return request.form.getlist("device", type=row_id)


def _do(device_ids: list[int]) -> str:
    who, moment, action = current_actor(), now(), request.form.get("do", "")
    if action == "erased":
        count = operations.say_erased(device_ids, actor=who, now=moment)
        return ngettext("Data erased: %(num)s device.", "Data erased: %(num)s devices.", count)
    if action == "batch":
        batch_id = request.form.get("batch_id", type=row_id)
        count = add_devices(batch_id or 0, device_ids, actor=who, now=moment)
        return ngettext("%(num)s device put into the batch.", "%(num)s devices put into the batch.", count)
    place, reason = request.form.get("place", ""), storable(request.form.get("reason", ""))
    if place not in set(NextPlace):
        raise Refused("place_missing")
    count = operations.triage(device_ids, NextPlace(place), reason=reason, actor=who, now=moment)
    return ngettext("Next place decided for %(num)s device.", "Next place decided for %(num)s devices.", count)


@bp.post("/device/<int:device_id>")
@requires(Permission.MANAGE_REUSE)
def one_device(device_id: int) -> Response:
    """The same for the device of an open page, and back to it."""
    if devices.device_page(device_id, current_scope()) is None:
        abort(404)
    try:
        flash(_do([device_id]), "success")
    except Refused as found:
        flash(refusal_sentence(found), "error")
    return see_other(url_for("devices.show", device_id=device_id))
