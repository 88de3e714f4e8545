"""Devices: the list with its filters and files, and the page of one device with its story."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from flask_login import current_user

from tracker.models.custody import CustodyEvent
from tracker.queries import devices, stories
from tracker.queries.devices import ORDER, PROBLEM, DeviceFilter
from tracker.queries.pages import every_row
from tracker.queries.parcels import of_device
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.custody import DeviceKind, DeviceState, Holder, Movement
from tracker.rules.loans import may_still_undo
from tracker.web.access import current_scope, requires
from tracker.web.cases.parts import device_cases
from tracker.web.clock import now
from tracker.web.export import export
from tracker.web.intake import row_id
from tracker.web.lists import chosen, listed, typed
from tracker.web.render import page
from tracker.web.returns.device_part import device_return
from tracker.web.reuse.device_part import reuse_part
from tracker.web.sentences import words
from tracker.web.stories import device_entries, pupil_words

bp = Blueprint("devices", __name__, url_prefix="/devices")


@bp.get("/")
@requires(Permission.SEE_DEVICES)
def index() -> Response:
    """The devices that match the filters of the address."""
    filters, scope = _filters(), current_scope()
    matching = devices.listing(filters, scope)
    shown = devices.with_columns(matching, scope, name_pupils=_names_pupils())
    found = listed("devices", ORDER, matching, shown, asdict(filters))
    return page("devices/index.html", "rows", found=found, filters=filters, options=_options())


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.SEE_DEVICES)
def export_list(form: str) -> Response:
    """The same devices as a file."""
    scope = current_scope()
    shown = devices.with_columns(devices.listing(_filters(), scope), scope, name_pupils=_names_pupils())
    return export(form, _("devices"), _headings(), _cells(every_row(shown, ORDER)))


@bp.get("/<int:device_id>")
@requires(Permission.SEE_DEVICES)
def show(device_id: int) -> Response:
    """One device: the three facts apart, and its story."""
    scope = current_scope()
    device = devices.device_page(device_id, scope)
    if device is None:
        abort(404)
    story = stories.device_story(device, scope, name_pupils=_names_pupils())
    return page(
        "devices/show.html",
        device=device,
        names=story.names.pupils,
        pupil_words=pupil_words,
        story=device_entries(story),
        undoable=_undoable(story),
        back=device_return(device),
        reuse=reuse_part(device),
        problems=device_cases(device),
        parcels=of_device(device_id, scope) if current_user.may(Permission.RECEIVE_PARCELS) else [],
    )


def _undoable(story: stories.Story) -> CustodyEvent | None:
    """The hand-over that this person may take back for whoever recorded it: the device's last movement, of today."""
    if not current_user.may(Permission.UNDO_ANY) or not story.events:
        return None
    last = story.events[0]
    young = last.movement == Movement.HANDED_OVER and may_still_undo(last.at, now())
    return last if young and last.id not in story.elsewhere else None


def _names_pupils() -> bool:
    return current_user.may(Permission.SEE_PUPILS)


def _filters() -> DeviceFilter:
    return DeviceFilter(
        q=typed("q"),
        state=chosen("state", {*DeviceState, PROBLEM}),
        kind=chosen("kind", set(DeviceKind)),
        maker=typed("maker"),
        school=request.args.get("school", type=row_id),
        holder=chosen("holder", set(Holder)),
        answerable=chosen("answerable", {"yes", "no"}),
    )


def _options() -> dict[str, list[tuple[Any, str]]]:
    """The choices of each filter, everything first. Two queries."""
    states = [(state.value, words("state", state)) for state in DeviceState]
    return {
        "state": [("", _("All")), *states, (PROBLEM, _("lost, stolen or in repair"))],
        "kind": [("", _("All")), *((kind.value, words("kind", kind)) for kind in DeviceKind)],
        "holder": [("", _("Everywhere")), *((holder.value, words("holder", holder)) for holder in Holder)],
        "maker": [("", _("Any maker")), *((maker, maker) for maker in devices.makers())],
        "school": [("", _("All schools")), *school_choices(current_scope())],
        "answerable": [("", _("All")), ("yes", _("a pupil answers for it")), ("no", _("nobody answers for it"))],
    }


def _headings() -> list[str]:
    return [
        _("Serial number"), _("Tag"), _("Kind"), _("Maker"), _("Model"), _("IMEI"), _("ICCID"), _("State"),
        _("Held by"), _("School"), _("UAI"), _("Pupil"), _("Refurbished"),
    ]  # fmt: skip


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row["serial"], row["tag"], words("kind", row["kind"]), row["maker"], row["model"], row["imei"],
            row["iccid"], words("state", row["state"]), words("holder", row["holder"]), row["school"], row["uai"],
            f"{row['last_name']} {row['first_name']}" if row["pupil_id"] else "",
            _("yes") if row["refurbished"] else _("no"),
        ]  # fmt: skip
