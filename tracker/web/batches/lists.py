"""The partner's list of outcomes: looked at first, then recorded whole or not at all."""

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import ngettext

from tracker.models.reuse import Batch
from tracker.operations import batch_outcomes
from tracker.queries.batches import code_of
from tracker.rosters.encodings import guessed
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, requires
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.intake import storable
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("batch_lists", __name__, url_prefix="/reuse/batches/<int:batch_id>/list")

MOST_BYTES = 1_000_000


@bp.get("/")
@requires(Permission.MANAGE_REUSE)
def index(batch_id: int) -> Response:
    """The form: a file, or lines pasted."""
    return _page(_batch(batch_id))


@bp.post("/")
@requires(Permission.MANAGE_REUSE)
def preview(batch_id: int) -> Response:
    """What the list says, line by line; nothing is written."""
    batch = _batch(batch_id)
    try:
        text = _text()
        lines = batch_outcomes.read_list(batch, text)
    except Refused as found:
        return _page(batch, error=refusal_sentence(found), status=422)
    return _page(batch, text=text, lines=lines)


@bp.post("/apply")
@requires(Permission.MANAGE_REUSE)
def apply(batch_id: int) -> Response:
    """Record the list that was looked at."""
    batch, text = _batch(batch_id), storable(request.form.get("text", ""))
    try:
        count = batch_outcomes.apply_list(batch_id, text, actor=current_actor(), now=now())
    except Refused as found:
        return _page(batch, text=text, error=refusal_sentence(found), status=422)
    flash(ngettext("Outcome recorded for %(num)s device.", "Outcome recorded for %(num)s devices.", count), "success")
    return see_other(url_for("batches.show", batch_id=batch_id))


def _text() -> str:
    sent = request.files.get("file")
    data = sent.read(MOST_BYTES + 1) if sent and sent.filename else b""
    if len(data) > MOST_BYTES:
        raise Refused("list_too_long", most=batch_outcomes.MOST_LINES)
    return storable(data.decode(guessed(data), "replace") if data else request.form.get("text", ""))


def _batch(batch_id: int) -> Batch:
    return Batch.get_or_none(Batch.id == batch_id) or abort(404)


def _page(batch: Batch, *, status: int = 200, text: str = "", lines: list | None = None, error: str = "") -> Response:
    wrong = sum(bool(line.problem) for line in lines or [])
    return page(
        "batches/list.html", status=status, batch=batch, code=code_of(batch.id), text=text, lines=lines, wrong=wrong,
        error=error, problem=lambda line: refusal_sentence(Refused(line.problem, outcome=line.recorded or line.outcome,
                                                                   kind=batch.kind)),
    )  # fmt: skip
