"""The light markup: what is a heading, an item, bold; all the rest stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.documents.markup import Block, blocks, sections


def test_headings_paragraphs_and_items():
    body = "Avant\nla suite\n\n# Titre\nTexte\n- un\n  deux\n- trois\n\nFin"
    assert blocks(body) == [
        Block("paragraph", "Avant la suite"),
        Block("heading", "Titre"),
        Block("paragraph", "Texte"),
        Block("item", "un deux"),
        Block("item", "trois"),
        Block("paragraph", "Fin"),
    ]


def test_a_section_is_a_heading_with_what_stands_below_it():
    found = sections("Début\n\n# Un\n\nA\n\n- B\n\n# Deux", {})
    assert [(_plain(one["heading"]), [_plain(block["runs"]) for block in one["blocks"]]) for one in found] == [
        ("", ["Début"]),
        ("Un", ["A", "B"]),
        ("Deux", []),
    ]


@pytest.mark.parametrize(("text", "runs"), [
    ("a **b** c", [("a ", False), ("b", True), (" c", False)]),
    ("**b**", [("b", True)]),
    ("**a** et **b c**.", [("a", True), (" et ", False), ("b c", True), (".", False)]),
    ("2 ** 3 ** 4", [("2 ** 3 ** 4", False)]),
    ("**ouvert", [("**ouvert", False)]),
    ("*a* _b_ ## c #d", [("*a* _b_ ## c #d", False)]),
])  # fmt: skip
def test_bold(text, runs):
    assert [(run["text"], run["bold"]) for run in _only_runs(text)] == runs


def test_placeholders_are_filled_once_and_never_read_as_markup():
    values = {"phone": "**0 800** {mail}", "mail": "a@b"}
    assert _plain(_only_runs("Au {phone}, {mail}, {unknown}", values)) == "Au **0 800** {mail}, a@b, {unknown}"
    assert [run["bold"] for run in _only_runs("**{phone}**", values)] == [True]


def test_a_word_longer_than_a_line_may_be_broken():
    assert _plain(_only_runs("x" * 61)).count("\u200b") == 60
    assert "\u200b" not in _plain(_only_runs("x" * 60))


@given(st.text())
def test_no_letter_is_lost(body):
    said = "".join(
        _plain(one["heading"]) + "".join(_plain(block["runs"]) for block in one["blocks"]) for one in sections(body, {})
    )
    letters = [sign for sign in body if sign.isalnum()]
    assert [sign for sign in said if sign.isalnum()] == letters


def _only_runs(text, values=None):
    return sections(text, values or {})[0]["blocks"][0]["runs"]


def _plain(runs) -> str:
    return "".join(run["text"] for run in runs)
