"""Parcels: the list with its filters and files, the page of one parcel with its story and the one next step."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from tracker.carriers.carrier import Carrier
from tracker.carriers.choice import open_carriers
from tracker.models.parcels import Parcel
from tracker.operations import parcels as acts
from tracker.operations.carrier_labels import kept_label, request_label
from tracker.operations.tracking import set_tracking
from tracker.queries import parcels
from tracker.queries.campaigns import settings_in_force
from tracker.queries.pages import every_row
from tracker.queries.parcels import ORDER, OVERDUE, ParcelFilter, Patience
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.addresses import Address, printed_lines
from tracker.rules.parcels import OWN_CARRIER, ParcelKind, ParcelState, is_overdue
from tracker.rules.refusals import Refused
from tracker.rules.sscc import spelled
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.files import pdf_response, storage
from tracker.web.intake import row_id
from tracker.web.language import moment
from tracker.web.lists import chosen, in_address, listed, typed
from tracker.web.parcels.labels import FORMS, labels_file
from tracker.web.parcels.words import CARRIERS, carrier_name
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, words
from tracker.web.stories import Entry

bp = Blueprint("parcels", __name__, url_prefix="/parcels")


@bp.get("/")
@requires(Permission.RECEIVE_PARCELS)
def index() -> Response:
    """The parcels that match the filters of the address."""
    filters, scope, patience = _filters(), current_scope(), _patience()
    matching = parcels.listing(filters, scope, patience)
    shown = parcels.with_columns(matching, scope, name_pupils=_names_pupils())
    found = listed("parcels", ORDER, matching, shown, asdict(filters))
    late = {row["id"] for row in found.rows if _is_late(row, patience)}
    return page(
        "parcels/index.html", "rows", found=found, filters=filters, options=_options(), late=late,
        address=in_address(filters), carrier_name=carrier_name,
    )  # fmt: skip


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.RECEIVE_PARCELS)
def export_list(form: str) -> Response:
    """The same parcels as a file."""
    scope = current_scope()
    shown = parcels.with_columns(parcels.listing(_filters(), scope, _patience()), scope, name_pupils=_names_pupils())
    return export(form, _("parcels"), _headings(), _cells(every_row(shown, ORDER)))


@bp.get("/labels")
@requires(Permission.RECEIVE_PARCELS)
def labels() -> Response:
    """The labels of all parcels that match the filters, in one file: a PDF or ZPL."""
    matching = parcels.listing(_filters(), current_scope(), _patience())
    return _labels(Parcel.id.in_(matching), "etiquettes-colis") or _back(_("No label to print for these filters."))


@bp.get("/<int:parcel_id>/label")
@requires(Permission.RECEIVE_PARCELS)
def label(parcel_id: int) -> Response:
    """The label of one parcel."""
    return _labels(Parcel.id == parcel_id, f"etiquette-colis-{parcel_id}") or abort(404)


def _labels(condition: Any, name: str) -> Response | None:
    form = request.args.get("form", "")
    return labels_file(condition, form if form in FORMS else FORMS[0], current_scope(), name)


def _back(sentence: str) -> Response:
    flash(sentence, "error")
    return see_other(url_for("parcels.index", **in_address(_filters())))


@bp.get("/<int:parcel_id>/carrier-label")
@requires(Permission.RECEIVE_PARCELS)
def carrier_label(parcel_id: int) -> Response:
    """The label that the carrier drew."""
    file = kept_label(parcel_id, current_scope(), storage())
    if file is None:
        abort(404)
    with file:
        return pdf_response(file.read(), f"etiquette-transporteur-{parcel_id}")


@bp.get("/<int:parcel_id>")
@requires(Permission.RECEIVE_PARCELS)
def show(parcel_id: int) -> Response:
    """One parcel: where it goes, what is in it, its story."""
    return _page(parcel_id)


def _page(parcel_id: int, refused: Refused | None = None) -> Response:
    scope = current_scope()
    parcel = parcels.parcel_page(parcel_id, scope, name_pupils=_names_pupils())
    if parcel is None:
        abort(404)
    contents = parcels.contents_of(parcel_id)
    return page(
        "parcels/show.html",
        status=422 if refused else 200,
        parcel=parcel,
        contents=contents,
        missing=[each for each in contents if each["arrived_at"] is None],
        sender=printed_lines(Address(**parcel["sender"])),
        recipient=printed_lines(Address(**parcel["recipient"])),
        reference=spelled(parcel["reference"]),
        late=_is_late(parcel, _patience()),
        may_send=_may_send(parcel),
        story=_story(parcel),
        problem=refusal_sentence(refused) if refused else "",
        typed=request.form.get("tracking", parcel["tracking"]),
        carriers=_carriers(parcel),
        carrier_name=carrier_name,
        covers=scope.covers,
    )


@bp.post("/<int:parcel_id>/ship")
@requires(Permission.RECEIVE_PARCELS)
def ship(parcel_id: int) -> Response:
    """The carrier has it."""
    return _act(parcel_id, lambda: acts.ship([parcel_id], actor=current_actor(), now=now()), _("On its way."))


@bp.post("/<int:parcel_id>/take-back")
@requires(Permission.RECEIVE_PARCELS)
def take_back(parcel_id: int) -> Response:
    """It was not given to the carrier after all."""
    return _act(parcel_id, lambda: acts.take_back(parcel_id, actor=current_actor(), now=now()), _("Prepared again."))


@bp.post("/<int:parcel_id>/cancel")
@requires(Permission.RECEIVE_PARCELS)
def cancel(parcel_id: int) -> Response:
    """It is not sent: its devices are where they were."""
    said = _("Cancelled: its devices are where they were before.")
    return _act(parcel_id, lambda: acts.cancel(parcel_id, actor=current_actor(), now=now()), said)


@bp.post("/<int:parcel_id>/incomplete")
@requires(Permission.RECEIVE_PARCELS)
def incomplete(parcel_id: int) -> Response:
    """Received, and something was missing in it."""
    arrived = {each["id"] for each in parcels.contents_of(parcel_id) if each["arrived_at"]}
    said = _("Received. What is missing stays on this page: logistics follows it up.")
    return _act(parcel_id, lambda: acts.receive(parcel_id, device_ids=arrived, actor=current_actor(), now=now()), said)


@bp.post("/<int:parcel_id>/tracking")
@requires(Permission.RECEIVE_PARCELS)
def tracking(parcel_id: int) -> Response:
    """The carrier's number, written down by hand."""
    text = request.form.get("tracking", "")
    return _act(parcel_id, lambda: set_tracking(parcel_id, text, actor=current_actor(), now=now()), _("Recorded."))


