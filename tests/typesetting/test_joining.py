"""Files put together: all pages, in order."""

import typst

from tests.paper import opened, words
from tracker.typesetting import joined


def a_file(*pages: str) -> bytes:
    body = '#set text(font: "Libertinus Serif")\n' + "\n#pagebreak()\n".join(pages)
    return bytes(typst.compile(body.encode(), font_paths=typst.Fonts(include_system_fonts=False)))


def test_pages_keep_their_order():
    made = joined([a_file("Un", "Deux"), a_file("Trois"), a_file("Quatre", "Cinq")])
    assert [words(page) for page in opened(made)] == ["Un", "Deux", "Trois", "Quatre", "Cinq"]


def test_one_file_alone_stays_as_it_is():
    alone = a_file("Un")
    assert joined([alone]) is alone
