"""Codes of the rosters that nobody knows: an administrator says what each means, and can say otherwise later."""

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _

from tracker.operations.roster_codes import MEANINGS, answer_code
from tracker.queries.roster_codes import asked_codes
from tracker.queries.roster_imports import names_of_people
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.rules.rosters import CodeKind
from tracker.web.access import current_actor, requires
from tracker.web.clock import now, year_in_force
from tracker.web.destinations import see_other
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, words

bp = Blueprint("codes", __name__, url_prefix="/codes")

_SUBJECTS = {CodeKind.MEF: "level", CodeKind.EXIT_REASON: "destination"}
"""What the answers of each kind are the words of."""


@bp.get("/")
@requires(Permission.MANAGE_CAMPAIGN)
def index() -> Response:
    """The codes that wait for an answer, then the answered ones."""
    return _page()


def _page(wrong: dict[str, str] | None = None) -> Response:
    """`wrong`: the kind, the code and the sentence of an answer that was refused."""
    codes = asked_codes(year_in_force().school_year)
    return page(
        "codes/index.html", "codes", status=422 if wrong else 200, wrong=wrong or {},
        open_ones=[each for each in codes if each.is_open], answered=[each for each in codes if not each.is_open],
        people=names_of_people({each.answered_by for each in codes if each.answered_by}),
        choices={kind.value: _choices(kind) for kind in CodeKind},
    )  # fmt: skip


def _choices(kind: CodeKind) -> list[tuple[str, str]]:
    return [("", _("Choose")), *((meaning, words(_SUBJECTS[kind], meaning)) for meaning in MEANINGS[kind])]


@bp.post("/")
@requires(Permission.MANAGE_CAMPAIGN)
def answer() -> Response:
    """Say what a code means; whom it concerns is judged anew at once."""
    kind, code, meaning = (request.form.get(name, "") for name in ("kind", "code", "meaning"))
    if kind not in set(CodeKind):
        abort(400)
    try:
        answer_code(CodeKind(kind), code, meaning, actor=current_actor(), now=now())
    except Refused as refused:
        return _page({"kind": kind, "code": code, "sentence": refusal_sentence(refused)})
    flash(_("Recorded: %(code)s means %(meaning)s. The pupils concerned were judged anew.", code=code,
            meaning=words(_SUBJECTS[CodeKind(kind)], meaning)), "success")  # fmt: skip
    return see_other(url_for("codes.index"))
