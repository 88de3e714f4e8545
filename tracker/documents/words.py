"""The fixed words of an agreement, the contacts it names, and the texts it comes with."""

import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).with_name("texts")
LANGUAGES = ("fr", "en")


@dataclass(frozen=True)
class Contacts:
    """What the settings say, in the document's language: the families' assistance and the funding mention.

    Rule I1: never the schools' own line. Rule I4: `funding_mention` stands at the foot of the first page.
    """

    families_phone: str
    families_hours: str
    families_email: str
    funding_mention: str

    def fillings(self, school_year: str) -> dict[str, str]:
        """What the placeholders of a text stand for."""
        return asdict(self) | {"school_year": school_year}


@dataclass(frozen=True)
class Words:
    """The fixed words of an agreement in one language; names in braces are replaced."""

    language: str
    title: str
    programme: str
    school_year: str
    version: str
    page: str
    pupil: str
    born: str
    guardians: str
    assistance: str
    signature: str
    signer: str
    quality: str
    guardian: str
    adult: str
    place: str
    date: str
    read_and_approved: str
    hand_in: str
    signed: str
    signed_note: str
    evidence: str
    evidence_note: str
    evidence_signer: str
    evidence_quality: str
    evidence_pupil: str
    evidence_email: str
    evidence_code_sent: str
    evidence_confirmed: str
    evidence_signed: str
    evidence_address: str
    evidence_browser: str
    evidence_language: str
    evidence_text: str
    evidence_digest: str
    evidence_reference: str
    moment: str
    translation: str
    translation_note: str
    french: str
    english: str


@cache
def default_words(language: str = "fr") -> Words:
    """The words that come with the program. Raises KeyError for a language other than LANGUAGES."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Words(**tomllib.loads((TEXTS / f"words.{language}.toml").read_text("utf-8")))


def default_texts() -> dict[str, str]:
    """The agreement's text in light markup, by language, as a new installation has it."""
    return {language: (TEXTS / f"agreement.{language}.md").read_text("utf-8") for language in LANGUAGES}
