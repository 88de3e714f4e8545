"""New to the lycée, new to Normandy: what last year's school says."""

from enum import StrEnum

from tracker.rules.identifiers import is_norman_uai, is_uai
from tracker.rules.levels import is_below_lycee


class NewcomerBy(StrEnum):
    """What makes a newcomer (primo-entrant, C2): last year's school, last year's level, or either. A setting."""

    EITHER = "either"
    SCHOOL = "school"
    LEVEL = "level"


def is_newcomer(
    previous_uai: str, previous_mef: str, school_uai: str, by: NewcomerBy = NewcomerBy.EITHER
) -> bool | None:
    """Rule C2. Whether a pupil is new to this lycée (primo-entrant): last year elsewhere, or below lycée level.

    `by`: which of the two counts. None when the file says nothing of it.
    """
    came_up = is_below_lycee(previous_mef) if previous_mef else None
    came_in = previous_uai != school_uai if previous_uai else None
    if by is NewcomerBy.LEVEL:
        return came_up
    if by is NewcomerBy.SCHOOL:
        return came_in
    return True if came_up else came_in


def arrived_mid_course(previous_uai: str) -> bool | None:
    """Rule E2. Whether a pupil comes into a Norman school from elsewhere; None when last year's school is not known.

    It matters at the second levels only (première, second year of CAP): rules.eligibility asks for it there alone.
    """
    if not is_uai(previous_uai):
        return None
    return not is_norman_uai(previous_uai)
