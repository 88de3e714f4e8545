"""Rosters in words: states, kinds of files, destinations, fields, stops and the yes to each."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from tracker.rules.rosters import ImportState

IMPORT_STATES = {
    "waiting": _l("being read"),
    "early": _l("waits for the pupils’ file"),
    "ready": _l("to be applied"),
    "refused": _l("cannot be applied"),
    "applied": _l("applied"),
    "undone": _l("undone"),
    "cancelled": _l("left aside"),
}

ORIGINS = {"upload": _l("uploaded"), "terminal": _l("command line"), "folder": _l("watched folder")}

KINDS = {
    "none": _l("not read yet"),
    "unknown": _l("not recognised"),
    "siecle_pupils": _l("SIECLE, pupils"),
    "siecle_guardians": _l("SIECLE, guardians"),
    "siecle_structures": _l("SIECLE, classes"),
    "siecle_nomenclatures": _l("SIECLE, level codes"),
    "fregata_csv": _l("FREGATA (CSV)"),
    "fregata_json": _l("FREGATA (JSON)"),
}


def kind_code(kind: str | None, state: str) -> str | None:
    """What the file is, as a code of KINDS: one that was read and refused without a kind is not recognised."""
    return kind or ("unknown" if state == ImportState.REFUSED else None)


def state_code(kind: str | None, state: str) -> str:
    """Where an import stands, as a code of IMPORT_STATES: one that was read and waits still came before the pupils."""
    return "early" if kind and state == ImportState.WAITING else state


DESTINATIONS = {
    "to_qualify": _l("not known yet"),
    "member_school": _l("another member school"),
    "other_school": _l("a school that is no member"),
    "other_region": _l("another region"),
    "cfa": _l("a CFA"),
    "apprentice_here": _l("apprentice, stays in the class"),
    "end_of_schooling": _l("end of schooling at the lycée"),
    "died": _l("died"),
    "came_back": _l("came back"),
}

CHANGE_KINDS = {
    "arrival": _l("Arrivals"),
    "leaver": _l("Departures"),
    "move": _l("Arrivals from another member school"),
    "changed": _l("Changed"),
}

SEVERITIES = {
    "error": _l("Not taken: to be corrected at the source"),
    "warning": _l("Put right or left out: to be looked at"),
    "information": _l("Good to know"),
}

STOP_TITLES = {
    "other_school": _l("This file is another school’s"),
    "last_year": _l("This file is of an earlier school year"),
    "older": _l("This file is older than the last one that was read"),
    "collapsed": _l("Most pupils are missing from this file"),
    "guardians_gone": _l("Most pupils lose their guardians by this file"),
}
STOP_ANSWERS = {
    "other_school": _l("Yes, take its pupils for those of this school."),
    "last_year": _l("Yes, apply this file of an earlier school year."),
    "older": _l("Yes, go back to the state of this older file."),
    "collapsed": _l("Yes, these pupils have really left."),
    "guardians_gone": _l("Yes, these pupils really have no guardian any more."),
}
STOP_TONES = {"other_school": "bad", "collapsed": "bad", "guardians_gone": "bad"}

FIELDS = {
    "ine": _l("National number (INE)"),
    "other_ines": _l("Further national numbers"),
    "last_name": _l("Family name"),
    "first_name": _l("Given name"),
    "birth_date": _l("Born on"),
    "email": _l("E-mail"),
    "level": _l("Level"),
    "mef": _l("Level code (MEF)"),
    "class_name": _l("Class"),
    "regime": _l("Regime"),
    "status": _l("Status"),
    "entered_on": _l("Entered on"),
    "left_on": _l("Left on"),
    "repeats_year": _l("Repeats the year"),
    "arrived_mid_course": _l("Arrived during the course"),
    "eligible": _l("Laptop"),
    "eligible_reason": _l("Reason"),
    "roster_id": _l("Number in the school"),
    "newcomer": _l("New to the lycée"),
    "exit_reason": _l("Reason for leaving"),
    "guardians": _l("Guardians"),
    "label": _l("Name"),
}
STATUSES = {"ST": _l("pupil"), "AP": _l("apprentice")}

RESTS = {
    "imports": _l("Rosters applied since to the same pupils"),
    "loans": _l("Loans of these pupils opened or ended since"),
    "allocations": _l("Devices set aside for these pupils since"),
    "agreements": _l("Agreements of these pupils sent, printed, signed or validated since"),
    "requests": _l("Requests to sign about these pupils mailed since"),
    "departures": _l("Departures of these pupils noticed or settled since"),
    "answers": _l("Answers to where these pupils went, given since"),
}
"""What holds an import in its place: why it cannot be undone."""

_PUPILS_BACK = _l(
    "Every pupil is put back as before this file: arrivals disappear, departures are reopened or removed, "
    "loans that followed go back."
)
UNDOING = {
    "siecle_pupils": _PUPILS_BACK,
    "fregata_csv": _PUPILS_BACK,
    "fregata_json": _PUPILS_BACK,
    "siecle_guardians": _l(
        "The guardians of these pupils, with their addresses, are put back as before this file; "
        "nothing else of the pupils changes."
    ),
    "siecle_structures": _l("The names of the classes are put back as before this file; no pupil changes."),
    "siecle_nomenclatures": _l("The names of the level codes are put back as before this file; no pupil changes."),
}
"""What is asked before an import is undone: what it brings back, by kind of file."""

CODE_KINDS = {"mef": _l("level code (MEF)"), "exit_reason": _l("reason for leaving")}

WORDS = {
    "import": IMPORT_STATES,
    "origin": ORIGINS,
    "roster": KINDS,
    "destination": DESTINATIONS,
    "change": CHANGE_KINDS,
    "severity": SEVERITIES,
    "rests": RESTS,
    "undoing": UNDOING,
    "code_kind": CODE_KINDS,
}
TONES: dict[str, Mapping[str, str]] = {
    "roster_state": {"ready": "warn", "applied": "ok", "refused": "bad"},
    "severity": {"error": "bad", "warning": "warn"},
}
