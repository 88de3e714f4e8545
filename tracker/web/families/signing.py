"""What a family opens to sign, by its personal link: the text, the code, the PDF."""

from typing import Any

from flask import Response, current_app, request, send_file, url_for
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm

from tracker import jobs
from tracker.config import Settings
from tracker.operations import receipts, signing
from tracker.operations.agreement_texts import contacts_on
from tracker.operations.invitations import Opened, open_invitation, read_invitation
from tracker.operations.signing import Answer
from tracker.queries.campaigns import campaign_of_year
from tracker.rules.mail import masked
from tracker.rules.refusals import Refused
from tracker.rules.signing import CODE_GOOD_FOR, code_is_alive, was_just_sent
from tracker.storage.choice import open_storage
from tracker.storage.storage import FileMissing
from tracker.web.access import public
from tracker.web.agreements.shown_text import shown_text
from tracker.web.agreements.words import CLOSED
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.families.pages import family_blueprint, only_looks
from tracker.web.families.signing_forms import CodeForm, SignForm
from tracker.web.forms import focus_on_error
from tracker.web.intake import row_id
from tracker.web.language import chosen_language
from tracker.web.limits import SIGNING, limiter
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = family_blueprint("signing", "/sign", CLOSED)

_FIELD_OF = {"signer_missing": "signer", "signer_too_long": "signer", "consent_missing": "consent"}


@bp.get("/")
@public
def incomplete() -> Response:
    """A link that a mail program cut off."""
    raise Refused("link_unknown", rule="A2")


@bp.get("/<link>")
@public
def show(link: str) -> Response:
    """The text and the form below it. Who only looks whether the address is there (HEAD, prefetch) is not noted."""
    opened = _read(link) if only_looks() else open_invitation(link, key=_key(), now=now())
    typed = {"signer": opened.signer, "consent": True} if code_is_alive(opened.code_sent_at, now()) else {}
    return _text_page(link, opened, SignForm(formdata=None, data=typed))


@bp.post("/<link>")
@public
@limiter.limit(SIGNING)
def ask_code(link: str) -> Response:
    """Mail a code to the address of the link; on to the page that takes it."""
    opened, form = _read(link), SignForm()
    again, version = bool(request.form.get("again")), _version(request.form)
    try:
        if not form.validate():
            return _text_page(link, opened, form, status=422)
        _ask_code(link, opened, form, version)
    except Refused as refused:
        if refused.code in CLOSED:
            raise
        if again and refused.code != "text_changed":
            return _code_page(link, _read(link), CodeForm(formdata=None), version, refused)
        return _text_page(link, opened, form, refused)
    return see_other(url_for(".code", link=link, text=version, again=1 if again else None))


@bp.get("/<link>/code")
@public
def code(link: str) -> Response:
    """One field for the code that was mailed."""
    opened = _read(link)
    if opened.code_sent_at is None:
        return see_other(url_for(".show", link=link))
    return _code_page(link, opened, CodeForm(formdata=None), _version(request.args))


@bp.post("/<link>/code")
@public
@limiter.limit(SIGNING)
def confirm(link: str) -> Response:
    """The right code signs; on to the page that says thank you."""
    form, version = CodeForm(), _version(request.form)
    opened = _read(link)
    try:
        agreement = signing.confirm(
            link, _answer(form.code.data or "", version), key=_key(), storage=open_storage(_settings()), now=now()
        )
    except Refused as refused:
        if refused.code in CLOSED:
            raise
        if refused.code == "text_changed":
            return _text_page(link, opened, SignForm(formdata=None, data={"signer": opened.signer}), refused)
        return _code_page(link, _read(link), form, version, _or_dead(refused))
    jobs.deliver_soon(_settings())
    receipt = receipts.receipt_for(agreement, key=_key(), now=now())
    return see_other(url_for(".done", receipt=receipt))


@bp.get("/done/<receipt>")
@public
def done(receipt: str) -> Response:
    """Thank you: what was signed, its PDF, what happens next."""
    shown = receipts.open_receipt(receipt, key=_key(), now=now())
    return page("signing/done.html", shown=shown, receipt=receipt, address=masked(shown.recipient))


@bp.get("/done/<receipt>/pdf")
@public
def document(receipt: str) -> Response:
    """The signed PDF, while its page lasts: phones ask twice for one download, so it is not counted."""
    shown = receipts.open_receipt(receipt, key=_key(), now=now())
    try:
        file = open_storage(_settings()).open(shown.document)
    except FileMissing:
        raise Refused("receipt_over", rule="A2") from None
    name = f"convention-de-pret-{shown.year_label}.pdf"
    return send_file(file, mimetype="application/pdf", as_attachment=True, download_name=name)


def _text_page(
    link: str, opened: Opened, form: SignForm, refused: Refused | None = None, status: int = 200
) -> Response:
    message = _put_at_its_field(form, refused)
    focus_on_error(form)
    text = opened.text.english if chosen_language() == "en" else opened.text.french
    contacts = contacts_on(campaign_of_year(opened.school_year), now())
    return page(
        "signing/show.html", status=422 if refused else status, link=link, opened=opened, form=form, message=message,
        sections=shown_text(text, contacts, opened.year_label),
        has_code=code_is_alive(opened.code_sent_at, now()), address=masked(opened.recipient),
    )  # fmt: skip


def _put_at_its_field(form: FlaskForm, refused: Refused | None) -> str:
    """The refusal beside its field; one that is about no field is returned as a sentence."""
    if refused is None:
        return ""
    name = _FIELD_OF.get(refused.code, "code")
    if name not in form:
        return refusal_sentence(refused)
    form[name].errors = [refusal_sentence(refused)]
    return ""


def _code_page(link: str, opened: Opened, form: CodeForm, version: int, refused: Refused | None = None) -> Response:
    message = _put_at_its_field(form, refused)
    focus_on_error(form)
    return page(
        "signing/code.html", status=422 if refused else 200, link=link, opened=opened, form=form, message=message,
        version=version, address=masked(opened.recipient), sent_again="again" in request.args,
        good_until=opened.code_sent_at + CODE_GOOD_FOR if opened.code_sent_at else None,
        takes_code=code_is_alive(opened.code_sent_at, now()) and not (refused and refused.code in _DEAD),
    )  # fmt: skip


def _or_dead(refused: Refused) -> Refused:
    """The last wrong code is the end of the code: nobody has to type it once more to learn that."""
    return Refused("code_dead", rule="A2") if refused.code == "code_wrong" and not refused.facts["left"] else refused


_DEAD = frozenset({"code_dead", "code_expired", "code_missing"})


def _ask_code(link: str, opened: Opened, form: SignForm, version: int) -> None:
    """Of a double click the second sends nothing."""
    signer, consent = " ".join((form.signer.data or "").split()), bool(form.consent.data)
    is_same = (opened.signer, opened.text.version) == (signer, version)
    if is_same and was_just_sent(opened.code_sent_at, now()):
        return
    signing.ask_code(link, signer=signer, consent=consent, text_version=version, key=_key(), now=now())
    jobs.deliver_soon(_settings())


def _answer(code: str, version: int) -> Answer:
    browser = request.user_agent.string
    return Answer(code, version, get_remote_address(), browser, chosen_language())


def _read(link: str) -> Opened:
    return read_invitation(link, key=_key(), now=now())


def _version(values: Any) -> int:
    """The version of the text that the person has before them; 0 where the page does not say."""
    return values.get("text", 0, type=row_id)


def _key() -> str:
    return _settings().signing_key()


def _settings() -> Settings:
    return current_app.extensions["settings"]
