"""Templates and data in, PDF out: typst, its fonts, its warnings."""

import json
import logging
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).parents[1] / "static" / "vendor" / "fonts"
FAMILY = "Inter"
EMBEDDED_FAMILY = "Libertinus Serif"

A4_WIDTH = 210.0
A4_HEIGHT = 297.0
INCH = 25.4

_COMMON = Path(__file__).with_name("common.typ")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PageCaptions:
    """What a page says about itself, already translated: what it is, when it was printed, which page.

    `page` holds the placeholders {page} and {pages}; `note` may be empty.
    """

    title: str
    printed_on: str
    page: str
    note: str = ""
    language: str = "fr"


def pdf(
    template: Path, data: dict[str, Any], *, fonts: Path = FONTS, parts: tuple[Path, ...] = (), tagged: bool = False
) -> bytes:
    """The PDF of `template` (a .typ file, which may import `parts`) filled with `data`.

    The data travel as a JSON file of the compilation: typst never parses them, so they print literally.
    `tagged` adds the structure that screen readers need.
    """
    book, files = _compilation(template, data, fonts, parts)
    made = typst.compile(files, font_paths=book, pdf_tags=tagged)  # type: ignore[call-overload]
    return bytes(made)


def page_total(template: Path, data: dict[str, Any], *, fonts: Path = FONTS, parts: tuple[Path, ...] = ()) -> int:
    """How many pages the PDF of the same arguments has; `template` says it in a metadata `<pages>`."""
    book, files = _compilation(template, data, fonts, parts)
    found = typst.query(files, "<pages>", field="value", one=True, font_paths=book)  # type: ignore[type-var]
    return int(json.loads(found))


def _compilation(
    template: Path, data: dict[str, Any], fonts: Path, parts: tuple[Path, ...]
) -> tuple[typst.Fonts, dict[str, bytes]]:
    book, family = _fonts(fonts)
    files = {part.name: _template(part) for part in (_COMMON, *parts)}
    return book, files | {
        "main.typ": _template(template),
        "data.json": json.dumps(_plain(data) | {"font": family}).encode(),
    }


@lru_cache
def _template(path: Path) -> bytes:
    return path.read_bytes()


@lru_cache
def _fonts(folder: Path) -> tuple[typst.Fonts, str]:
    """The fonts and the family to set in. Never the machine's own fonts: a page is the same everywhere."""
    book = typst.Fonts(include_system_fonts=False, font_paths=[folder] if folder.is_dir() else [])
    if FAMILY in book.families():
        return book, FAMILY
    _log.warning("The font %s is missing from %s: pages are set in %s.", FAMILY, folder, EMBEDDED_FAMILY)
    return book, EMBEDDED_FAMILY


def _plain(value: Any) -> Any:
    """The same data with every text on one line and without control characters, bytes as JSON has them."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _printable(text: str) -> str:
    """Line breaks, tabs and control characters as spaces; accents composed; no-break spaces kept."""
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():  # nearly always; sign by sign a symbol's drawing takes longer than typst
        return composed
    return "".join(" " if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") else sign for sign in composed)
