"""The light markup of a text: headings, paragraphs, lists, bold; every other sign is literal."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_WORD = 60
"""A longer word may be broken anywhere, so that it stays on the page."""

_BOLD = re.compile(r"\*\*(\S|\S.*?\S)\*\*")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_MARKS = {"# ": "heading", "- ": "item"}


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph or an item of a list, its text on one line."""

    kind: str
    text: str


def sections(body: str, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The text as sections, each a heading (maybe none) with what stands below it, each text as runs.

    `{name}` is replaced by its value after the markup was read: a value is never markup. Unknown names stay.
    """
    found: list[dict[str, Any]] = []
    for block in blocks(body):
        drawn = {"kind": block.kind, "runs": _runs(block.text, values)}
        if block.kind == "heading":
            found.append({"heading": drawn["runs"], "blocks": []})
            continue
        if not found:
            found.append({"heading": [], "blocks": []})
        found[-1]["blocks"].append(drawn)
    return found


def blocks(body: str) -> list[Block]:
    """The text's blocks: `# ` opens a heading of one line, `- ` an item, an empty line ends a paragraph."""
    return [Block(kind, " ".join(lines)) for kind, lines in _blocks(body) if lines]


def _blocks(body: str) -> Iterator[tuple[str, list[str]]]:
    kind, lines = "paragraph", list[str]()
    for line in (line.strip() for line in body.splitlines()):
        mark = _MARKS.get(line[:2])
        if mark or not line or kind == "heading":
            yield kind, lines
            kind, lines = mark or "paragraph", []
        if text := line[2:].strip() if mark else line:
            lines.append(text)
    yield kind, lines


def _runs(text: str, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The text cut where bold begins and ends."""
    pieces = _BOLD.split(text)  # plain, bold, plain, bold, … plain
    return [
        {"text": _breakable(_filled(piece, values)), "bold": bool(number % 2)}
        for number, piece in enumerate(pieces)
        if piece
    ]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda name: values.get(name[1], name[0]), text)


def _breakable(text: str) -> str:
    return _LONG_WORD.sub(lambda word: "\u200b".join(word[0]), text)