@bp.post("/<int:parcel_id>/carrier")
@requires(Permission.RECEIVE_PARCELS)
def ask_carrier(parcel_id: int) -> Response:
    """Ask the carrier of the settings for its label and number."""
    name = request.form.get("carrier", "")
    said = _("The carrier has given its label and its number.")
    return _act(parcel_id, lambda: _ask(parcel_id, name), said)


def _ask(parcel_id: int, name: str) -> None:
    request_label(parcel_id, name, carriers=_known_carriers(), storage=storage(), actor=current_actor(), now=now())


def _act(parcel_id: int, act: Any, said: str) -> Response:
    """Do it and show the parcel anew; refused, the same page says why."""
    try:
        act()
    except Refused as refused:
        if refused.code in ("not_found", "not_allowed"):
            abort(404)
        return _page(parcel_id, refused)
    flash(said, "success")
    return see_other(url_for("parcels.show", parcel_id=parcel_id))


def _may_send(parcel: dict[str, Any]) -> bool:
    """A school sends its own returns; everything else is logistics'."""
    returns = parcel["kind"] == ParcelKind.RETURN and current_user.may(Permission.SEND_RETURNS)
    return returns or current_user.may(Permission.MANAGE_PARCELS)


def _carriers(parcel: dict[str, Any]) -> list[tuple[str, str]]:
    """The carriers that may be asked for a label of this parcel."""
    if parcel["state"] != ParcelState.PREPARED or not _may_send(parcel) or parcel["label"]:
        return []
    return [(name, carrier_name(name)) for name in _known_carriers() if name != OWN_CARRIER]


def _known_carriers() -> dict[str, Carrier]:
    return open_carriers(current_app.extensions["settings"])


def _names_pupils() -> bool:
    return current_user.may(Permission.SEE_PUPILS)


def _patience() -> Patience:
    return Patience(now(), settings_in_force(today())["parcel_overdue_days"])


def _is_late(row: dict[str, Any], patience: Patience) -> bool:
    return is_overdue(ParcelState(row["state"]), row["shipped_at"], patience.days, patience.now)


def _story(parcel: dict[str, Any]) -> list[Entry]:
    """What happened to the parcel, the newest first."""
    steps = (
        (parcel["closed_at"], words("parcel", parcel["state"]), "", "circle-check", "ok"),
        (parcel["received_at"], _("Received"), parcel["opened_by"], "truck-delivery", "ok"),
        (parcel["shipped_at"], _("Given to the carrier"), parcel["sent_by"], "truck", "neutral"),
        (parcel["created_at"], _("Prepared"), parcel["packed_by"], "package", "neutral"),
    )
    return [_entry(*step) for step in steps if step[0]]


def _entry(at: datetime, title: str, who: str | None, sign: str, tone_of: str) -> Entry:
    return Entry(title[:1].upper() + title[1:], moment(at), at.isoformat(), who=who or "", sign=sign, tone=tone_of)


def _filters() -> ParcelFilter:
    return ParcelFilter(
        q=typed("q"),
        kind=chosen("kind", set(ParcelKind)),
        state=chosen("state", {*ParcelState, OVERDUE}),
        school=request.args.get("school", type=row_id),
        carrier=chosen("carrier", set(CARRIERS)),
    )


def _options() -> dict[str, list[tuple[Any, str]]]:
    """The choices of each filter, everything first. One query."""
    return {
        "kind": [("", _("All")), *((kind.value, words("parcel_kind", kind)) for kind in ParcelKind)],
        "state": [
            ("", _("All")), *((state.value, words("parcel", state)) for state in ParcelState), (OVERDUE, _("overdue"))
        ],
        "carrier": [("", _("All")), *((name, carrier_name(name)) for name in CARRIERS)],
        "school": [("", _("All schools")), *school_choices(current_scope())],
    }  # fmt: skip


def _headings() -> list[str]:
    return [
        _("Reference (SSCC)"), _("Kind"), _("State"), _("School"), _("UAI"), _("Pupil"), _("Devices"), _("Carrier"),
        _("Tracking number"), _("Prepared on"), _("Given to the carrier on"), _("Received on"),
    ]  # fmt: skip


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row["reference"], words("parcel_kind", row["kind"]), words("parcel", row["state"]), row["school_name"],
            row["uai"], f"{row['last_name']} {row['first_name']}" if row["pupil_id"] else "", row["devices"],
            carrier_name(row["carrier"]), row["tracking"], row["created_at"], row["shipped_at"], row["received_at"],
        ]  # fmt: skip
