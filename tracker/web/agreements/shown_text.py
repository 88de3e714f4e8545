"""The agreement's text on screen: its light markup as sections of paragraphs and lists, every sign escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tracker.documents import Contacts
from tracker.documents.markup import sections

Runs = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """A paragraph (one entry) or a list (an entry each); an entry is a row of runs, bold or not."""

    is_list: bool
    entries: tuple[Runs, ...]


@dataclass(frozen=True)
class Section:
    """A heading, maybe empty, with what stands below it."""

    heading: Runs
    parts: tuple[Part, ...]


def shown_text(text: str, contacts: Contacts, school_year: str) -> list[Section]:
    """The text with its placeholders filled in, for the macro `agreement_text`."""
    return [Section(each["heading"], _parts(each["blocks"])) for each in sections(text, contacts.fillings(school_year))]


def _parts(blocks: Sequence[dict[str, Any]]) -> tuple[Part, ...]:
    found: list[Part] = []
    for kind, group in groupby(blocks, key=lambda block: block["kind"]):
        entries = tuple(block["runs"] for block in group)
        found += [Part(True, entries)] if kind == "item" else [Part(False, (entry,)) for entry in entries]
    return tuple(found)
