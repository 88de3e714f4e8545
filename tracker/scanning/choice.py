"""Which of several codes in view the screen takes: one, a question to the person, or what was seen instead."""

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from tracker.scanning.classification import Classified, CodeKind

Known = Callable[[str], Hashable]
_TELLING = (
    CodeKind.PART,
    CodeKind.ARTICLE,
    CodeKind.PRODUCT,
    CodeKind.SERVICE_CODE,
    CodeKind.MAC,
    CodeKind.WIFI,
    CodeKind.UNKNOWN,
)
"""Kinds that name no single thing, in the order in which they explain best what was shown."""


class Outcome(StrEnum):
    """What came of a view."""

    TAKEN = "taken"
    ASK = "ask"
    WRONG = "wrong"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Choice:
    """The code taken, the candidates to ask about, or what was seen instead of what was expected."""

    outcome: Outcome
    taken: Classified | None = None
    candidates: tuple[Classified, ...] = ()
    seen: tuple[Classified, ...] = ()


def choose(seen: Iterable[Classified], expected: Collection[CodeKind], known: Known | None = None) -> Choice:
    """What to do with the codes in view, when codes of the `expected` kinds are waited for.

    `known` tells which values are on record: something true, best the thing's own key, so that the tag and
    the serial of one device count as one. Two candidates are never decided by a guess: only by `known`.
    """
    codes = _distinct(seen)
    candidates = _candidates(codes, expected, known)
    if len(candidates) > 1 and known:
        candidates = _settled(candidates, known)
    if len(candidates) == 1:
        return Choice(Outcome.TAKEN, candidates[0], tuple(candidates))
    if candidates:
        return Choice(Outcome.ASK, candidates=tuple(candidates))
    others = tuple(sorted(codes, key=_how_telling))
    return Choice(Outcome.WRONG, seen=others) if others else Choice(Outcome.NOTHING)


def _distinct(seen: Iterable[Classified]) -> list[Classified]:
    """Each value of each kind once, in the order seen."""
    return list({(code.kind, code.value): code for code in reversed(list(seen))}.values())[::-1]


def _candidates(codes: list[Classified], expected: Collection[CodeKind], known: Known | None) -> list[Classified]:
    """The codes of the expected kinds; where a serial is waited for and none is there, a known service code.

    Any number of eleven digits may be an express service code: alone it stands for its tag only on record.
    """
    candidates = [code for code in codes if code.kind in expected]
    if candidates or CodeKind.SERIAL not in expected or not known:
        return candidates
    return [code for code in codes if code.kind is CodeKind.SERVICE_CODE and known(code.value)]


def _settled(candidates: list[Classified], known: Known) -> list[Classified]:
    """The one candidate on record, or one of several that are the same thing; otherwise all of them."""
    on_record = [(code, key) for code in candidates if (key := known(code.value))]
    is_one_thing = len({key for _, key in on_record}) == 1 and on_record[0][1] is not True
    if len(on_record) == 1 or is_one_thing:
        return [on_record[0][0]]
    return candidates


def _how_telling(code: Classified) -> int:
    """Where a code stands among those shown to explain a wrong view."""
    return _TELLING.index(code.kind) if code.kind in _TELLING else -1
