"""New to the lycée, new to Normandy: what last year's school says."""

from tracker.rules.identifiers import is_norman_uai, is_uai
from tracker.rules.levels import is_below_lycee


def is_newcomer(previous_uai: str, previous_mef: str, school_uai: str) -> bool | None:
    """Rule C2. Whether a pupil is new to this lycée (primo-entrant): last year elsewhere, or below lycée level.

    None when the file says nothing of last year.
    """
    if is_below_lycee(previous_mef):
        return True
    if not previous_uai:
        return None
    return previous_uai != school_uai


def arrived_mid_course(previous_uai: str) -> bool | None:
    """Rule E2. Whether a pupil comes into a Norman school from elsewhere; None when last year's school is not known.

    It matters at the second levels only (première, second year of CAP): rules.eligibility asks for it there alone.
    """
    if not is_uai(previous_uai):
        return None
    return not is_norman_uai(previous_uai)
