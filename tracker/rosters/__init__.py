"""SIECLE and FREGATA files into plain rows and problems; knows rules, never models."""

from tracker.rosters.limits import LIMITS, Limits
from tracker.rosters.reading import read_roster
from tracker.rosters.rows import ClassRow, GuardianRow, Kind, MefRow, Problem, PupilRow, Roster, Severity

__all__ = [
    "LIMITS",
    "ClassRow",
    "GuardianRow",
    "Kind",
    "Limits",
    "MefRow",
    "Problem",
    "PupilRow",
    "Roster",
    "Severity",
    "read_roster",
]
