"""The loan agreement on paper: the form to print, a code on each page, and the signed one with its evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from tracker.documents.markup import sections
from tracker.documents.words import Contacts, Words
from tracker.rules.calendar import TIME_ZONE
from tracker.rules.codes import OwnKind, parse_own_code
from tracker.typesetting import A4_HEIGHT, A4_WIDTH, FONTS, INCH, Symbology, joined, page_total, pdf, symbol

_HERE = Path(__file__).parent
_SHEET = (_HERE / "sheet.typ",)
# Whole dots of a 600 dpi printer; in a scan of 150 dpi a bar is 2.5 pixels wide, a square of the QR six.
MODULE = 10 * INCH / 600
SQUARE_MODULE = 24 * INCH / 600
SIGNS_OF_A_LINE = 55
FORMS_AT_ONCE = 100
"""typst keeps what its last ten compilations laid out: 300 MB with this many forms in each, whatever the pile."""


@dataclass(frozen=True)
class Text:
    """One version of the agreement's text in light markup; `digest` is `digest_of(body)`, as kept with a signature.

    `# ` begins a heading, `- ` an item, an empty line ends a paragraph, `**…**` is bold, `{families_phone}` and the
    other contacts and `{school_year}` are filled in; everything else prints as it stands.
    """

    version: int
    body: str
    digest: str


@dataclass(frozen=True)
class Named:
    """Whose agreement it is. `page_codes`: one code of kind AGREEMENT_PAGE for each page, in their order."""

    pupil: str
    birth_date: date | None
    school: str
    class_name: str
    school_year: str
    guardians: tuple[str, ...] = ()
    page_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """How an agreement was signed (A2); moments in UTC, `address` the IP, `language` the one it was read in."""

    signer: str
    quality: Literal["guardian", "pupil"]
    email: str
    address: str
    code_sent_at: datetime
    confirmed_at: datetime
    signed_at: datetime
    reference: str
    language: str
    browser: str


@dataclass(frozen=True)
class _Ground:
    """The form without its pupil: as many pages as the text needs."""

    pdf: bytes
    pages: int


def digest_of(body: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return sha256(body.encode()).hexdigest()


def page_count(text: Text, *, words: Words, contacts: Contacts, fonts: Path = FONTS) -> int:
    """How many pages the paper form of `text` has, for any pupil."""
    return _ground(text, words, contacts, "2026-2027", fonts).pages


def paper_forms(
    text: Text,
    items: Iterable[Named],
    *,
    words: Words,
    contacts: Contacts,
    duplex: bool = False,
    fonts: Path = FONTS,
) -> bytes:
    """Rule A3. The PDF of the forms to sign on paper, each with its own codes; the text is French, like `words`.

    `duplex` ends each form on an even page, so that printed on both sides each pupil begins a sheet.
    Raises ValueError when there is no item, a code is none of ours, or the form has more pages than codes.
    """
    listed = list(items)
    if not listed:
        raise ValueError("there is no agreement to print")
    grounds = {year: _ground(text, words, contacts, year, fonts) for year in {item.school_year for item in listed}}
    page = _page(text, words, contacts, listed[0].school_year) | {
        "grounds": {year: {"pdf": ground.pdf, "pages": ground.pages} for year, ground in grounds.items()},
        "module": MODULE,
        "square_module": SQUARE_MODULE,
        "duplex": duplex,
    }
    piles = [listed[first : first + FORMS_AT_ONCE] for first in range(0, len(listed), FORMS_AT_ONCE)]
    forms = ([_form(item, grounds[item.school_year].pages, words) for item in pile] for pile in piles)
    return joined([pdf(_HERE / "forms.typ", page | {"forms": drawn}, fonts=fonts, parts=_SHEET) for drawn in forms])


def signed_agreement(
    text: Text,
    named: Named,
    evidence: Evidence,
    *,
    words: Words,
    contacts: Contacts,
    translation: Text | None = None,
    fonts: Path = FONTS,
) -> bytes:
    """Rule A2. The PDF of the signed agreement: the French text, and on the last page who signed, when, from where.

    `words` are in the signer's language. Whoever did not read French gets the `translation` that they read, below
    a heading that says it is for information.
    """
    values = contacts.fillings(named.school_year)
    data = _page(text, words, contacts, named.school_year) | {
        "named": _person(named, words),
        "translation": sections(translation.body, values) if translation else [],
        "signed": words.signed.format(name=evidence.signer, date=f"{_local(evidence.signed_at):%d/%m/%Y}"),
        "signed_note": words.signed_note.format(reference=evidence.reference),
        "evidence": _evidence(text, named, evidence, words),
    }
    return pdf(_HERE / "signed.typ", data, fonts=fonts, parts=_SHEET, tagged=True)


@lru_cache(maxsize=8)
def _ground(text: Text, words: Words, contacts: Contacts, school_year: str, fonts: Path) -> _Ground:
    """The text is laid out once, not once for each pupil: that took 13 ms each."""
    data = _page(text, words, contacts, school_year)
    template = _HERE / "blank.typ"
    return _Ground(
        pdf(template, data, fonts=fonts, parts=_SHEET), page_total(template, data, fonts=fonts, parts=_SHEET)
    )


def _page(text: Text, words: Words, contacts: Contacts, school_year: str) -> dict[str, Any]:
    return {
        "title": words.title,
        "language": words.language,
        "text_language": "fr",
        "page_width": A4_WIDTH,
        "page_height": A4_HEIGHT,
        "words": asdict(words),
        "year": words.school_year.format(school_year=school_year),
        "version": words.version.format(version=text.version),
        "assistance": words.assistance.format(phone=contacts.families_phone),
        "hours": contacts.families_hours,
        "email": contacts.families_email,
        "funding": contacts.funding_mention,
        "sections": sections(text.body, contacts.fillings(school_year)),
    }


def _form(item: Named, pages: int, words: Words) -> dict[str, Any]:
    if len(item.page_codes) < pages:
        raise ValueError(f"the form has {pages} pages, and {len(item.page_codes)} codes were given")
    codes = [_code(code) for code in item.page_codes[:pages]]
    return _person(item, words) | {"year": item.school_year, "codes": codes}


def _person(named: Named, words: Words) -> dict[str, Any]:
    born = f"{named.birth_date:%d/%m/%Y}" if named.birth_date else ""
    return {
        "pupil": named.pupil,
        "born": words.born.format(date=born) if born else "",
        "place": " · ".join(filter(None, (named.class_name, named.school))),
        "guardians": named.guardians,
    }


def _code(text: str) -> dict[str, Any]:
    own = parse_own_code(text)
    if own is None or own.kind is not OwnKind.AGREEMENT_PAGE or own.text != text:
        raise ValueError(f"{text!r} is not the code of an agreement's page")
    bars, square = symbol(text, Symbology.CODE_128), symbol(text, Symbology.QR)
    return {
        "text": text,
        "bars": bars.svg,
        "bars_columns": bars.columns,
        "square": square.svg,
        "square_columns": square.columns,
    }


def _evidence(text: Text, named: Named, evidence: Evidence, words: Words) -> Sequence[tuple[str, str, int]]:
    """Caption, value, and how many lines it takes."""
    quality = words.guardian if evidence.quality == "guardian" else words.adult
    languages = {"fr": words.french, "en": words.english}
    rows = [
        (words.evidence_signer, evidence.signer, 2),
        (words.evidence_quality, quality, 1),
        (words.evidence_pupil, " · ".join(filter(None, (named.pupil, named.class_name, named.school))), 2),
        (words.evidence_email, evidence.email, 1),
        (words.evidence_code_sent, _moment(evidence.code_sent_at, words), 1),
        (words.evidence_confirmed, _moment(evidence.confirmed_at, words), 1),
        (words.evidence_signed, _moment(evidence.signed_at, words), 1),
        (words.evidence_address, evidence.address, 1),
        (words.evidence_browser, evidence.browser, 3),
        (words.evidence_language, languages.get(evidence.language, evidence.language), 1),
        (words.evidence_text, f"{words.title}, {words.version.format(version=text.version)}", 1),
        (words.evidence_digest, text.digest, 1),
        (words.evidence_reference, evidence.reference, 1),
    ]
    return [(caption, value, min(most, 1 + len(value) // SIGNS_OF_A_LINE)) for caption, value, most in rows]


def _local(moment: datetime) -> datetime:
    return moment.astimezone(TIME_ZONE)


def _moment(moment: datetime, words: Words) -> str:
    """In Paris, for people, and in UTC, for experts."""
    local = _local(moment)
    said = words.moment.format(date=f"{local:%d/%m/%Y}", time=f"{local:%H:%M:%S}")
    return f"{said} · {moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
