"""What a text of the loan agreement may hold: its placeholders, its length (A2, A3)."""

import re

MOST_PAGES = 4
"""Of the paper form: more is not read, and not carried through a school in piles."""

LONGEST_TEXT = 60_000
"""Characters in one language: far beyond what fits into MOST_PAGES."""

PLACEHOLDERS = ("families_phone", "families_hours", "families_email", "funding_mention", "school_year")
"""The names in braces that are filled in."""

_NAMED = re.compile(r"\{(\w+)\}")


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """The names in braces that nothing is filled in for, in their order, each once: families would read them bare."""
    return tuple(dict.fromkeys(name for name in _NAMED.findall(text) if name not in PLACEHOLDERS))
