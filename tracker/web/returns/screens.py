"""Devices that must come back: the list, what is late, and what is done about one or many of them (L6, L7)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker import jobs
from tracker.operations import expected_returns as operations
from tracker.operations.links import Links
from tracker.operations.return_post import prepare_return, prepare_returns
from tracker.operations.return_reminders import Written, write_to_families
from tracker.queries import expected_returns
from tracker.queries.expected_returns import ORDER, ReturnFilter
from tracker.queries.pages import every_row
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.expected_returns import BY_HAND, Standing, is_overdue
from tracker.rules.recipients import Unreachable
from tracker.rules.refusals import Refused
from tracker.rules.returns import ReturnReason
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.intake import row_id
from tracker.web.lists import chosen, in_address, listed, typed
from tracker.web.render import page
from tracker.web.returns.labels import return_labels
from tracker.web.sentences import refusal_sentence, words

bp = Blueprint("returns", __name__, url_prefix="/returns")
_NARROW = (Standing.OVERDUE, Standing.HANDED_IN, Standing.CLOSED)


@bp.get("/")
@requires(Permission.SEND_RETURNS)
def index() -> Response:
    """What is expected back and matches the filters of the address; the longest due first."""
    filters, scope = _filters(), current_scope()
    matching = expected_returns.listing(filters, scope, today())
    shown = expected_returns.with_columns(matching, scope)
    return page(
        "returns/index.html", "rows", found=listed("returns", ORDER, matching, shown, in_address(filters)),
        filters=filters, hidden=in_address(filters), options=_options(filters),
        figures=expected_returns.figures(scope, today()), is_late=lambda row: is_overdue(row["due_on"], today()),
    )  # fmt: skip


def _filters() -> ReturnFilter:
    return ReturnFilter(
        school=request.values.get("school", type=row_id),
        class_name=typed("class") or request.form.get("class", "").strip()[:100],
        standing=_one("standing", set(Standing)), reason=_one("reason", set(ReturnReason)),
    )  # fmt: skip


def _one(name: str, allowed: set[Any]) -> str:
    """A filter, of the address or of the form that acts on what it shows."""
    sent = request.form.get(name, "")
    return chosen(name, allowed) or (sent if sent in allowed else "")


def _options(filters: ReturnFilter) -> dict[str, list[tuple[Any, str]]]:
    schools = school_choices(current_scope())
    one = filters.school or (schools[0][0] if len(schools) == 1 else None)
    classes = expected_returns.classes_of(one, current_scope()) if one else []
    return {
        "school": [("", _("All schools")), *schools],
        "class": [("", _("All classes")), *((each, each) for each in classes)],
        "standing": [
            ("", _("All that is expected")),
            *((each.value, words("return_standing", each)) for each in _NARROW),
        ],
        "reason": [("", _("All")), *((reason.value, words("return_reason", reason)) for reason in ReturnReason)],
    }


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.SEND_RETURNS)
def export_list(form: str) -> Response:
    """The same returns as a file."""
    scope = current_scope()
    shown = expected_returns.with_columns(expected_returns.listing(_filters(), scope, today()), scope)
    headings = [
        _("Serial number"), _("Kind"), _("Maker"), _("Model"), _("Family name"), _("Given name"), _("School"),
        _("UAI"), _("Class"), _("Why"), _("Due by"), _("Last mail"), _("At the school, says the family"), _("Parcel"),
        _("Closed on"), _("Why closed"),
    ]  # fmt: skip
    return export(form, _("returns"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row["serial"], words("kind", row["kind"]), row["maker"], row["model"], row["last_name"], row["first_name"],
            row["school"], row["uai"], row["class_name"], words("return_reason", row["reason"]), row["due_on"],
            row["written_at"], row["handed_in_at"], row["reference"], row["closed_at"], closed_words(row),
        ]  # fmt: skip


def closed_words(row: dict[str, Any]) -> str:
    """How a return ended; empty while it is expected."""
    if not row["closed_at"]:
        return ""
    return _("it came back") if row["came_back"] else row["closed_because"] or _("not expected any more")


@bp.post("/labels")
@requires(Permission.SEND_RETURNS)
def labels() -> Response:
    """Rules L4, L6. The labels of what is ticked, or of all that the filters show, in one PDF; made once."""
    done = prepare_returns(_selected(), actor=current_actor(), now=now())
    for serial, refused in done.refused.items():
        flash(_("No label for %(serial)s: %(why)s", serial=serial, why=refusal_sentence(refused)), "error")
    return return_labels(done.parcels, request.form.get("form", ""))


@bp.post("/write")
@requires(Permission.SEND_RETURNS)
def write_to_selection() -> Response:
    """Rule L7. A mail to the families of what is ticked, or of all that the filters show."""
    wanted = _selected(still_out=_filters().standing != Standing.HANDED_IN)
    if not wanted:
        flash(_("Nobody was written to: the families say that the school has these devices."), "warning")
        return _back_to_list()
    _flash_written(write_to_families(wanted, links=_links(), actor=current_actor(), now=now()))
    jobs.deliver_soon(_settings())
    return _back_to_list()


def _selected(*, still_out: bool = False) -> list[int]:
    """What is ticked; nothing ticked: all that the filters show.

    `still_out`: not those whose family says that the school has it. Whoever doubts that ticks them or filters them.
    """
    ticked = request.form.getlist("expected", type=row_id)
    return ticked or expected_returns.selected(_filters(), current_scope(), today(), still_out=still_out)


def _flash_written(written: Written) -> None:
    if written.mails:
        flash(ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", written.mails), "success")
    if written.waiting:
        flash(ngettext("%(num)s address was written to today already: one mail a day at most.",
                       "%(num)s addresses were written to today already: one mail a day at most.",
                       written.waiting), "warning")  # fmt: skip
    reasons = list(written.unreachable.values())
    died = reasons.count(Unreachable.DECEASED)
    if died:
        flash(ngettext("%(num)s pupil died: nothing is sent (rule L5).",
                       "%(num)s pupils died: nothing is sent (rule L5).", died), "warning")  # fmt: skip
    if len(reasons) > died:
        flash(ngettext("%(num)s pupil has nobody whom a mail reaches: call.",
                       "%(num)s pupils have nobody whom a mail reaches: call.",
                       len(reasons) - died), "warning")  # fmt: skip


def _back_to_list() -> Response:
    return see_other(url_for("returns.index", **in_address(_filters())))


@bp.post("/device/<int:device_id>")
@requires(Permission.SEND_RETURNS)
def ask_back(device_id: int) -> Response:
    """Rule L7. A lent device must come back, for no departure and no case."""
    if not expected_returns.may_ask_back(device_id, current_scope()):
        abort(404)
    asked = operations.ask_for_return(device_id, _reason(), due_on=_due_on(), actor=current_actor(), now=now())
    flash(_("This device is expected back."), "success")
    return _back_to_device(asked.device_id)


def _reason() -> ReturnReason:
    sent = request.form.get("reason", "")
    if sent not in set(BY_HAND):
        raise Refused("return_reason_wrong", rule="L7")
    return ReturnReason(sent)


def _due_on() -> date:
    try:
        return date.fromisoformat(request.form.get("due_on", ""))
    except ValueError:
        raise Refused("due_not_a_day", rule="L7") from None


@bp.post("/<int:expected_id>/label")
@requires(Permission.SEND_RETURNS)
def make_label(expected_id: int) -> Response:
    """Rule L6. One click: the parcel with its label; pressed again it is the same one."""
    device_id = _device_or_404(expected_id)
    prepare_return(expected_id, actor=current_actor(), now=now())
    flash(_("The label is ready: print it below."), "success")
    return _back_to_device(device_id)


@bp.get("/<int:expected_id>/label/<form>")
@requires(Permission.SEND_RETURNS)
def label(expected_id: int, form: str) -> Response:
    """The label that was made: PDF on A4 with what to do, PDF of 10 × 15 cm, or ZPL."""
    parcel = expected_returns.parcel_of(expected_id, current_scope())
    if parcel is None:
        abort(404)
    return return_labels([parcel], form)


@bp.post("/<int:expected_id>/write")
@requires(Permission.SEND_RETURNS)
def write(expected_id: int) -> Response:
    """Rule L7. A mail with the personal link to the family of this device."""
    device_id = _device_or_404(expected_id)
    _flash_written(write_to_families([expected_id], links=_links(), actor=current_actor(), now=now()))
    jobs.deliver_soon(_settings())
    return _back_to_device(device_id)


@bp.post("/<int:expected_id>/close")
@requires(Permission.SEND_RETURNS)
def close(expected_id: int) -> Response:
    """Rule L7. Nobody waits for it any more, with the reason on record."""
    device_id = _device_or_404(expected_id)
    operations.give_up_return(expected_id, request.form.get("because", ""), actor=current_actor(), now=now())
    flash(_("This device is not expected any more. The loan goes on."), "success")
    return _back_to_device(device_id)


def _device_or_404(expected_id: int) -> int:
    """Another school's return is not there."""
    return expected_returns.device_of(expected_id, current_scope()) or abort(404)


def _back_to_device(device_id: int) -> Response:
    return see_other(url_for("devices.show", device_id=device_id))


def _links() -> Links:
    settings = _settings()
    return Links(settings.signing_key(), settings.public_url.rstrip("/"))


def _settings() -> Any:
    return current_app.extensions["settings"]
