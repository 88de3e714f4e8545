"""Rosters of schools: files come in, are previewed, applied, left aside, undone; one page for each import's life."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from tracker import jobs
from tracker.models.rosters import RosterImport
from tracker.operations import rosters
from tracker.queries import roster_imports
from tracker.queries.pages import every_row
from tracker.queries.roster_imports import ORDER, ImportFilter
from tracker.queries.schools import school_choices
from tracker.queries.works import newest_work
from tracker.rosters import LIMITS, Kind
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.rules.rosters import ImportState, Origin
from tracker.rules.work import WorkKind
from tracker.storage.choice import open_storage
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.intake import row_id, storable, takes
from tracker.web.language import moment
from tracker.web.lists import chosen, listed
from tracker.web.render import page
from tracker.web.rosters import changes
from tracker.web.rosters import page as roster_page
from tracker.web.rosters.words import kind_code, state_code
from tracker.web.sentences import refusal_sentence, words
from tracker.web.uploads import school_of_form
from tracker.web.work import standing

bp = Blueprint("rosters", __name__, url_prefix="/rosters")
MOST_UPLOADED = 100_000_000
"""Bytes of one upload: a country's largest roster, unpacked, has less."""

_WORK = (WorkKind.READ_ROSTER, WorkKind.APPLY_ROSTER)


@bp.get("/")
@requires(Permission.IMPORT_ROSTERS)
def index() -> Response:
    """The imports that match the filters of the address, the newest first, below the form for the next file."""
    return _index({}, 200)


def _index(errors: dict[str, str], status: int, school_id: int | None = None) -> Response:
    filters, scope = _filters(), current_scope()
    matching, shown = roster_imports.listing(filters, scope), roster_imports.with_columns(filters, scope)
    schools = school_choices(scope)
    return page(
        "rosters/index.html", "rows", status=status, found=listed("rosters", ORDER, matching, shown, _set(filters)),
        filters=filters, schools=schools, school_id=school_id, errors=errors, options=_options(schools),
        kind_words=_kind_words, state_words=_state_words,
    )  # fmt: skip


def _filters() -> ImportFilter:
    school = request.args.get("school", type=row_id)
    return ImportFilter(school, chosen("state", set(ImportState)), chosen("kind", set(Kind)))


def _set(filters: ImportFilter) -> dict[str, Any]:
    return {name: value for name, value in vars(filters).items() if value}


