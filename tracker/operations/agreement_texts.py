"""The text of the loan agreement in versions: what families read and sign (A2)."""

from datetime import datetime

import structlog

from tracker import documents
from tracker.documents import Contacts, Text
from tracker.models.agreements import AgreementText
from tracker.models.database import database
from tracker.models.schools import Campaign
from tracker.queries.campaigns import settings_of
from tracker.rules.access import SYSTEM, Actor, Permission
from tracker.rules.agreement_texts import LONGEST_TEXT, MOST_PAGES, unknown_placeholders
from tracker.rules.calendar import local_date
from tracker.rules.refusals import Refused

log = structlog.get_logger()
_BETWEEN = "\n\f\n"


def publish_text(french: str, english: str, *, campaign: Campaign | None, actor: Actor, now: datetime) -> AgreementText:
    """Rule A2. Publish a new version of the text; whoever signs from now on signs this one. Raises Refused.

    `campaign`: whose contacts the text names.
    """
    if not actor.may(Permission.MANAGE_CAMPAIGN):
        raise Refused("not_allowed")
    french, english = _tidy(french), _tidy(english)
    # Outside of the transaction: setting the pages takes a while.
    pages = page_counts(french, english, campaign=campaign, now=now)["fr"]
    with database.atomic():
        newest = newest_text()
        if newest and newest.digest == text_digest(french, english):
            raise Refused("text_unchanged", rule="A2", version=newest.version)
        text = AgreementText.create(
            version=newest.version + 1 if newest else 1, french=french, english=english,
            digest=text_digest(french, english), pages=pages, published_at=now, published_by=actor.user_id,
        )  # fmt: skip
    log.info("agreement text published", version=text.version, by=actor.user_id)
    return text


def page_counts(french: str, english: str, *, campaign: Campaign | None, now: datetime) -> dict[str, int]:
    """How many pages each language takes, as it would be published; nothing is kept.

    Raises Refused, each with its `language`: text_missing, text_too_long, placeholder_unknown, form_too_long.
    """
    texts = {"fr": _tidy(french), "en": _tidy(english)}
    for language, text in texts.items():
        _check_words(language, text)
    contacts = contacts_on(campaign, now)
    return {language: _pages(language, text, contacts) for language, text in texts.items()}


def _check_words(language: str, text: str) -> None:
    if not text:
        raise Refused("text_missing", rule="A2", language=language)
    if len(text) > LONGEST_TEXT:
        raise Refused("text_too_long", rule="A3", language=language, most=LONGEST_TEXT)
    if unknown := unknown_placeholders(text):
        names = ", ".join(f"{{{name}}}" for name in unknown)
        raise Refused("placeholder_unknown", rule="A2", language=language, names=names)


def _pages(language: str, text: str, contacts: Contacts) -> int:
    pages = documents.page_count(Text(0, text, ""), words=documents.default_words(language), contacts=contacts)
    if pages > MOST_PAGES:
        raise Refused("form_too_long", rule="A3", language=language, pages=pages, most=MOST_PAGES)
    return pages


def ensure_text(*, now: datetime, campaign: Campaign | None = None) -> AgreementText:
    """The newest text; the one that comes with the program where none was published yet."""
    newest = newest_text()
    if newest:
        return newest
    texts = documents.default_texts()
    return publish_text(texts["fr"], texts["en"], campaign=campaign, actor=SYSTEM, now=now)


def newest_text() -> AgreementText | None:
    """The version that is signed now."""
    return AgreementText.select().order_by(AgreementText.version.desc()).first()


def text_digest(french: str, english: str) -> str:
    """The SHA-256 of both languages, a form feed on a line of its own between them."""
    return documents.digest_of(f"{french}{_BETWEEN}{english}")


def text_of(text: AgreementText) -> Text:
    """The French text, which is the one that counts; its digest is the one of both languages."""
    return Text(text.version, text.french, text.digest)


def contacts_on(campaign: Campaign | None, now: datetime) -> Contacts:
    """The families' contacts (I1) and the funding mention (I4) of that day."""
    settings = settings_of(campaign, local_date(now))
    return Contacts(
        settings["families_phone"], settings["families_hours"], settings["families_email"], settings["funding_mention"]
    )


def _tidy(text: str) -> str:
    """The text as it is kept: forms send their lines with a carriage return."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\f", "\n").split("\n")).strip()
