"""The versions of the agreement's text, the blank form of each, and a new one with its preview."""

from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _

from tracker import documents
from tracker.documents import Contacts, Named
from tracker.models.agreements import AgreementText
from tracker.models.schools import Campaign
from tracker.operations.agreement_texts import contacts_on, newest_text, page_counts, publish_text, text_of
from tracker.queries import agreement_texts
from tracker.queries.campaigns import current_campaign
from tracker.rules.access import Permission
from tracker.rules.agreement_texts import MOST_PAGES, PLACEHOLDERS
from tracker.rules.codes import OwnKind, own_code
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, requires
from tracker.web.agreements.shown_text import shown_text
from tracker.web.agreements.text_forms import TextForm
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.files import pdf_response
from tracker.web.forms import focus_on_error
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("agreement_texts", __name__, url_prefix="/agreement-texts")

_FIELDS = {"fr": "french", "en": "english"}


@bp.get("/")
@requires(Permission.MANAGE_CAMPAIGN)
def index() -> Response:
    """Every version, the newest first."""
    return page("agreement_texts/index.html", versions=agreement_texts.versions())


@bp.get("/<int:version>")
@requires(Permission.MANAGE_CAMPAIGN)
def show(version: int) -> Response:
    """One version as families read it."""
    text, listed = _text_or_404(version), agreement_texts.version_of(version)
    newest = newest_text()
    return page(
        "agreement_texts/show.html", listed=listed, is_newest=newest is not None and newest.version == version,
        shown=_shown(text.french, text.english),
    )  # fmt: skip


@bp.get("/<int:version>/form.pdf")
@requires(Permission.MANAGE_CAMPAIGN)
def blank_form(version: int) -> Response:
    """The paper form of a pupil who does not exist; its codes are nobody's."""
    text, campaign = _text_or_404(version), current_campaign(today())
    codes = tuple(own_code(OwnKind.AGREEMENT_PAGE, number) for number in range(text.pages))
    named = Named("Nom Prénom", None, "Lycée", "Classe", _year(campaign), ("Nom Prénom",), codes)
    words = documents.default_words("fr")
    data = documents.paper_forms(text_of(text), [named], words=words, contacts=_contacts(campaign))
    return pdf_response(data, f"convention-texte-{version}")


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_CAMPAIGN)
def create() -> Response:
    """A new version: it begins as the last one; previewed as often as one likes, then published."""
    form = TextForm(data=_last())
    if not form.validate_on_submit():
        return _form_page(form, 422 if form.is_submitted() else 200)
    if request.form.get("act") == "publish":
        return _publish(form)
    return _preview(form)


def _publish(form: TextForm) -> Response:
    french, english, campaign = form.french.data or "", form.english.data or "", current_campaign(today())
    try:
        text = publish_text(french, english, campaign=campaign, actor=current_actor(), now=now())
    except Refused as refused:
        return _refused(form, refused)
    flash(_("Version %(version)s is published: whoever signs from now on signs it.", version=text.version), "success")
    return see_other(url_for("agreement_texts.show", version=text.version))


def _preview(form: TextForm) -> Response:
    french, english, campaign = form.french.data or "", form.english.data or "", current_campaign(today())
    try:
        pages = page_counts(french, english, campaign=campaign, now=now())
    except Refused as refused:
        return _refused(form, refused)
    return _form_page(form, shown=_shown(french, english), pages=pages)


def _refused(form: TextForm, refused: Refused) -> Response:
    form[_FIELDS[refused.facts.get("language", "fr")]].errors = [refusal_sentence(refused)]
    return _form_page(form, 422)


def _form_page(form: TextForm, status: int = 200, **context: Any) -> Response:
    focus_on_error(form)
    return page(
        "agreement_texts/new.html",
        status=status,
        form=form,
        placeholders=_placeholders(),
        most_pages=MOST_PAGES,
        **context,
    )


def _placeholders() -> list[tuple[str, str]]:
    """Each name in braces with what stands in its place today."""
    campaign = current_campaign(today())
    values = _contacts(campaign).fillings(_year(campaign))
    return [(f"{{{name}}}", values[name]) for name in PLACEHOLDERS]


def _last() -> dict[str, str]:
    newest = newest_text()
    if newest:
        return {"french": newest.french, "english": newest.english}
    texts = documents.default_texts()
    return {"french": texts["fr"], "english": texts["en"]}


def _text_or_404(version: int) -> AgreementText:
    return agreement_texts.text_of_version(version) or abort(404)


def _shown(french: str, english: str) -> dict[str, Any]:
    campaign = current_campaign(today())
    contacts, year = _contacts(campaign), _year(campaign)
    return {"fr": shown_text(french, contacts, year), "en": shown_text(english, contacts, year)}


def _contacts(campaign: Campaign | None) -> Contacts:
    return contacts_on(campaign, now())


def _year(campaign: Campaign | None) -> str:
    return campaign.label if campaign else f"{today().year}-{today().year + 1}"
