"""The texts and words that the program comes with."""

import re

import pytest

from tracker.documents import default_texts, default_words
from tracker.documents.markup import blocks

from .samples import CONTACTS

PLACEHOLDER = re.compile(r"\{\w+\}")


def test_both_languages_say_the_same_rules_under_the_same_headings():
    french, english = (blocks(default_texts()[language]) for language in ("fr", "en"))
    assert [block.kind for block in french] == [block.kind for block in english]
    for one, other in zip(french, english, strict=True):
        assert sorted(PLACEHOLDER.findall(one.text)) == sorted(PLACEHOLDER.findall(other.text))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_texts_name_the_families_contacts_by_placeholder_and_no_number_of_anybody(language):
    text = default_texts()[language]
    known = CONTACTS.fillings("2026-2027")
    assert {"{families_phone}", "{families_email}", "{families_hours}", "{school_year}"} <= set(
        PLACEHOLDER.findall(text)
    )
    assert all(name.strip("{}") in known for name in PLACEHOLDER.findall(text))
    assert not re.search(r"0\s?[89]\d\d?\s?\d\d", text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_words_keep_their_placeholders(language):
    words = default_words(language)
    assert words.language == language
    for name, places in (
        ("school_year", ["{school_year}"]), ("version", ["{version}"]), ("page", ["{page}", "{pages}"]),
        ("born", ["{date}"]), ("assistance", ["{phone}"]), ("signed", ["{name}", "{date}"]),
        ("signed_note", ["{reference}"]), ("moment", ["{date}", "{time}"]),
    ):  # fmt: skip
        assert PLACEHOLDER.findall(getattr(words, name)) == places


def test_another_language_is_unknown():
    with pytest.raises(KeyError):
        default_words("de")
