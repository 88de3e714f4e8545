"""Letters: what a file says of its encoding, what its bytes say, what had to be assumed."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rosters.siecle import pupil, pupils_file
from tracker.rosters import Roster, Severity, read_roster
from tracker.rosters.encodings import decoded, guessed
from tracker.rosters.findings import Findings

NAME = "ŒUVRÉ ŠŸ €"
FRENCH = st.text("abcdeéèêëàâçîïôùûœŒÉÈÀÇ -", min_size=1)


def read(encoding: str, declared: str | None, name: str = NAME, mark: bytes = b"") -> Roster:
    file = pupils_file(pupil(1, NOM_DE_FAMILLE=name, PRENOM="Zoé"), encoding=encoding, declared=declared)
    return read_roster(mark + file)


def names(roster: Roster) -> list[tuple[str, str]]:
    return [(row.last_name, row.first_name) for row in roster.pupils]


def codes(roster: Roster) -> list[str]:
    return [problem.code for problem in roster.problems]


@pytest.mark.parametrize(
    ("encoding", "declared", "mark"),
    [
        ("iso8859-15", "ISO-8859-15", b""),
        ("iso8859-15", "iso-8859-15", b""),
        ("utf-8", "UTF-8", b""),
        ("utf-8", None, b""),
        ("utf-8", "UTF-8", codecs.BOM_UTF8),
        ("utf-8", None, codecs.BOM_UTF8),
        ("utf-16", "UTF-16", b""),
        ("utf-16", None, b""),
        ("utf-16-be", "UTF-16", codecs.BOM_UTF16_BE),
        ("utf-16-le", "UTF-16", b""),
        ("cp1252", "windows-1252", b""),
    ],
)
def test_a_file_that_tells_the_truth_is_read_without_a_word(encoding, declared, mark):
    roster = read(encoding, declared, mark=mark)
    assert (names(roster), roster.problems) == ([(NAME, "Zoé")], [])


def test_8859_15_is_not_latin_1():
    roster = read("iso8859-15", "ISO-8859-15", "ŒœŠšŽžŸ€")
    assert names(roster) == [("ŒœŠšŽžŸ€", "Zoé")]


@pytest.mark.parametrize(
    ("encoding", "declared", "code"),
    [
        ("utf-8", "ISO-8859-15", "encoding_lies"),
        ("iso8859-15", "UTF-8", "encoding_lies"),
        ("cp1252", "UTF-8", "encoding_lies"),
        ("cp1252", "ISO-8859-15", "encoding_lies"),
        ("utf-8", "UTF-16", "encoding_lies"),
        ("utf-8", "klingon", "encoding_unknown"),
        ("iso8859-15", "klingon", "encoding_unknown"),
        ("iso8859-15", "zip", "encoding_unknown"),
    ],
)
def test_a_declaration_that_lies_or_names_nothing_known_is_not_believed(encoding, declared, code):
    roster = read(encoding, declared)
    assert names(roster) == [(NAME, "Zoé")]
    assert [(p.code, p.severity) for p in roster.problems] == [(code, Severity.WARNING)]


def test_no_declaration_and_no_utf_8_is_said_as_an_assumption():
    roster = read("iso8859-15", None)
    assert names(roster) == [(NAME, "Zoé")]
    assert [(p.code, p.severity) for p in roster.problems] == [("encoding_assumed", Severity.INFORMATION)]


def test_a_mark_goes_before_a_declaration_that_says_otherwise():
    roster = read("utf-8", "ISO-8859-15", mark=codecs.BOM_UTF8)
    assert (names(roster), codes(roster)) == ([(NAME, "Zoé")], ["encoding_mark"])


def test_utf_16_with_a_mark_and_a_declaration_that_says_otherwise():
    roster = read("utf-16", "ISO-8859-15")
    assert (names(roster), codes(roster)) == ([(NAME, "Zoé")], ["encoding_mark"])


def test_a_letter_of_another_alphabet_in_the_middle_of_a_file_is_said_and_kept():
    file = pupils_file(*(pupil(n) for n in range(1, 200)), encoding="utf-8", declared="UTF-8")
    last = file.rindex("Léa".encode())
    roster = read_roster(file[:last] + b"L\xe9a" + file[last + 4 :])
    assert roster.pupils[-1].first_name == "Léa"
    assert codes(roster) in (["encoding_mixed"], ["encoding_lies"])


def test_spaces_before_the_declaration_do_not_matter():
    roster = read_roster(b"\r\n  " + pupils_file(pupil(1, PRENOM="Zoé")))
    assert (roster.pupils[0].first_name, roster.problems) == ("Zoé", [])


def test_lines_are_those_of_the_file_whatever_is_done_to_its_declaration():
    file = pupils_file(pupil(1))
    line = file[: file.index(b"<ELEVE ")].count(b"\n") + 1
    assert read_roster(file).pupils[0].line == line
    assert read_roster(file.replace(b"?>", b"\n\n?>", 1)).pupils[0].line == line + 2


@given(FRENCH, st.sampled_from(["utf-8", "iso8859-15"]))
def test_a_name_comes_through_whatever_its_letters(name, encoding):
    roster = read(encoding, encoding, name + "A")
    assert [row.last_name for row in roster.pupils] == [" ".join((name + "A").split())]


@given(st.text(), st.integers(1, 7))
def test_utf_8_comes_through_wherever_it_is_cut(text, size):
    data = text.encode("utf-8", "ignore")
    pieces = iter([data[at : at + size] for at in range(0, len(data), size)])
    findings = Findings()
    found = "".join(decoded(pieces, findings, declared="utf-8"))
    if not data.startswith((codecs.BOM_UTF8, b"\xef\xbb")) and "\0" not in text[:4]:
        assert found == data.decode() or findings.in_order()


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman", "utf-8"])
def test_french_is_told_apart(encoding):
    assert guessed("Prénom;Libellé;Élève;Noël".encode(encoding)) == encoding


@given(st.binary(min_size=1))
def test_any_bytes_become_a_text(data):
    assert isinstance("".join(decoded(iter([data]), Findings())), str)
