"""Every sentence of the interface has its French, with the same facts in it."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]


@pytest.fixture(scope="module")
def french() -> Catalog:
    with (ROOT / "tracker/translations/fr/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="fr")


def sentences() -> set:
    """Every message of the code, as its catalogue key."""
    found = extract_from_dir(str(ROOT / "tracker"), METHODS, {}, KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


def translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_sentence_has_its_french(french):
    missing = []
    for sentence in sentences():
        key = sentence if isinstance(sentence, str) else sentence[0]
        entry = french.get(key)
        if key and (entry is None or entry.fuzzy or not all(translations(entry))):
            missing.append(key)
    assert sorted(missing) == []


def test_a_translation_shows_the_facts_of_its_sentence_and_no_others(french):
    def facts(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)s", text))

    wrong = [
        message.id
        for message in french
        if message.id and any(facts(text) - facts("".join(message.id)) for text in translations(message))
    ]
    assert wrong == []


def test_no_sentence_is_translated_that_nobody_says(french):
    said = {sentence if isinstance(sentence, str) else sentence[0] for sentence in sentences()}
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in french if message.id}
    assert sorted(known - said) == []


def test_french_punctuation_keeps_its_spaces(french):
    careless = [
        text
        for message in french
        if message.id
        for text in translations(message)
        if re.search(r"\w[?!;](?:\s|$)|\w :(?:\s|$)|\w'\w", text) and "http" not in text and "`" not in text
    ]
    assert careless == []
