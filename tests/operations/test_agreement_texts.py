"""The agreement's text: versions that never change, a digest of both languages, a first text by itself."""

from datetime import date

import pytest

from tests.factories import NOW, actor, make_campaign
from tracker import documents
from tracker.models.agreements import AgreementText
from tracker.operations import agreement_texts, campaigns
from tracker.rules.agreement_texts import LONGEST_TEXT
from tracker.rules.refusals import Refused

pytestmark = pytest.mark.usefixtures("db")


def publish(french="Le prêt.", english="The loan.", role="admin"):
    return agreement_texts.publish_text(french, english, campaign=make_campaign(), actor=actor(role), now=NOW)


def test_each_text_is_a_version_of_its_own_with_its_digest_and_its_pages():
    first, second = publish(), publish(french="\n\n".join(["Un long paragraphe. " * 40] * 20))
    assert (first.version, second.version) == (1, 2)
    assert first.digest == documents.digest_of("Le prêt.\n\f\nThe loan.")
    assert 1 <= first.pages < second.pages
    assert AgreementText.select().count() == 2


def test_the_digest_tells_where_one_language_ends():
    assert agreement_texts.text_digest("ab", "c") != agreement_texts.text_digest("a", "bc")


def test_the_same_text_again_is_refused_and_nothing_is_written():
    publish()
    with pytest.raises(Refused) as refused:
        publish(french="Le prêt.\r\n")
    assert (refused.value.code, AgreementText.select().count()) == ("text_unchanged", 1)


@pytest.mark.parametrize(("french", "english"), [("", "The loan."), ("Le prêt.", " \n ")])
def test_both_languages_are_needed(french, english):
    with pytest.raises(Refused, match="text_missing"):
        publish(french, english)


def test_only_an_administrator_publishes():
    with pytest.raises(Refused, match="not_allowed"):
        publish(role="logistics")


def test_a_new_installation_has_a_text_once_its_first_school_year_is_open():
    for year in (2026, 2027):
        campaigns.create_campaign(year, date(year, 9, 1), date(year + 1, 7, 1), actor=actor(), now=NOW)
    text = AgreementText.get()
    assert text.french == documents.default_texts()["fr"].strip()
    assert text.pages >= 2


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ", "text_missing"),
        ("Appelez le {school_phone}.", "placeholder_unknown"),
        ("x" * (LONGEST_TEXT + 1), "text_too_long"),
        ("\n\n".join(["Un long paragraphe. " * 40] * 60), "form_too_long"),
    ],
)
def test_what_families_could_not_read_is_refused_with_its_language(language, text, code):
    texts = {"french": "Le prêt.", "english": "The loan."} | {{"fr": "french", "en": "english"}[language]: text}
    with pytest.raises(Refused) as refused:
        publish(**texts)
    assert (refused.value.code, refused.value.facts["language"]) == (code, language)
    assert AgreementText.select().count() == 0
