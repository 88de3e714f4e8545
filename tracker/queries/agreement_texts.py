"""The versions of the agreement's text: when, by whom, and how many have signed each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

from tracker.models.agreements import Agreement, AgreementText
from tracker.models.users import User


@dataclass(frozen=True)
class Version:
    """One version without its text; `by` is empty for the text that came with the program."""

    version: int
    published_at: datetime
    by: str
    digest: str
    pages: int
    signed: int


def versions() -> Sequence[Version]:
    """All of them, the newest first. One query."""
    return [Version(*row) for row in _listed().order_by(AgreementText.version.desc()).tuples()]


def version_of(version: int) -> Version | None:
    """One of them, or None."""
    row = _listed().where(AgreementText.version == version).tuples().first()
    return Version(*row) if row else None


def text_of_version(version: int) -> AgreementText | None:
    """The text itself in both languages, or None."""
    return AgreementText.get_or_none(AgreementText.version == version)


def _listed() -> ModelSelect:
    signed = (
        Agreement.select(Agreement.text, fn.COUNT(Agreement.id).alias("number"))
        .where(Agreement.signed_at.is_null(False), Agreement.text.is_null(False))
        .group_by(Agreement.text)
        .alias("signed")
    )
    return (
        AgreementText.select(
            AgreementText.version, AgreementText.published_at, fn.COALESCE(User.name, ""), AgreementText.digest,
            AgreementText.pages, fn.COALESCE(signed.c.number, 0),
        )
        .join(User, JOIN.LEFT_OUTER, on=(User.id == AgreementText.published_by))
        .join_from(AgreementText, signed, JOIN.LEFT_OUTER, on=(signed.c.text_id == AgreementText.id))
    )  # fmt: skip
