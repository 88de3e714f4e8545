"""Cases: breakdown, damage, theft, loss, a missing device seen again; the list, one case, its steps (R1 to R4)."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _

from tracker.operations import case_decisions as decisions
from tracker.operations import cases as operations
from tracker.queries import cases
from tracker.queries.campaigns import settings_in_force
from tracker.queries.cases import OVER, OVERDUE, CaseFilter
from tracker.queries.pages import every_row
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.cases import ENDED, CaseKind, CaseState, Step, is_overdue
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.cases.page import case_or_404, case_page, lasting, late_before
from tracker.web.cases.reports import device_of_form
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.intake import row_id
from tracker.web.lists import chosen, in_address, listed
from tracker.web.render import page
from tracker.web.sentences import words

bp = Blueprint("cases", __name__, url_prefix="/cases")
_OPEN_STATES = tuple(state for state in CaseState if state not in ENDED)


@bp.get("/")
@requires(Permission.OPEN_CASES)
def index() -> Response:
    """The cases that match the filters of the address; what waits for longest first."""
    filters, scope, late = _filters(), current_scope(), late_before()
    matching = cases.listing(filters, scope, late)
    found = listed("cases", filters.order, matching, cases.with_columns(matching, scope), in_address(filters))
    return page(
        "cases/index.html", "rows", found=found, filters=filters, options=_options(), states=_OPEN_STATES,
        figures=cases.figures(scope, late), is_late=lambda row: not row["closed_at"] and row["state_since"] < late,
        lasting=lambda row: lasting(row["state_since"], now()), overdue=OVERDUE, over=OVER,
    )  # fmt: skip


def _filters() -> CaseFilter:
    return CaseFilter(
        school=request.args.get("school", type=row_id), kind=chosen("kind", set(CaseKind)),
        state=chosen("state", {*CaseState, OVERDUE, OVER}),
    )  # fmt: skip


def _options() -> dict[str, list[tuple[Any, str]]]:
    states = [(state.value, words("case", state)) for state in _OPEN_STATES]
    return {
        "school": [("", _("All schools")), *school_choices(current_scope())],
        "kind": [("", _("All")), *((kind.value, words("case_kind", kind)) for kind in CaseKind)],
        "state": [("", _("All open ones")), (OVERDUE, _("overdue")), *states, (OVER, _("closed or refused"))],
    }


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.OPEN_CASES)
def export_list(form: str) -> Response:
    """The same cases as a file."""
    filters, scope = _filters(), current_scope()
    shown = cases.with_columns(cases.listing(filters, scope, late_before()), scope)
    headings = [
        _("Case"), _("What happened"), _("Serial number"), _("Kind"), _("Maker"), _("Model"), _("Family name"),
        _("Given name"), _("School"), _("UAI"), _("Opened on"), _("State"), _("In this state since"), _("Overdue"),
        _("Outcome"),
    ]  # fmt: skip
    return export(form, _("cases"), headings, _cells(every_row(shown, filters.order)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    days = settings_in_force(today())["case_overdue_days"]
    for row in rows:
        late = is_overdue(CaseState(row["state"]), row["state_since"], now(), days)
        yield [
            row["id"], words("case_kind", row["kind"]), row["serial"], words("kind", row["device_kind"]), row["maker"],
            row["model"], row["last_name"], row["first_name"], row["school"], row["uai"], row["opened_at"],
            words("case", row["state"]), row["state_since"], _("yes") if late else "",
            words("case_outcome", row["outcome"]) if row["outcome"] else "",
        ]  # fmt: skip


@bp.get("/<int:case_id>")
@requires(Permission.OPEN_CASES)
def show(case_id: int) -> Response:
    """One case."""
    return case_page(case_or_404(case_id))


@bp.post("/<int:case_id>/<step>")
@requires(Permission.OPEN_CASES)
def take(case_id: int, step: str) -> Response:
    """One step of a case; who may take it and when, the operation says."""
    case_or_404(case_id)
    if step not in _TAKE:
        abort(404)
    try:
        done = _TAKE[Step(step)](case_id, {"actor": current_actor(), "now": now()})
    except Refused as refused:
        return case_page(case_or_404(case_id), refused, step=step)
    target = done if step == Step.SEND else url_for("cases.show", case_id=case_id)
    return see_other(target)


def _note() -> str:
    return request.form.get("note", "")


def _override() -> str:
    return request.form.get("override_reason", "").strip()[: operations.LONGEST_REASON]


def _assign(case_id: int, who: dict[str, Any]) -> None:
    device = device_of_form()
    decisions.assign(case_id, device.id, **who)
    flash(_("%(serial)s is set aside for the pupil.", serial=device.serial), "success")


def _send(case_id: int, who: dict[str, Any]) -> str:
    parcel = decisions.send(case_id, **who)
    flash(_("The parcel is prepared: print its label and give it to the carrier."), "success")
    return url_for("parcels.show", parcel_id=parcel.id)


_TAKE: dict[Step, Callable[[int, dict[str, Any]], Any]] = {
    Step.SEND_BACK: lambda case_id, who: operations.send_back(case_id, **who),
    Step.REPAIR: lambda case_id, who: decisions.repair(case_id, **who, override_reason=_override()),
    Step.REPAIRED: lambda case_id, who: decisions.repaired(case_id, **who),
    Step.REPLACE: lambda case_id, who: decisions.grant_replacement(case_id, **who, override_reason=_override()),
    Step.ACCEPT: lambda case_id, who: decisions.accept(case_id, **who, override_reason=_override()),
    Step.ASSIGN: _assign,
    Step.SEND: _send,
    Step.REFUSE: lambda case_id, who: operations.refuse(case_id, _note(), **who),
    Step.FOUND: lambda case_id, who: operations.found(case_id, _note(), **who),
    Step.WITHDRAW: lambda case_id, who: operations.withdraw(case_id, _note(), **who),
    Step.GIVE_UP: lambda case_id, who: decisions.give_up(case_id, _note(), **who),
    Step.CLOSE: lambda case_id, who: operations.close(case_id, _note(), **who),
}
