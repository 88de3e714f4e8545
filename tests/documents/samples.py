"""Agreements for tests: the texts that the program comes with, pupils with codes of their own."""

import random
from datetime import UTC, date, datetime

from tracker.documents import Contacts, Evidence, Named, Text, default_texts, default_words, digest_of
from tracker.rules.campaign import SETTINGS
from tracker.rules.codes import BODIES, OwnKind, own_code

CONTACTS = Contacts(
    *(SETTINGS[name].default for name in ("families_phone", "families_hours", "families_email", "funding_mention"))
)
FRENCH, ENGLISH = default_words("fr"), default_words("en")
TEXTS = {language: Text(3, body, digest_of(body)) for language, body in default_texts().items()}
HOW = {"words": FRENCH, "contacts": CONTACTS}
EVIDENCE = Evidence(
    signer="Anne-Sophie LEFÈVRE",
    quality="guardian",
    email="anne-sophie.lefevre@example.org",
    address="2001:db8::42",
    code_sent_at=datetime(2026, 9, 3, 22, 5, 33, tzinfo=UTC),
    confirmed_at=datetime(2026, 9, 3, 22, 7, 1, tzinfo=UTC),
    signed_at=datetime(2026, 9, 3, 22, 7, 2, tzinfo=UTC),
    reference="AGR-2026-000123",
    language="fr",
    browser="Mozilla/5.0 (iPhone) Safari/604.1",
)


def text_of(body: str) -> Text:
    return Text(1, body, digest_of(body))


def named(number: int = 1, *, pages: int = 2, **facts) -> Named:
    """A pupil; the same number has the same codes at every run."""
    dice = random.Random(number)
    codes = tuple(own_code(OwnKind.AGREEMENT_PAGE, dice.randrange(BODIES)) for _ in range(pages))
    known = {
        "pupil": f"Éléonore ŸVETOT-LEFÈVRE {number}",
        "birth_date": date(2010, 3, 14),
        "school": "Lycée Salvador-Allende, Hérouville-Saint-Clair",
        "class_name": "2nde 3",
        "school_year": "2026-2027",
        "guardians": ("Anne-Sophie LEFÈVRE", "Jean-François ŸVETOT"),
        "page_codes": codes,
    }
    return Named(**known | facts)
