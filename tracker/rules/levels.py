"""The level of a class from its level code (MEF): dispositif and year decide."""

from collections.abc import Mapping

from tracker.rules.eligibility import Level

COMPARED = 10
"""The eleventh digit of a MEF is a local variant: codes are compared on the first ten."""

_NO_ANSWER: Mapping[str, Level] = {}

# Dispositif (3 digits), then year in it (the tenth digit). The brevet de technicien counts with its general level.
_LEVELS = {
    ("200", "1"): Level.SECONDE_GT,
    ("201", "1"): Level.PREMIERE_GT,
    ("211", "1"): Level.PREMIERE_GT,
    ("221", "1"): Level.PREMIERE_GT,
    ("202", "1"): Level.TERMINALE_GT,
    ("212", "1"): Level.TERMINALE_GT,
    ("222", "1"): Level.TERMINALE_GT,
    ("247", "1"): Level.SECONDE_PRO,
    ("276", "1"): Level.SECONDE_PRO,
    ("247", "2"): Level.PREMIERE_PRO,
    ("276", "2"): Level.PREMIERE_PRO,
    ("247", "3"): Level.TERMINALE_PRO,
    ("276", "3"): Level.TERMINALE_PRO,
    ("241", "1"): Level.CAP_1_OF_2,
    ("271", "1"): Level.CAP_1_OF_2,
    ("241", "2"): Level.CAP_2_OF_2,
    ("271", "2"): Level.CAP_2_OF_2,
    ("240", "1"): Level.CAP_1_OF_1,
    ("242", "1"): Level.CAP_OF_3,
    ("242", "2"): Level.CAP_OF_3,
    # Only the first two years of a three-year CAP are to be settled; its last year gets no laptop, whatever the answer.
    ("242", "3"): Level.OTHER,
}


def mef_key(mef: str) -> str:
    """The ten digits on which a level code is compared; empty for what is no level code."""
    digits = mef.strip()[:COMPARED]
    return digits if len(digits) == COMPARED and digits.isascii() and digits.isdigit() else ""


def level_of(mef: str, settled: Mapping[str, Level] = _NO_ANSWER) -> Level:
    """Rule E1. The level of a class by its MEF of 10 or 11 digits; UNKNOWN is to be checked, never refused.

    `settled`: what administrators answered for single codes, by their ten digits; their answer goes first.
    """
    key = mef_key(mef)
    if not key:
        return Level.UNKNOWN
    if key in settled:
        return settled[key]
    if is_below_lycee(key):
        return Level.OTHER
    return _LEVELS.get((key[:3], key[9]), Level.UNKNOWN)


def is_below_lycee(mef: str) -> bool:
    """Whether this MEF is one of a collège: its dispositif begins with 1."""
    return mef_key(mef).startswith("1")
