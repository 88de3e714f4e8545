"""Where a pupil goes who leaves a school: the destinations of rules L1 to L5, and what they mean."""

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
