"""The agreement on paper: every page finds its way home from a bad scan; every word prints as it stands."""

import logging
from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.paper import Box, opened, rendered, signs, texts_read, words
from tracker import scanning
from tracker.documents import page_count, paper_forms, signed_agreement
from tracker.rules.codes import OwnKind, own_code

from .samples import CONTACTS, ENGLISH, EVIDENCE, FRENCH, HOW, TEXTS, named, text_of

HOSTILE = ['#eval("1+1") $x$ *y* _z_ @a <b>',
           "<script>alert(1)</script>", "=1+1", "\\u{41} `raw` // c /* d */", "W" * 100,
           "Marie-Antoinette de la Rochefoucauld-Montmorency-Laval du Plessis-Bellière d’Arques et de Beaumont-Ham",
           "**gras** {families_phone}", "-> fi --- ... ~"]  # fmt: skip
LONG = "# Titre\n\n" + "Un paragraphe assez long pour remplir la page, encore et encore. " * 230
SCHOOLS_LINE = "0974774274"


def squeezed(text: str) -> str:
    return "".join(text.split())


def scanned(page, angle: float, seed: int) -> bytes:
    """The page as a school's copier sends it: 150 dpi, crooked, grey, noisy, as a poor JPEG."""
    picture = rendered(page, 150)
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    crooked = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    soft = cv2.GaussianBlur(crooked, (0, 0), 0.7).astype(np.float64)
    noise = np.random.default_rng(seed).normal(0, 12, soft.shape)
    grey = np.clip(40 + soft * 0.75 + noise, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes()


@pytest.mark.parametrize("angle", [1.5, -1.5, 181.5])
def test_every_page_is_found_again_in_a_poor_crooked_scan(angle):
    pupils = [named(number) for number in range(6)]
    document = opened(paper_forms(TEXTS["fr"], pupils, **HOW))
    codes = [code for pupil in pupils for code in pupil.page_codes]
    assert len(document) == len(codes) == len(set(codes))
    for number, (page, code) in enumerate(zip(document, codes, strict=True)):
        found = scanning.read(scanned(page, angle, number)).symbols
        assert {symbol.text for symbol in found} == {code}


def test_each_of_the_two_symbols_is_enough():
    page = opened(paper_forms(TEXTS["fr"], [named(7)], **HOW))[0]
    code = named(7).page_codes[0]
    picture = rendered(page, 150)
    half = picture.shape[0] // 2
    for part, kind in ((picture[:half], "qr"), (picture[half:], "code_128")):
        assert [(one.text, one.symbology.value) for one in scanning.read(np.ascontiguousarray(part)).symbols] == [
            (code, kind)
        ]


def test_a_page_says_its_code_who_it_is_for_and_which_page():
    document = opened(paper_forms(TEXTS["fr"], [named(1), named(2)], **HOW))
    for number, page in enumerate(document):
        pupil = named(1 + number // 2)
        printed = words(page)
        facts = (pupil.pupil, pupil.class_name, pupil.school, pupil.page_codes[number % 2], f"Page{number % 2 + 1}sur2")
        for fact in facts:
            assert squeezed(fact) in printed
    assert all(squeezed(fact) in words(document[0]) for fact in ("Né(e) le 14/03/2010", *named(1).guardians))


def test_only_the_last_page_is_to_be_signed():
    first, last = opened(paper_forms(TEXTS["fr"], [named(1)], **HOW))
    for asked in (FRENCH.signer, FRENCH.guardian, FRENCH.read_and_approved, FRENCH.hand_in):
        assert squeezed(asked) in words(last)
        assert squeezed(asked) not in words(first)
    assert squeezed(FRENCH.adult) in words(last)
    assert "luetapprouvé" in words(last)


def test_families_contacts_stand_on_every_page_the_funding_on_the_first_and_the_schools_line_nowhere():
    for made in (
        paper_forms(TEXTS["fr"], [named(1)], **HOW),
        signed_agreement(TEXTS["fr"], named(1), EVIDENCE, **HOW),
        signed_agreement(TEXTS["fr"], named(1), EVIDENCE, words=ENGLISH, contacts=CONTACTS, translation=TEXTS["en"]),
    ):
        pages = [words(page) for page in opened(made)]
        for contact in (CONTACTS.families_phone, CONTACTS.families_hours, CONTACTS.families_email):
            assert all(squeezed(contact) in page for page in pages)
        funding = [squeezed(CONTACTS.funding_mention) in page for page in pages]
        assert funding == [True] + [False] * (len(pages) - 1)
        assert SCHOOLS_LINE not in "".join(pages)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_print_literally_and_change_no_page(hostile):
    pupil = named(3, pupil=hostile, school=hostile, class_name=hostile, guardians=(hostile, hostile))
    document = opened(paper_forms(TEXTS["fr"], [pupil], **HOW))
    assert len(document) == 2
    assert words(document[0]).count(squeezed(hostile)) == 5
    assert words(document[1]).count(squeezed(hostile)) == 3
    for page, code in zip(document, pupil.page_codes, strict=True):
        assert set(texts_read(rendered(page, 200))) == {code}
        paper = Box(20, 10, 190.1, 291)
        assert [sign for sign in signs(page) if not paper.holds(sign.box)] == []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_prints_literally(hostile):
    body = f"# {hostile}\n\n{hostile}\n\n- {hostile}"
    printed = words(opened(paper_forms(text_of(body), [named(1)], **HOW))[0])
    shown = hostile.replace("**gras** {families_phone}", f"gras{CONTACTS.families_phone}")
    assert printed.count(squeezed(shown)) == 3


def test_contacts_of_the_settings_are_never_markup():
    contacts = replace(CONTACTS, families_phone="**0 {school_year}** #x", funding_mention="= $1$")
    document = opened(paper_forms(TEXTS["fr"], [named(1)], words=FRENCH, contacts=contacts))
    assert words(document[1]).count("**0{school_year}**#x") == 2
    assert "=$1$" in words(document[0])


def test_the_page_count_is_that_of_the_real_pages_whoever_the_pupil_is():
    for text, pages in ((TEXTS["fr"], 2), (text_of(LONG), 5), (text_of(""), 1)):
        assert page_count(text, **HOW) == pages
        pupils = [
            named(1, pages=pages),
            named(2, pages=pages, pupil="W" * 100, guardians=("Æ" * 60,) * 6),
            named(3, pages=pages, pupil="", school="", class_name="", guardians=(), birth_date=None),
        ]
        assert len(opened(paper_forms(text, pupils, **HOW))) == 3 * pages


def test_a_form_with_more_pages_than_codes_is_refused():
    with pytest.raises(ValueError, match="5 pages, and 4 codes"):
        paper_forms(text_of(LONG), [named(1, pages=4)], **HOW)


@pytest.mark.parametrize("code", ["", "PNCBBBBBBBBX", own_code(OwnKind.DEVICE_TAG, 5), own_code(OwnKind.PUPIL_SLIP, 5)])
def test_a_code_that_is_no_pages_is_refused(code):
    with pytest.raises(ValueError, match="not the code of an agreement's page"):
        paper_forms(TEXTS["fr"], [named(1, page_codes=(code, code))], **HOW)


def test_nothing_to_print_is_refused():
    with pytest.raises(ValueError, match="no agreement"):
        paper_forms(TEXTS["fr"], [], **HOW)


def test_printed_on_both_sides_each_pupil_begins_a_sheet():
    text = text_of(LONG)
    pupils = [named(number, pages=5) for number in range(2)]
    document = opened(paper_forms(text, pupils, duplex=True, **HOW))
    assert len(document) == 12
    assert [words(document[number]) for number in (5, 11)] == ["", ""]
    assert named(1, pages=5).page_codes[0] in words(document[6])
    assert len(opened(paper_forms(TEXTS["fr"], [named(1)], duplex=True, **HOW))) == 2


def test_a_pile_is_one_file_in_the_order_given_each_with_its_school_year():
    pupils = [named(number, school_year=f"{2026 + number % 2}-{2027 + number % 2}") for number in range(230)]
    document = opened(paper_forms(TEXTS["fr"], pupils, **HOW))
    assert len(document) == 460
    for number in (0, 1, 99, 100, 199, 200, 201, 229):
        pupil, printed = pupils[number], words(document[2 * number])
        assert squeezed(pupil.pupil) in printed
        assert pupil.page_codes[0] in printed
        assert printed.count(pupil.school_year) == 2


def test_pages_are_set_in_inter_without_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        made = [paper_forms(TEXTS["fr"], [named(1)], **HOW), signed_agreement(TEXTS["fr"], named(1), EVIDENCE, **HOW)]
    assert caplog.text == ""
    fonts = {sign.font.split("+")[-1].split("-")[0] for pdf in made for page in opened(pdf) for sign in signs(page)}
    assert fonts == {"Inter"}


def test_the_signed_agreement_holds_the_text_and_all_evidence():
    pages = [words(page) for page in opened(signed_agreement(TEXTS["fr"], named(1), EVIDENCE, **HOW))]
    assert squeezed("L’ordinateur est prêté, et non donné.") in "".join(pages)
    assert squeezed("Signé électroniquement par Anne-Sophie LEFÈVRE le 04/09/2026") in pages[-2]
    for fact in (
        "Anne-Sophie LEFÈVRE", "représentant légal de l’élève", named(1).pupil, EVIDENCE.email, EVIDENCE.address,
        "04/09/2026 à 00:05:33 (heure de Paris) · 2026-09-03 22:05:33 UTC", "2026-09-03 22:07:01 UTC",
        "2026-09-03 22:07:02 UTC", EVIDENCE.browser, "français", "texte n° 3", TEXTS["fr"].digest, EVIDENCE.reference,
    ):  # fmt: skip
        assert squeezed(fact) in pages[-1]


def test_who_read_english_gets_it_below_the_french_text_that_was_signed():
    english = replace(EVIDENCE, language="en", quality="pupil")
    made = signed_agreement(TEXTS["fr"], named(1), english, words=ENGLISH, contacts=CONTACTS, translation=TEXTS["en"])
    pages = [words(page) for page in opened(made)]
    french, translated = (squeezed(said) for said in ("est prêté, et non donné", "is lent, not given"))
    assert (french in pages[0], translated in pages[0]) == (True, False)
    assert (french in pages[2], translated in pages[2]) == (False, True)
    assert squeezed(ENGLISH.translation + ENGLISH.translation_note) in pages[2]
    for said in ("04/09/2026 at 00:07:02 (Paris time)", "pupil of age", "English", TEXTS["fr"].digest):
        assert squeezed(said) in pages[-1]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_evidence_prints_literally_on_one_page(hostile):
    signed = replace(EVIDENCE, signer=hostile, email=hostile, browser=hostile * 4, address=hostile, reference=hostile)
    pages = [words(page) for page in opened(signed_agreement(TEXTS["fr"], named(1), signed, **HOW))]
    assert len(pages) == 3
    assert pages[-1].count(squeezed(hostile)) == 8


def test_the_signed_agreement_can_be_read_aloud():
    made = signed_agreement(TEXTS["fr"], named(1), EVIDENCE, **HOW)
    assert b"/StructTreeRoot" in made
    assert b"/Lang" in made


def test_the_same_agreement_gives_the_same_file():
    once, again = (signed_agreement(TEXTS["fr"], named(1), EVIDENCE, **HOW) for _ in range(2))
    assert once == again