def _options(schools: list[tuple[int, str]]) -> dict[str, list[tuple[Any, str]]]:
    return {
        "school": [("", _("All schools")), *schools],
        "state": [("", _("All")), *((state.value, words("import", state)) for state in ImportState)],
        "kind": [("", _("All")), *((kind.value, words("roster", kind)) for kind in Kind)],
    }


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.IMPORT_ROSTERS)
def export_list(form: str) -> Response:
    """The same imports as a file."""
    shown = roster_imports.with_columns(_filters(), current_scope())
    headings = [_("Brought in"), _("School"), _("UAI"), _("Kind"), _("File"), _("State"), _("Arrivals"),
                _("Departures"), _("From another school"), _("Changed"), _("By"), _("How")]  # fmt: skip
    return export(form, _("rosters"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        counts = row["counts"] or {}
        yield [
            moment(row["uploaded_at"]), row["school"], row["uai"], _kind_words(row), row["file_name"],
            _state_words(row), *(counts.get(name) for name in ("arrivals", "leavers", "moves", "changed")),
            row["who"], words("origin", row["origin"]),
        ]  # fmt: skip


def _kind_words(row: dict[str, Any]) -> str:
    return words("roster", kind_code(row["kind"], row["state"]))


def _state_words(row: dict[str, Any]) -> str:
    return words("import", state_code(row["kind"], row["state"]))


@bp.post("/")
@requires(Permission.IMPORT_ROSTERS)
@takes(MOST_UPLOADED)
def upload() -> Response:
    """Keep a file and have it read; nothing is applied before somebody says so."""
    school_id, sent = school_of_form(), request.files.get("file")
    errors = {"school": _("Choose the school that this file is of.")} if school_id is None else {}
    if fault := _fault_of(sent):
        errors["file"] = fault
    if errors or sent is None or school_id is None:
        return _index(errors, 422, school_id)
    settings, file = current_app.extensions["settings"], cast(BinaryIO, sent.stream)
    kept = open_storage(settings).put_stream(file, kind="rosters", suffix=".roster", limit=LIMITS.file)
    made = rosters.take_in(
        kept, storable(sent.filename or ""), school_id, origin=Origin.UPLOAD, actor=current_actor(), now=now()
    )
    jobs.work_soon(settings)
    return _to_page(made.id)


def _fault_of(sent: FileStorage | None) -> str:
    if sent is None or not sent.filename:
        return _("Choose a file first.")
    is_empty = not sent.stream.read(1)
    sent.stream.seek(0)
    return _("This file is empty. Export it again, then send it.") if is_empty else ""


@bp.errorhandler(413)
def _too_large(_error: Exception) -> Response:
    most = roster_page.size_words(MOST_UPLOADED)
    return _index({"file": _("This file is too large: %(most)s at most. Send it as a ZIP.", most=most)}, 413)


def _to_page(import_id: int) -> Response:
    return see_other(url_for("rosters.show", import_id=import_id))


@bp.get("/<int:import_id>")
@requires(Permission.IMPORT_ROSTERS)
def show(import_id: int) -> Response:
    """One import, from its file to its report."""
    return _page_of(import_id)


def _page_of(import_id: int, *, refused: Refused | None = None) -> Response:
    """The page of an import; after a refusal with what was ticked and chosen still there."""
    # The work before what it changes: where it ends in between, the page would show neither work nor outcome.
    under_way = standing(newest_work(_WORK, import_id))
    found = rosters.find(import_id, current_actor())
    accepted = _answers(found) if request.method == "POST" else found.accepted or {}
    preview, people = roster_page.preview_of(found), roster_imports.people_of(found)
    return page(
        "rosters/show.html",
        "life",
        status=422 if refused else 200,
        found=found,
        school=found.school.name,
        state_words=words("import", state_code(found.kind, found.state)),
        people=people,
        iso_day=changes.iso_day,
        standing=under_way,
        cards=roster_page.cards(found),
        stops=roster_page.stops(preview),
        questions=roster_page.questions(preview),
        accepted={"stops": accepted.get("stops", []), "identities": accepted.get("identities", {})},
        problems=changes.problem_groups(preview),
        changes=changes.change_groups(preview),
        facts_of_file=roster_page.facts_of(found, found.school.name),
        rests=rosters.what_rests(found) if found.state == ImportState.APPLIED and found.file else {},
        story=roster_page.story(found, people),
        refusal=refusal_sentence(refused) if refused else "",
        still_open=set(refused.facts.get("stops", ())) if refused else set(),
    )


def _answers(found: RosterImport) -> dict[str, Any]:
    """What a person said yes to; of the identities only pupils that were proposed count, and nobody (0)."""
    preview = roster_page.preview_of(found)
    identities = {}
    for question in roster_page.questions(preview):
        said = request.form.get(f"identity:{question.key}", type=row_id)
        if said == 0 or said in {each["pupil_id"] for each in question.candidates}:
            identities[question.key] = said
    ticked = set(request.form.getlist("stop"))
    return {"stops": [stop for stop in preview["stops"] if stop in ticked], "identities": identities}


@bp.post("/<int:import_id>/apply")
@requires(Permission.IMPORT_ROSTERS)
def apply(import_id: int) -> Response:
    """Have everything that the file says done, as long work."""

    def _ask(found: RosterImport) -> None:
        rosters.ask_to_apply(found.id, _answers(found), actor=current_actor(), now=now())

    return _do(import_id, _ask)


@bp.post("/<int:import_id>/read-again")
@requires(Permission.IMPORT_ROSTERS)
def read_again(import_id: int) -> Response:
    """Have the file read once more after a fault."""
    return _do(import_id, lambda found: rosters.read_again(found.id, actor=current_actor(), now=now()))


@bp.post("/<int:import_id>/cancel")
@requires(Permission.IMPORT_ROSTERS)
def cancel(import_id: int) -> Response:
    """Leave the file aside: nothing of it is applied."""
    return _do(
        import_id,
        lambda found: rosters.cancel(found.id, actor=current_actor()),
        _("Left aside: nothing of this file was applied."),
    )


@bp.post("/<int:import_id>/undo")
@requires(Permission.IMPORT_ROSTERS)
def undo(import_id: int) -> Response:
    """Take the import back, alone and whole."""
    return _do(
        import_id,
        lambda found: rosters.undo(found.id, actor=current_actor(), now=now()),
        _("Undone: the pupils are as they were before this file."),
    )


def _do(import_id: int, act: Callable[[RosterImport], None], said: str = "") -> Response:
    """Act, then show the import as it is; a refusal is said on its page, where nothing typed is lost."""
    found = rosters.find(import_id, current_actor())
    try:
        act(found)
    except Refused as refused:
        return _page_of(import_id, refused=refused)
    jobs.work_soon(current_app.extensions["settings"])
    if said:
        flash(said, "success")
    return _to_page(import_id)


@bp.get("/<int:import_id>/problems.csv", defaults={"form": "csv"})
@bp.get("/<int:import_id>/problems.xlsx", defaults={"form": "xlsx"})
@requires(Permission.IMPORT_ROSTERS)
def export_problems(import_id: int, form: str) -> Response:
    """Every problem of the file, for whoever corrects it at its source."""
    found = rosters.find(import_id, current_actor())
    problems = roster_page.preview_of(found)["problems"]
    headings = [_("Severity"), _("Line"), _("Pupil"), _("Field"), _("Problem")]
    rows = [
        [words("severity", each["severity"]), each["line"], each["pupil"], each["field"],
         changes.problem_sentence(each)]
        for each in problems
    ]  # fmt: skip
    return export(form, _("problems"), headings, rows)
