"""Departures in words: who said it, and what may not be answered."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.rules.departures import BRINGING_BACK, Consequence, Fate
from tracker.web.language import day

ORIGINS = {"roster": _l("the roster"), "school": _l("the school"), "desk": _l("a device scanned at a desk")}

ANSWERS = {
    "member_school": _l("Another school of the programme"),
    "other_school": _l("A school in Normandy that is no member"),
    "other_region": _l("Another region, or abroad"),
    "cfa": _l("A CFA outside the school, or outside the present cycle"),
    "apprentice_here": _l("Apprenticeship contract, and the pupil stays in the class here"),
    "end_of_schooling": _l("End of schooling at the lycée"),
    "died": _l("The pupil died"),
    "to_qualify": _l("Nobody knows yet"),
    "came_back": _l("The pupil stays after all: the departure was a mistake"),
}
"""The destinations as the form asks for them, in this order."""

RESTS = {
    "enrolled": _l("the pupil is enrolled in another school since"),
    "loans": _l("the loan that moved has ended since"),
    "came_back": _l("devices came back since"),
    "parcels": _l("a return parcel is prepared or on its way: cancel it first"),
}

WORDS: dict[str, Mapping[Any, Any]] = {
    "departure_origin": ORIGINS, "departure_answer": ANSWERS, "departure_rests": RESTS,
}  # fmt: skip
TONES: dict[str, Mapping[str, str]] = {"destination": {"to_qualify": "warn"}}
REFUSALS: dict[str, Any] = {
    "departure_over": _l("The roster has this pupil back: there is nothing to answer any more."),
    "destination_missing": _l("Say where the pupil goes; “Nobody knows yet” is an answer too."),
    "member_school_missing": _l(
        "Write the name, the town or the UAI of the new school; no member school is found for what you wrote."
    ),
    "member_school_several": _l("Several schools have this name: choose one below."),
    "same_school": _l("This is the school that the pupil leaves: choose the one they go to."),
    "no_member_school": _l(
        "%(name)s is no member of the programme today: answer “A school in Normandy that is no member”."
    ),
    "not_declared": _l("The roster says that this pupil left: only the school’s next roster can say otherwise."),
    "answer_rests": _l("This answer cannot be changed, because of what happened since: %(rests_words)s."),
    "pupil_not_enrolled": _l("This pupil is not enrolled in one of your schools."),
    "departure_exists": _l("This pupil’s departure is known already: answer on its page."),
    "left_on_far": _l("Write the day on which the pupil leaves: at most a year before or after today."),
    "left_on_missing": _l("Write the day on which the pupil leaves."),
    "classes_missing": _l("Choose at least one class."),
    "due_on_missing": _l("Write the day by which everything is to be back."),
    "due_on_passed": _l("This day is past: choose today or a later one."),
    "due_on_far": _l("This day is more than a year away."),
    "nobody_holds_anything": _l("No pupil of these classes holds a device that is to come back."),
}


def _rests_words(facts: Mapping[str, Any]) -> str:
    """What happened since, with how much of it."""
    return "; ".join(f"{RESTS[kind]} ({count})" for kind, count in facts.get("rests", {}).items())


SAID: dict[str, dict[str, Any]] = {"answer_rests": {"rests_words": _rests_words}}


def consequence_words(means: Consequence, devices: int | None = None) -> str:
    """What an answer means for the devices, with its deadline; `devices`: how many the pupil has, if that is known."""
    if devices == 0 and means.fate in BRINGING_BACK:
        return _("The pupil holds nothing: nothing is to come back.")
    facts = {"day": day(means.due_on)}
    return {
        Fate.MOVES: _("The pupil keeps everything; the loan moves to the new school at once."),
        Fate.KEEPS: _("The pupil keeps everything; nothing is to be done."),
        Fate.RETURNS: _("The devices come back, in their original box, by %(day)s.", **facts),
        Fate.COLLECTED: _(
            "The devices are collected with tact by %(day)s. Nothing is ever sent: no letter, no e-mail, no reminder.",
            **facts,
        ),
        Fate.WAITS: _(
            "Waiting until %(day)s: who turns up in another member school keeps everything without anybody acting. "
            "After that day the devices are to come back.",
            **facts,
        ),
    }[means.fate]
