"""One scanned page: its picture, and filing it by hand, keyboard first: the next one comes by itself."""

from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _

from tracker.operations import filing as filing_by_hand
from tracker.queries import desk, filing, paper
from tracker.queries.campaigns import current_campaign
from tracker.queries.filing import MOST, Place
from tracker.queries.pupils import Year
from tracker.rules.access import Permission
from tracker.rules.paper import Aside
from tracker.rules.refusals import Refused
from tracker.scanning.symbols import UnreadableImage
from tracker.scanning.thumbnails import thumbnail
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.agreements.paper_words import NOTES, note_words
from tracker.web.agreements.piles import is_open
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.files import file_response, read_kept
from tracker.web.intake import row_id
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("pages", __name__, url_prefix="/agreements/pages")


@bp.get("/<int:page_id>")
@requires(Permission.PRINT_AGREEMENTS)
def show(page_id: int) -> Response:
    """The page large, and whose it may be; htmx asks for the candidates alone while a name is typed."""
    return _page_of(page_id, request.args)


def _page_of(page_id: int, given: Any, *, error: str = "", status: int = 200) -> Response:
    scan = _scan(page_id)
    campaign, scope = current_campaign(today()), current_scope()
    year = Year.of(campaign, today())
    pages = paper.pages_of_pile(scan["pile"], scope)
    places = filing.places([each["agreement"] for each in pages if each["agreement"]], scope)
    guess = _guess(scan, pages, places) if not given.get("q") and not given.get("class") else None
    asked = {"q": given.get("q", "").strip()[:100], "class_name": given.get("class", "")[:20]}
    found = filing.candidates(scan["school"], scope, year, **asked)
    likely = filing.candidate(guess[0], scan["school"], scope, year) if guess else None
    pupil_id = given.get("pupil", type=row_id)
    return page(
        "piles/page.html", "candidates", status=status, scan=scan, place=places.get(scan["agreement"]),
        classes=desk.classes_of(scan["school"], year), asked=asked, candidates=found[:MOST], more=len(found) > MOST,
        likely=likely, chosen=pupil_id or (likely["id"] if likely else found[0]["id"] if len(found) == 1 else None),
        page_number=given.get("page_number") or (guess[1] if guess else 1), error=error,
        left=sum(map(is_open, pages)), total=len(pages), reasons=[(each.value, NOTES[each]) for each in Aside],
        note_words=note_words,
    )  # fmt: skip


def _scan(page_id: int) -> dict[str, Any]:
    return paper.scanned_page(page_id, current_scope()) or abort(404)


def _guess(
    scan: dict[str, Any], pages: list[dict[str, Any]], places: dict[int, Place]
) -> tuple[int, int] | None:  # fmt: skip
    """The pupil and page expected next after the pile's page before this one: sheets stay together."""
    before = next((each for each in pages if each["number"] == scan["number"] - 1), None)
    place = places.get(before["agreement"]) if before else None
    if before is None or place is None or before["page_number"] >= place.pages:
        return None
    return place.pupil_id, before["page_number"] + 1


@bp.post("/<int:page_id>/file")
@requires(Permission.PRINT_AGREEMENTS)
def file(page_id: int) -> Response:
    """File the page under the chosen pupil."""
    scan, campaign = _scan(page_id), current_campaign(today())
    pupil_id, number = request.form.get("pupil", type=row_id), request.form.get("page_number", type=row_id)
    if campaign is None:
        return _page_of(page_id, request.form, error=refusal_sentence(Refused("no_campaign")), status=422)
    if pupil_id is None or not _is_shown(scan, pupil_id, Year(campaign.school_year, today())):
        return _page_of(page_id, _without_pupil(), error=_("Choose the pupil in the list."), status=422)
    try:
        filing_by_hand.file_by_hand(
            page_id, pupil_id, number or 0, campaign=campaign, actor=current_actor(), now=now()
        )  # fmt: skip
    except Refused as refused:
        return _page_of(page_id, request.form, error=refusal_sentence(refused), status=422)
    flash(_("Filed."), "success")
    return _next(scan)


def _is_shown(scan: dict[str, Any], pupil_id: int, year: Year) -> bool:
    """Whether the pupil is among those that the typed name gives: who types faster than the list never misfiles."""
    q, class_name = request.form.get("q", "").strip()[:100], request.form.get("class", "")[:20]
    scope = current_scope()
    if not q and not class_name:
        return filing.candidate(pupil_id, scan["school"], scope, year) is not None
    found = filing.candidates(scan["school"], scope, year, q=q, class_name=class_name)
    return pupil_id in {each["id"] for each in found}


def _without_pupil() -> Any:
    return request.form.__class__([(name, value) for name, value in request.form.items(multi=True) if name != "pupil"])


@bp.post("/<int:page_id>/aside")
@requires(Permission.PRINT_AGREEMENTS)
def aside(page_id: int) -> Response:
    """Set the page aside: it belongs to no agreement."""
    scan, because = _scan(page_id), request.form.get("because", "")
    if because not in set(Aside):
        return _page_of(page_id, request.form, error=_("Choose why this page is set aside."), status=422)
    try:
        filing_by_hand.set_aside(page_id, Aside(because), actor=current_actor(), now=now())
    except Refused as refused:
        return _page_of(page_id, request.form, error=refusal_sentence(refused), status=422)
    flash(_("Set aside."), "success")
    return _next(scan)


def _next(scan: dict[str, Any]) -> Response:
    """The next page of the pile that waits, else the pile."""
    waiting = [each for each in paper.pages_of_pile(scan["pile"], current_scope()) if is_open(each)]
    following = [each for each in waiting if each["number"] > scan["number"]] or waiting
    target = url_for("pages.show", page_id=following[0]["id"]) if following else None
    return see_other(target or url_for("piles.show", pile_id=scan["pile"]))


@bp.get("/<int:page_id>/image")
@requires(Permission.PRINT_AGREEMENTS)
def image(page_id: int) -> Response:
    """The picture of the page, which the program itself drew as a JPEG; `?size=small` for a list."""
    key = _scan(page_id)["image"] or abort(404)
    picture = read_kept(key)
    try:
        picture = thumbnail(picture) if request.args.get("size") == "small" else picture
    except UnreadableImage:
        abort(404)
    return file_response(picture, "image/jpeg", f"page-{page_id}.jpg")
