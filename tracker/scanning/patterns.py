"""Regular expressions that people may edit: compiled once, and refused when one could run for ever."""

import re
from collections.abc import Iterator
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]
from typing import Any

LONGEST_PATTERN = 500
MOST_ENDLESS_REPEATS = 2
_REPEATS = (_parser.MAX_REPEAT, _parser.MIN_REPEAT, _parser.POSSESSIVE_REPEAT)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled; letters and digits are ASCII only."""
    return re.compile(pattern, re.ASCII)


def fault_in(pattern: str) -> str:
    """Why a pattern cannot serve, in one word (long, syntax, value, repeats), or nothing when it can.

    A repeat of varying length inside a repeat, or alternatives inside an endless one, can take longer than
    the universe on a text of fifty characters; so such patterns are refused instead of timed.
    """
    if len(pattern) > LONGEST_PATTERN:
        return "long"
    try:
        tree, groups = _parser.parse(pattern, re.ASCII), compiled(pattern).groupindex
    except (re.error, OverflowError, RecursionError):
        return "syntax"
    if "value" not in groups:
        return "value"
    return "" if _is_bounded(tree) else "repeats"


def _is_bounded(tree: Any) -> bool:
    """Whether the work on a text stays a small power of its length."""
    repeats = [argument for code, argument in _walk(tree) if code in _REPEATS]
    endless = [r for r in repeats if r[1] is _parser.MAXREPEAT or r[1] > 200]
    return len(endless) <= MOST_ENDLESS_REPEATS and not any(_is_explosive(r) for r in repeats)


def _is_explosive(repeat: Any) -> bool:
    """Whether what is repeated can itself match one text in several ways, too often."""
    _, most, body = repeat
    if most is not _parser.MAXREPEAT and most <= 3:
        return False
    inner = list(_walk(body))
    varying = any(code in _REPEATS and argument[0] != argument[1] for code, argument in inner)
    return varying or any(code is _parser.BRANCH for code, _ in inner)


def _walk(tree: Any) -> Iterator[tuple[Any, Any]]:
    """All nodes below a parsed pattern."""
    for code, argument in tree:
        yield code, argument
        for child in _children(argument):
            yield from _walk(child)


def _children(argument: Any) -> Iterator[Any]:
    """The parsed parts that an argument holds, at any depth of tuples and lists."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for part in argument:
            yield from _children(part)
