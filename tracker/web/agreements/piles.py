"""Signed papers scanned back: piles come in, and each page shows where it was filed, or why it was not."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage

from tracker import jobs
from tracker.models.agreements import ScanPile
from tracker.operations import piles
from tracker.queries import filing, paper
from tracker.queries.pages import every_row
from tracker.queries.schools import school_choices
from tracker.queries.works import newest_work
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.rules.work import WorkKind
from tracker.scanning.piles import MOST_BYTES, MOST_PAGES
from tracker.storage.choice import open_storage
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.agreements.paper_words import note_words
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.intake import row_id, storable, takes
from tracker.web.language import moment
from tracker.web.lists import listed
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence
from tracker.web.uploads import school_of_form
from tracker.web.work import standing

bp = Blueprint("piles", __name__, url_prefix="/agreements/piles")
MOST_UPLOADED = MOST_BYTES + 1_000_000
"""Bytes of one upload: the largest pile, and the form around it."""

MOST_FILES = 50
"""Files of one upload: photographs of a phone come one by one."""


@bp.get("/")
@requires(Permission.PRINT_AGREEMENTS)
def index() -> Response:
    """The piles, the newest first, below the form for the next one."""
    return _index()


def _index(
    errors: dict[str, str | list[str]] | None = None, status: int = 200, school_id: int | None = None
) -> Response:
    scope, chosen = current_scope(), request.args.get("school", type=row_id)
    found = listed("piles", paper.PILES, _matching(chosen), paper.piles(scope, school_id=chosen), {"school": chosen})
    return page(
        "piles/index.html", "rows", status=status, found=found, schools=school_choices(scope), school_id=school_id,
        chosen=chosen, errors=errors or {}, most_pages=MOST_PAGES, most_bytes=MOST_BYTES // 1_000_000,
    )  # fmt: skip


def _matching(school_id: int | None) -> Any:
    """The piles without what the list shows of each, to be counted."""
    return paper.piles(current_scope(), school_id=school_id).select(ScanPile.id)


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.PRINT_AGREEMENTS)
def export_list(form: str) -> Response:
    """The same piles as a file."""
    shown = paper.piles(current_scope(), school_id=request.args.get("school", type=row_id))
    headings = [_("File"), _("School"), _("Brought in"), _("By"), _("Pages"), _("To be filed by hand")]
    return export(form, _("scans"), headings, _cells(every_row(shown, paper.PILES)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [row["file_name"], row["school_name"], moment(row["uploaded_at"]), row["person"], row["pages"],
               row["unfiled"]]  # fmt: skip


@bp.post("/")
@requires(Permission.PRINT_AGREEMENTS)
@takes(MOST_UPLOADED)
def upload() -> Response:
    """Keep each file and have its pages filed; one that cannot be taken says why, and the others are kept."""
    school_id, sent = school_of_form(), [each for each in request.files.getlist("files") if each.filename]
    errors = _faults(school_id, sent)
    if errors or school_id is None:
        return _index(errors, 422, school_id)
    kept, refused = _kept(sent, school_id)
    if kept:
        jobs.work_soon(current_app.extensions["settings"])
    if len(kept) > 1 or (kept and refused):
        flash(ngettext("%(num)s file was taken in.", "%(num)s files were taken in.", len(kept)), "success")
    if refused:
        return _index({"files": refused}, 422, school_id)
    target = url_for("piles.show", pile_id=kept[0]) if len(kept) == 1 else url_for("piles.index")
    return see_other(target)


def _faults(school_id: int | None, sent: list[FileStorage]) -> dict[str, str | list[str]]:
    """What is wrong with the form as a whole, by field."""
    errors = {} if school_id else {"school": _("Choose the school that these papers are of.")}
    if not sent:
        errors["files"] = [_("Choose a file first.")]
    if len(sent) > MOST_FILES:
        errors["files"] = [_("%(count)s files at most at once.", count=MOST_FILES)]
    return errors


def _kept(sent: list[FileStorage], school_id: int) -> tuple[list[int], list[str]]:
    """The piles that were taken in, and what is said of the files that were not."""
    kept: list[int] = []
    refused: list[str] = []
    for each in sent:
        try:
            kept.append(_keep(each, school_id))
        except Refused as refusal:
            said = _("%(file)s: %(sentence)s", file=storable(each.filename or ""), sentence=refusal_sentence(refusal))
            refused.append(said)
    return kept, refused


def _keep(sent: FileStorage, school_id: int) -> int:
    storage, who = open_storage(current_app.extensions["settings"]), current_actor()
    name = storable(sent.filename or "")
    pile = piles.keep_pile(school_id, name, sent.stream.read(MOST_BYTES + 1), storage=storage, actor=who, now=now())
    piles.ask_to_file(pile.id, actor=who, now=now())
    return pile.id


@bp.errorhandler(413)
def _too_large(_error: Exception) -> Response:
    return _index({"files": [refusal_sentence(Refused("pile_too_big"))]}, 413)


@bp.get("/<int:pile_id>")
@requires(Permission.PRINT_AGREEMENTS)
def show(pile_id: int) -> Response:
    """A pile with each of its pages."""
    scope = current_scope()
    under_way = standing(newest_work((WorkKind.FILE_SCANS,), pile_id))  # before what it changes
    pile = paper.pile_page(pile_id, scope) or abort(404)
    pages = paper.pages_of_pile(pile_id, scope)
    found = filing.places([each["agreement"] for each in pages if each["agreement"]], scope)
    open_pages = [each for each in pages if is_open(each)]
    return page(
        "piles/show.html",
        pile=pile,
        pages=pages,
        places=found,
        open_pages=open_pages,
        filed=sum(each["agreement"] is not None for each in pages),
        aside=sum(bool(each["set_aside"]) for each in pages),
        note_words=note_words,
        standing=under_way,
    )


def is_open(scan: dict[str, Any]) -> bool:
    """Whether a scanned page waits for a person."""
    return scan["agreement"] is None and not scan["set_aside"]


@bp.post("/<int:pile_id>/again")
@requires(Permission.PRINT_AGREEMENTS)
def again(pile_id: int) -> Response:
    """Have the filing go on after a fault."""
    try:
        piles.ask_to_file(pile_id, actor=current_actor(), now=now())
    except Refused as refused:
        if refused.code == "not_found":
            raise
        flash(refusal_sentence(refused), "error")
    jobs.work_soon(current_app.extensions["settings"])
    return see_other(url_for("piles.show", pile_id=pile_id))
