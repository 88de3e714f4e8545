"""Batches for partners: their list, one batch from the first device to its proof, its slip (U1)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.models.reuse import Batch
from tracker.operations import batch_outcomes, batches
from tracker.operations.batch_outcomes import Told
from tracker.operations.batches import Figures
from tracker.queries import batches as queries
from tracker.queries.batches import ORDER, BatchFilter, code_of
from tracker.queries.pages import every_row
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.rules.reuse import WAYS, BatchKind, BatchOutcome, BatchState, Grade
from tracker.web.access import current_actor, requires
from tracker.web.batches.slip import slip_pdf
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.intake import decimal_number, row_id, storable, whole_number
from tracker.web.lists import chosen, listed
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, words

bp = Blueprint("batches", __name__, url_prefix="/reuse/batches")


@bp.get("/")
@requires(Permission.MANAGE_REUSE)
def index() -> Response:
    """The batches, the newest first, beside the form for the next one."""
    return _index()


def _index(error: str = "", status: int = 200) -> Response:
    filters = _filters()
    matching = queries.listing(filters)
    found = listed("batches", ORDER, matching, queries.with_columns(matching), vars(filters))
    return page(
        "batches/index.html", "rows", status=status, found=found, filters=filters, options=_options(), code_of=code_of,
        kinds=list(BatchKind), partners=queries.partners(), error=error, form=request.form,
    )  # fmt: skip


def _filters() -> BatchFilter:
    year = request.args.get("year", type=int)
    known = year if year and 2000 <= year <= today().year else None
    return BatchFilter(chosen("kind", set(BatchKind)), chosen("state", set(BatchState)), known)


def _options() -> dict[str, list[tuple[Any, str]]]:
    return {
        "kind": [("", _("All")), *((each.value, words("batch_kind", each)) for each in BatchKind)],
        "state": [("", _("All")), *((each.value, words("batch", each)) for each in BatchState)],
    }


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.MANAGE_REUSE)
def export_list(form: str) -> Response:
    """The same batches as a file, each with what its proof says."""
    shown = queries.with_columns(queries.listing(_filters()))
    headings = [
        _("Batch"), _("Kind"), _("Partner"), _("State"), _("Devices"), _("Outcomes known"), _("Batch opened on"),
        _("Batch sent on"), _("Closed on"), _("Reference of the proof"), _("Date of the proof"), _("Weight (kg)"),
        _("Devices counted"), _("Why the count differs"), _("Papers"),
    ]  # fmt: skip
    return export(form, _("batches"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            code_of(row["id"]), words("batch_kind", row["kind"]), row["partner"], words("batch", row["state"]),
            row["devices"], row["told"], row["opened_at"], row["sent_at"], row["closed_at"], row["reference"],
            row["proof_on"], row["weight"] / 1000 if row["weight"] else None, row["counted"], row["reason"],
            row["papers"],
        ]  # fmt: skip


@bp.post("/")
@requires(Permission.MANAGE_REUSE)
def open_batch() -> Response:
    """A new batch; its desk opens at once."""
    kind, partner, note = (storable(request.form.get(name, "")) for name in ("kind", "partner", "note"))
    try:
        if kind not in set(BatchKind):
            raise Refused("batch_kind_missing")
        batch = batches.open_batch(BatchKind(kind), partner, note=note, actor=current_actor(), now=now())
    except Refused as found:
        return _index(refusal_sentence(found), 422)
    return see_other(url_for("batch_desk.desk", batch_id=batch.id))


@bp.get("/<int:batch_id>")
@requires(Permission.MANAGE_REUSE)
def show(batch_id: int) -> Response:
    """One batch: what is in it, where it stands, what is still to be done."""
    return batch_page(batch_id)


def batch_page(batch_id: int, *, error: str = "", status: int = 200, **more: Any) -> Response:
    """The page of a batch, with what was refused on it. Seven queries, however many devices."""
    batch = queries.batch_page(batch_id)
    if batch is None:
        abort(404)
    contents, papers, way = queries.contents(batch_id), queries.papers(batch_id), WAYS[BatchKind(batch["kind"])]
    told = sum(bool(row["outcome"]) for row in contents)
    return page(
        "batches/show.html", status=status, batch=batch, code=code_of(batch_id), contents=contents, papers=papers,
        way=way, told=told, not_erased=sum(not row["erased"] for row in contents), grades=list(Grade), error=error,
        addable=queries.addable(BatchKind(batch["kind"])).count() if batch["state"] == BatchState.OPEN else 0,
        proof=queries.proof_of(Batch(**{name: batch[name] for name in ("proof_on", "weight", "counted")}), papers),
        form=request.form, today=today(), **more,
    )  # fmt: skip


def _done(batch_id: int, work: Callable[[], Any], said: Callable[[Any], str], **kept: Any) -> Response:
    """Do it and say so on the batch's page; or say there why not, with what was typed (`kept`)."""
    try:
        answer = work()
    except Refused as found:
        if found.code == "not_found":
            abort(404)
        return batch_page(batch_id, error=refusal_sentence(found), status=422, refused=found.code, **kept)
    flash(said(answer), "success")
    return see_other(url_for("batches.show", batch_id=batch_id))


