"""The agreements that are not signed: the list with the reason of each, its file, and the paper forms of it."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from tracker.models.schools import Campaign
from tracker.operations import paper
from tracker.operations.paper import MOST_FORMS, Printable, Selection
from tracker.queries import agreements
from tracker.queries.agreements import UnsignedFilter
from tracker.queries.campaigns import current_campaign
from tracker.queries.pages import every_row
from tracker.queries.pupils import ORDER, Year
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.eligibility import Level
from tracker.rules.refusals import Refused
from tracker.rules.unsigned import Why
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.agreements.paper_words import WHY, WHY_SIGNS, WHY_TONES, why_words
from tracker.web.clock import now, today, year_in_force
from tracker.web.export import export
from tracker.web.files import pdf_response
from tracker.web.intake import row_id
from tracker.web.lists import chosen, in_address, listed, typed
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, words

bp = Blueprint("unsigned", __name__, url_prefix="/agreements/unsigned")


@bp.get("/")
@requires(Permission.PRINT_AGREEMENTS)
def index() -> Response:
    """The unsigned agreements that match the filters of the address."""
    filters, scope, year = _filters(), current_scope(), year_in_force()
    found = listed(
        "unsigned", ORDER, agreements.unsigned(filters, scope, year),
        agreements.unsigned_with_columns(filters, scope, year), in_address(filters),
    )  # fmt: skip
    return page(
        "agreements/unsigned.html", "rows", found=found, filters=filters, options=_options(), in_address=in_address(
            filters
        ), why_words=why_words, tones=WHY_TONES, signs=WHY_SIGNS,
    )  # fmt: skip


def _filters() -> UnsignedFilter:
    return UnsignedFilter(
        q=typed("q"), school=request.args.get("school", type=row_id), class_name=typed("class"),
        level=chosen("level", set(Level)), why=chosen("why", set(Why)),
    )  # fmt: skip


def _options() -> dict[str, list[tuple[Any, str]]]:
    return {
        "school": [("", _("All schools")), *school_choices(current_scope())],
        "level": [("", _("All")), *((level.value, words("level", level)) for level in Level)],
        "why": [("", _("All")), *((why.value, str(said)) for why, said in WHY.items())],
    }


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.PRINT_AGREEMENTS)
def export_list(form: str) -> Response:
    """The same as a file."""
    shown = agreements.unsigned_with_columns(_filters(), current_scope(), year_in_force())
    headings = [
        _("Family name"), _("Given name"), _("School"), _("UAI"), _("Class"), _("Level"), _("Why"), _("Sent on"),
        _("Last mail on"), _("Reminders"), _("Opened on"), _("Printed on"),
    ]  # fmt: skip
    return export(form, _("unsigned-agreements"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        dates = [row[name] for name in ("sent_at", "last_sent_at", "seen_at", "printed_at")]
        yield [
            row["last_name"], row["first_name"], row["school"], row["uai"], row["class_name"],
            words("level", row["level"]), why_words(row), *dates[:2], row["reminders"], *dates[2:],
        ]  # fmt: skip


@bp.get("/print")
@requires(Permission.PRINT_AGREEMENTS)
def printing() -> Response:
    """What may be printed today of the filtered list, and from when on the rest."""
    return _printing()


def _printing(error: str = "", status: int = 200) -> Response:
    filters, campaign = _filters(), current_campaign(today())
    found, many = None, False
    if campaign:
        ids = _pupils(filters, campaign)
        many = len(ids) > MOST_FORMS
        found = _printable(ids, campaign) if ids and not many else None
    return page(
        "agreements/print.html", status=status, found=found, many=many, most=MOST_FORMS, error=error,
        filters=in_address(filters), sentence=_skipped_words,
    )  # fmt: skip


def _pupils(filters: UnsignedFilter, campaign: Campaign) -> tuple[int, ...]:
    """The pupils of the filtered list; one more than may be printed at once says that there are too many."""
    rows = agreements.unsigned_with_columns(filters, current_scope(), Year(campaign.school_year, today()))
    return tuple(row["id"] for row in rows.limit(MOST_FORMS + 1).dicts())


def _printable(ids: tuple[int, ...], campaign: Campaign) -> Printable:
    selection = Selection(pupil_ids=ids)
    return paper.printable(selection, campaign=campaign, actor=current_actor(), now=now())


def _skipped_words(code: str) -> str:
    return refusal_sentence(Refused(code))


@bp.post("/print")
@requires(Permission.PRINT_AGREEMENTS)
def print_forms() -> Response:
    """One PDF of the filtered list, class after class; one pupil alone by `pupil`."""
    campaign, pupil_id = current_campaign(today()), request.args.get("pupil", type=row_id)
    try:
        if campaign is None:
            raise Refused("no_campaign")
        ids = () if pupil_id else _pupils(_filters(), campaign)
        if len(ids) > MOST_FORMS:
            raise Refused("too_many_forms", most=MOST_FORMS)
        made = paper.print_forms(
            Selection(pupil_id=pupil_id, pupil_ids=ids), campaign=campaign, actor=current_actor(), now=now(),
            duplex=bool(request.form.get("duplex")),
        )  # fmt: skip
    except Refused as refused:
        return _printing(refusal_sentence(refused), 422)
    return pdf_response(made.pdf, f"conventions-{typed('class') or pupil_id or ''}".strip("-"), to_save=True)
