"""Where a pupil goes who leaves a school: the destinations of rules L1 to L5, and what they mean."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Destination(StrEnum):
    """Where a pupil went who is off the roster; TO_QUALIFY until somebody knows (L5: never a guess)."""

    TO_QUALIFY = "to_qualify"
    MEMBER_SCHOOL = "member_school"
    OTHER_SCHOOL = "other_school"
    OTHER_REGION = "other_region"
    CFA = "cfa"
    APPRENTICE_HERE = "apprentice_here"
    END_OF_SCHOOLING = "end_of_schooling"
    DIED = "died"
    CAME_BACK = "came_back"


class DepartureOrigin(StrEnum):
    """Who said that a pupil left: the roster, the school itself, or a device scanned at a desk."""

    ROSTER = "roster"
    SCHOOL = "school"
    DESK = "desk"


DIED = "43"
"""The exit reason of SIECLE for a pupil who died (L5)."""


def destination_of(exit_reason: str, answers: dict[str, str] | None = None) -> Destination:
    """Rule L5. What an exit reason tells for sure; `answers`: an administrator's table, by code."""
    if exit_reason == DIED:
        return Destination.DIED
    known = (answers or {}).get(exit_reason, "")
    return Destination(known) if known in set(Destination) else Destination.TO_QUALIFY


def follows(left_on: date | None, seen_on: date, waiting_days: int, *, member: bool) -> bool:
    """Rules L1, L5. Whether the loan of a pupil who reappears in another school follows by itself.

    It does in a member school, until `waiting_days` days after the exit; a pupil without an exit date never left.
    """
    return member and (left_on is None or seen_on <= left_on + timedelta(days=waiting_days))


class Fate(StrEnum):
    """What happens to the loans of a pupil who leaves."""

    KEEPS = "keeps"
    MOVES = "moves"
    RETURNS = "returns"
    COLLECTED = "collected"
    WAITS = "waits"


SETTLING = frozenset({Fate.KEEPS, Fate.MOVES})
"""What leaves nothing to be done: the departure is over with the answer."""

BRINGING_BACK = frozenset({Fate.RETURNS, Fate.COLLECTED})
"""What has every lent device expected; a pupil who died is never written about (COLLECTED)."""

_RETURNS = {
    Destination.OTHER_SCHOOL: "L2",
    Destination.OTHER_REGION: "L2",
    Destination.CFA: "L2",
    Destination.END_OF_SCHOOLING: "L4",
}
_KEEPS = {Destination.APPRENTICE_HERE: "L3", Destination.CAME_BACK: "L5"}

STAYING = frozenset(_KEEPS)
"""What is no departure from the school: the pupil is in class as before."""

GONE_FOR_GOOD = frozenset({*_RETURNS, Destination.DIED})
"""Where whoever went is owed nothing any more."""


@dataclass(frozen=True)
class Consequence:
    """What an answer means. `due_on`: the devices are back by then, or the waiting time's last day (WAITS)."""

    rule: str
    fate: Fate
    due_on: date | None = None


def consequence(
    destination: Destination, *, left_on: date, answered_on: date, return_days: int, waiting_days: int
) -> Consequence:
    """Rules L1 to L5. What becomes of the loans, and by when; a destination that stays unknown becomes a return."""
    due_on = max(left_on, answered_on) + timedelta(days=return_days)
    if destination is Destination.MEMBER_SCHOOL:
        return Consequence("L1", Fate.MOVES)
    if destination in _KEEPS:
        return Consequence(_KEEPS[destination], Fate.KEEPS)
    if destination in _RETURNS:
        return Consequence(_RETURNS[destination], Fate.RETURNS, due_on)
    if destination is Destination.DIED:
        return Consequence("L5", Fate.COLLECTED, due_on)
    last_day = left_on + timedelta(days=waiting_days)
    return (
        Consequence("L5", Fate.RETURNS, due_on) if answered_on > last_day else Consequence("L5", Fate.WAITS, last_day)
    )


def is_here_after_all(
    declared_on: date, seen_on: date, entered_on: date | None, waiting_days: int, *, newer_year: bool
) -> bool:
    """Rule L5. Whether a roster that names a pupil whom their school declared gone outweighs that word.

    Never until the declared day is past. Then: an entry after that day, a newer school year, or a roster that still
    names them when the waiting time is over; until then it is only behind.
    """
    if seen_on <= declared_on:
        return False
    entered_anew = entered_on is not None and entered_on > declared_on
    return entered_anew or newer_year or seen_on > declared_on + timedelta(days=waiting_days)