@bp.post("/<int:batch_id>/everything")
@requires(Permission.MANAGE_REUSE)
def add_everything(batch_id: int) -> Response:
    """Everything that waits for a batch of this kind goes into it."""
    batch = Batch.get_or_none(Batch.id == batch_id) or abort(404)
    waiting = [row.id for row in queries.addable(BatchKind(batch.kind)).limit(501)]
    return _done(
        batch_id,
        lambda: batches.add_devices(batch_id, waiting, actor=current_actor(), now=now()),
        lambda count: ngettext("%(num)s device put into the batch.", "%(num)s devices put into the batch.", count),
    )


@bp.post("/<int:batch_id>/remove")
@requires(Permission.MANAGE_REUSE)
def remove(batch_id: int) -> Response:
    """One device is taken out of an open batch."""
    device_id = request.form.get("device", 0, type=row_id)
    return _done(
        batch_id,
        lambda: batches.remove_device(batch_id, device_id, actor=current_actor()),
        lambda _none: _("Taken out of the batch: the device waits as before."),
    )


@bp.post("/<int:batch_id>/give-up")
@requires(Permission.MANAGE_REUSE)
def give_up(batch_id: int) -> Response:
    """An open batch that nobody sends after all."""
    try:
        batches.give_up(batch_id, actor=current_actor())
    except Refused as found:
        if found.code == "not_found":
            abort(404)
        return batch_page(batch_id, error=refusal_sentence(found), status=422)
    flash(_("The batch was given up: its devices wait as before."), "success")
    return see_other(url_for("batches.index"))


@bp.post("/<int:batch_id>/send")
@requires(Permission.MANAGE_REUSE)
def send(batch_id: int) -> Response:
    """The batch leaves with its slip."""
    erases = bool(request.form.get("partner_erases"))
    return _done(
        batch_id,
        lambda: batches.send(batch_id, partner_erases=erases, actor=current_actor(), now=now()),
        lambda batch: _("The batch is with %(partner)s. Print its slip and put it with the devices.",
                        partner=batch.partner),
    )  # fmt: skip


@bp.post("/<int:batch_id>/outcomes")
@requires(Permission.MANAGE_REUSE)
def outcomes(batch_id: int) -> Response:
    """What became of the chosen devices, the same for all of them."""
    return _done(
        batch_id,
        lambda: batch_outcomes.record(batch_id, _told(), actor=current_actor(), now=now()),
        lambda count: ngettext("Outcome recorded for %(num)s device.", "Outcome recorded for %(num)s devices.", count),
    )


def _told() -> dict[int, Told]:
    """The button of an outcome, with its grade: `refurbished:A`."""
    outcome, _between, grade = request.form.get("outcome", "").partition(":")
    if outcome not in set(BatchOutcome) or grade not in {"", *Grade}:
        raise Refused("outcome_missing")
    told = Told(BatchOutcome(outcome), Grade(grade) if grade else None)
    return dict.fromkeys(request.form.getlist("device", type=row_id), told)


@bp.post("/<int:batch_id>/proof")
@requires(Permission.MANAGE_REUSE)
def proof(batch_id: int) -> Response:
    """What the proof of a sent batch says."""
    return _done(
        batch_id,
        lambda: batches.note_proof(batch_id, _figures(), actor=current_actor(), now=now()),
        lambda _batch: _("The proof is noted."),
    )


def _figures() -> Figures:
    form = request.form
    try:
        day = date.fromisoformat(form["proof_on"]) if form.get("proof_on") else None
        weight = round(decimal_number(form["weight"]) * 1000) if form.get("weight", "").strip() else None
        counted = whole_number(form["counted"]) if form.get("counted", "").strip() else None
    except ValueError as error:
        raise Refused("proof_figures") from error
    return Figures(storable(form.get("reference", "").strip()), day, weight, counted)


@bp.post("/<int:batch_id>/close")
@requires(Permission.MANAGE_REUSE)
def close(batch_id: int) -> Response:
    """The batch is over, with its proof; one that its proof contradicts says why."""
    reason = storable(request.form.get("reason", ""))
    return _done(
        batch_id,
        lambda: batches.close(batch_id, reason, actor=current_actor(), now=now()),
        lambda _batch: _("The batch is closed."),
        closing=reason,
    )


@bp.get("/<int:batch_id>/slip")
@requires(Permission.MANAGE_REUSE)
def slip(batch_id: int) -> Response:
    """The list for the partner, as PDF."""
    batch = queries.batch_page(batch_id)
    if batch is None:
        abort(404)
    return slip_pdf(batch, queries.contents(batch_id))
