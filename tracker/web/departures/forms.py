"""Where a pupil goes, as a form asks for it: the destinations with what each means, the new school by its name."""

from dataclasses import dataclass, field
from datetime import date

from flask import request

from tracker.queries.campaigns import settings_in_force
from tracker.queries.schools import members_named
from tracker.rules.departures import Destination, consequence
from tracker.rules.refusals import Refused
from tracker.web.clock import today
from tracker.web.departures.words import ANSWERS, consequence_words
from tracker.web.intake import row_id


@dataclass(frozen=True)
class Option:
    """One destination: its words, its rule and what it means for the devices."""

    value: str
    label: str
    rule: str
    means: str


@dataclass
class Typed:
    """What a person filled in; `schools`: those that the typed name may mean, to choose from."""

    destination: str = ""
    school: str = ""
    note: str = ""
    left_on: str = ""
    schools: list[tuple[int, str]] = field(default_factory=list)
    error: str = ""
    wrong: str = ""


def typed() -> Typed:
    """The form as it was sent."""
    form = request.form
    return Typed(
        form.get("destination", ""), form.get("to_school", "")[:100], form.get("note", ""), form.get("left_on", "")
    )


def destination_of_form(sent: Typed) -> tuple[Destination, int | None]:
    """The destination and the school that the form names.

    Raises Refused: destination_missing, member_school_missing, member_school_several.
    """
    if sent.destination not in ANSWERS:
        raise Refused("destination_missing")
    destination = Destination(sent.destination)
    if destination is not Destination.MEMBER_SCHOOL:
        return destination, None
    chosen = request.form.get("to_school_id", type=row_id)
    if chosen:
        return destination, chosen
    sent.schools = members_named(sent.school, today())
    if len(sent.schools) > 1:
        raise Refused("member_school_several", rule="L1")
    return destination, sent.schools[0][0] if sent.schools else None


def options(left_on: date, *, declared: bool) -> list[Option]:
    """Every answer with what it means today. Two queries."""
    settings = settings_in_force(today())
    days = {"return_days": int(settings["return_days"]), "waiting_days": int(settings["transfer_waiting_days"])}
    shown = [Destination(each) for each in ANSWERS if each != Destination.CAME_BACK or declared]
    means = {each: consequence(each, left_on=left_on, answered_on=today(), **days) for each in shown}
    return [
        Option(each.value, str(ANSWERS[each.value]), found.rule, consequence_words(found))
        for each, found in means.items()
    ]
