"""The two decoders: neither rewrites what is printed, and one works without the other."""

import subprocess
import sys

import pytest

from bench.pictures import drawn, turned
from tracker.scanning import Symbol, Symbology, engines_available, read
from tracker.scanning.engines import full_ascii, is_credible, read_zbar, read_zxing

WITHOUT_LIBZBAR = """
import ctypes.util, json, sys
found = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if name == "zbar" else found(name)
from bench.pictures import drawn, turned
from tracker.scanning import engines_available, read
texts = [read(turned(drawn("PF3A7K2M"), degrees)).texts for degrees in (0, 45, 90)]
print(json.dumps([engines_available(), texts, read(drawn("PF3A7K2M")).engines]))
"""


@pytest.mark.parametrize(
    ("read_bars", "text"),
    [
        ("12+A+B", "12ab"),
        ("E+X+T+E+N+D+E+D /A%J/J/C", "Extended !?*#"),
        ("3/U", "3/U"),
        ("B3% $DAD$", "B3% $DAD$"),
        ("AB+CD", "AB+CD"),
        ("+A123BJC5D6E71", "+A123BJC5D6E71"),
        ("2/4-8/16-32", "2/4-8/16-32"),
        ("+A+B+1", "+A+B+1"),
        ("5CG0123BCD", "5CG0123BCD"),
    ],
)
def test_full_ascii_is_resolved_only_where_nothing_else_explains_the_bars(read_bars: str, text: str) -> None:
    assert full_ascii(read_bars) == text


@pytest.mark.parametrize("text", ["3/U4", "A$BC", "X%Y-1"])
@pytest.mark.parametrize("read_engine", [read_zxing, read_zbar])
def test_a_code_39_is_read_as_printed(read_engine, text: str) -> None:
    assert [s.text for s in read_engine(drawn(text, "code_39"), 1)] == [text]


@pytest.mark.parametrize("text", ["T", "AB", "ABC", " A "])
def test_a_code_39_of_fewer_than_four_characters_is_refused(text: str) -> None:
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))

    assert not is_credible(Symbol(text, Symbology.CODE_39, corners, "zbar", 2))
    assert read(drawn(text, "code_39")).symbols == ()


def test_accents_in_a_qr_code_are_left_to_the_decoder_that_does_not_guess() -> None:
    picture = drawn("Éléonore", "qr")

    assert [s.text for s in read_zxing(picture, 1)] == ["Éléonore"]
    assert read_zbar(picture, 1, density=1, matrix=True) == []
    assert [s.text for s in read_zbar(drawn("Eleonore", "qr"), 1, density=1, matrix=True)] == ["Eleonore"]


def test_both_decoders_agree_on_what_an_american_article_number_is() -> None:
    picture = drawn("036000291452", "upc_a")

    answers = [[(s.symbology, s.text) for s in engine(picture, 1)] for engine in (read_zxing, read_zbar)]

    assert answers == [[("upc_a", "036000291452")]] * 2


def test_this_machine_reads_with_both_decoders() -> None:
    assert engines_available() == ("zxing-cpp", "zbar")
    assert read(turned(drawn("PF3A7K2M"), 90)).symbols[0].engine == "zbar"


def test_without_libzbar_the_other_decoder_goes_on_alone_and_says_so() -> None:
    answer = subprocess.run([sys.executable, "-c", WITHOUT_LIBZBAR], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == '[["zxing-cpp"], [["PF3A7K2M"], ["PF3A7K2M"], ["PF3A7K2M"]], ["zxing-cpp"]]'
