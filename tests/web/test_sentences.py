"""Every code of the domain has its words."""

import re
from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from tracker.rules import access, agreements, custody, eligibility
from tracker.rules.refusals import Refused
from tracker.scanning import Symbology
from tracker.scanning.classification import CodeKind, default_rules
from tracker.web import sentences, stories
from tracker.web.scan_words import LABEL_RULES

CODE = Path(__file__).parents[2] / "tracker"
ENUMERATIONS = {
    "role": access.Role,
    "agreement": agreements.AgreementState,
    "state": custody.DeviceState,
    "holder": custody.Holder,
    "movement": custody.Movement,
    "kind": custody.DeviceKind,
    "level": eligibility.Level,
    "eligible": eligibility.Eligible,
    "code": CodeKind,
    "symbology": Symbology,
}


@pytest.mark.parametrize("subject", ENUMERATIONS)
def test_every_value_has_words(app, subject):
    enumeration: type[StrEnum] = ENUMERATIONS[subject]
    with app.test_request_context():
        assert all(sentences.words(subject, value) for value in enumeration)


def raised_codes() -> set[str]:
    """Every code that the program refuses with, as it stands in the source."""
    text = "\n".join(path.read_text() for path in CODE.glob("**/*.py"))
    codes = set(re.findall(r'\bRefused\(\s*"(\w+)"', text))
    return codes | set(re.findall(r'Eligibility\(Eligible\.(?:NO|CHECK), "E\d", "(\w+)"', text))


def test_every_refusal_has_a_sentence():
    assert raised_codes() - set(sentences._REFUSALS) == set()


@pytest.mark.parametrize("kind", ["REFUSALS", "WORDS", "TONES", "SAID"])
def test_no_subject_overwrites_what_another_one_says(kind):
    subjects = (*sentences._SUBJECTS, sentences.agreement_words, sentences.paper_words, sentences.roster_words)
    keys = [key for subject in subjects for key in getattr(subject, kind, {})]
    assert [key for key, times in Counter(keys).items() if times > 1] == []


def test_every_answer_about_a_pupils_eligibility_has_its_reason_in_words():
    answers = re.findall(r'Eligibility\(Eligible\.\w+, "E\d", "(\w+)"\)', (CODE / "rules/eligibility.py").read_text())
    assert "three_year_cap_excluded" in answers
    assert set(answers) - {"schooled"} == set(stories.REASONS)


def test_the_day_of_the_agreement_is_in_the_sentence(app):
    at = datetime(2026, 9, 28, 8, 0, tzinfo=UTC)
    with app.test_request_context():
        for state in ("sent", "signed"):
            found = Refused("agreement_missing", state=state, agreement_on=at)
            assert "28 sept. 2026" in sentences.refusal_sentence(found)
        assert "10:00" in sentences.refusal_sentence(Refused("undo_too_late", at=at))


def test_an_unknown_fact_is_never_a_crash(app):
    with app.test_request_context():
        for code in sentences._REFUSALS:
            assert sentences.refusal_sentence(Refused(code))


def test_every_rule_of_label_reading_that_the_program_comes_with_has_its_words():
    assert {rule.name for rule in default_rules()} == set(LABEL_RULES)
