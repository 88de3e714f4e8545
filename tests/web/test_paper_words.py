"""Every reason, note and refusal of papers has its words."""

import re
from pathlib import Path

from tracker.rules.paper import _NO_MORE, Aside, PageNote
from tracker.rules.recipients import Unreachable
from tracker.rules.unsigned import Why
from tracker.scanning.symbols import UnreadablePile
from tracker.web import sentences
from tracker.web.agreements.paper_words import NOTES, UNREACHABLE, WHY, WHY_SIGNS
from tracker.web.agreements.stories import _TITLES

CODE = Path(__file__).parents[2] / "tracker"


def test_every_reason_and_every_note_has_words():
    assert set(WHY) == set(WHY_SIGNS) == set(Why)
    assert set(UNREACHABLE) == set(Unreachable)
    assert set(NOTES) == {*PageNote, *Aside}


def test_every_way_in_which_a_pile_cannot_be_opened_has_a_sentence():
    text = "\n".join(path.read_text() for path in (CODE / "scanning").glob("*.py"))
    reasons = set(re.findall(r'UnreadablePile\(\s*"(\w+)"', text)) | {"heic", "not_a_scan", "broken", "page_too_large"}
    named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)*\b", (UnreadablePile.__doc__ or "").split("word.")[1]))
    assert reasons - named == set()
    assert {f"pile_{reason}" for reason in reasons} - set(sentences._REFUSALS) == set()


def test_every_reason_against_paper_has_a_sentence():
    assert set(_NO_MORE.values()) <= set(sentences._REFUSALS)


def test_everything_that_happens_to_an_agreement_has_its_title():
    text = (CODE / "queries" / "agreement_story.py").read_text()
    happened = set(re.findall(r'Moment\([^,]+, "(\w+)"', text)) | {"sent", "reminded", "scanned"}
    assert happened == set(_TITLES)
