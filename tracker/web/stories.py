"""Events of the ledger and dates of a pupil's file as entries of a timeline: who, when, where, why."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.models.custody import CustodyEvent
from tracker.queries.stories import Story
from tracker.rules.custody import Holder, Movement
from tracker.rules.departures import DepartureOrigin
from tracker.web.language import day, moment
from tracker.web.sentences import words

_SIGNS = {
    Movement.RECEIVED: ("packages", "neutral"),
    Movement.ALLOCATED: ("flag", "neutral"),
    Movement.UNALLOCATED: ("flag", "neutral"),
    Movement.HANDED_OVER: ("user-check", "ok"),
    Movement.HAND_OVER_UNDONE: ("arrow-back-up", "warn"),
    Movement.DECLARED_LOST: ("alert-octagon", "bad"),
    Movement.DECLARED_STOLEN: ("alert-octagon", "bad"),
    Movement.SENT_TO_REPAIR: ("tool", "warn"),
    Movement.MOVED_WITH_PUPIL: ("school", "neutral"),
    Movement.RETURNED: ("truck-return", "ok"),
    Movement.RETURN_UNDONE: ("arrow-back-up", "warn"),
    Movement.TRIAGED: ("route", "neutral"),
    Movement.PACKED: ("package", "neutral"),
    Movement.UNPACKED: ("package", "warn"),
    Movement.ARRIVED: ("truck-delivery", "ok"),
    Movement.SENT_TO_REFURBISHER: ("recycle", "neutral"),
    Movement.SENT_TO_RECYCLER: ("recycle", "neutral"),
    Movement.CAME_FROM_PARTNER: ("building-warehouse", "ok"),
    Movement.RELOCATED: ("map-pin", "warn"),
    Movement.LOAN_ENDED: ("ban", "neutral"),
    Movement.FOUND: ("eye", "ok"),
    Movement.RECYCLED: ("recycle", "ok"),
}

REASONS = {
    "entry_level": _l("The class is one that the programme equips."),
    "repeats_year": _l("The pupil repeats the year and has no laptop of the programme."),
    "arrived_mid_course": _l("The pupil arrived during the course and has no laptop of the programme."),
    "arrival_unknown": _l("The roster does not say where the pupil was last year: an administrator checks it."),
    "school_not_member": _l("The school is not a member of the programme."),
    "not_schooled": _l("The pupil has left, or has no class yet."),
    "has_laptop": _l("The pupil already has a laptop of the programme."),
    "second_year": _l("At this level only pupils who arrive during their course or repeat the year get a laptop."),
    "level_unknown": _l("The level of the class is not known: an administrator checks it."),
    "three_year_cap": _l("Three-year CAP: the programme has not settled this; an administrator decides."),
    "three_year_cap_included": _l("Three-year CAP: this school year's settings give these pupils a laptop."),
    "three_year_cap_excluded": _l("Three-year CAP: this school year's settings give these pupils no laptop."),
    "level_not_foreseen": _l("The programme foresees no laptop at this level."),
}
"""Why a pupil is eligible or not, or must be looked at."""

OVERRIDDEN = {
    "agreement_missing": _l("agreement not validated"),
    "pupil_other_school": _l("pupil of another school"),
    "device_other_school": _l("device of another school"),
    "device_allocated": _l("device set aside for another pupil"),
    "coverage_unchecked": _l("4G coverage not checked"),
    "school_not_member": _l("school not a member"),
    "not_schooled": _l("pupil not enrolled, or without a class"),
    "has_laptop": _l("pupil already equipped"),
    "second_year": _l("level not equipped, except arrivals and repeaters"),
    "level_unknown": _l("level not known"),
    "three_year_cap": _l("three-year CAP not settled"),
    "three_year_cap_excluded": _l("three-year CAP not equipped"),
    "level_not_foreseen": _l("level not foreseen"),
}
"""What an administrator went on against, in a few words."""


@dataclass(frozen=True)
class Entry:
    """One line of a timeline."""

    title: str
    when: str
    at: str
    who: str = ""
    where: str = ""
    why: str = ""
    tone: str = "neutral"
    sign: str = "history"
    url: str | None = None


def device_entries(story: Story) -> list[Entry]:
    """A device's story, the newest first."""
    return [_entry(event, story, _device_title(event, story)) for event in story.events]


@dataclass(frozen=True)
class ByRoster:
    """What rosters did to a pupil: came to a school, left one."""

    arrivals: Iterable[dict[str, Any]] = ()
    departures: Iterable[dict[str, Any]] = ()


def pupil_entries(
    story: Story, pupil: dict[str, Any], by_roster: ByRoster, agreement: Iterable[Entry], schools_seen: Set[int] | None
) -> list[Entry]:
    """A pupil's story: the devices' movements, the agreement's life, schooling and rosters, the newest first.

    `schools_seen` None: every device has a page for this person; else those at these schools.
    """
    entries = [
        _entry(event, story, _pupil_title(event, story), _device_url(event, schools_seen)) for event in story.events
    ]
    entries += [*agreement, *_schooling(pupil), *_came(by_roster, schools_seen), *_went(by_roster)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _entry(event: CustodyEvent, story: Story, title: str, url: str | None = None) -> Entry:
    sign, tone = _SIGNS[Movement(event.movement)]
    who, why = ("", "") if event.id in story.elsewhere else (_who(event, story), _why(event))
    return Entry(title, moment(event.at), event.at.isoformat(), who, _place(event, story), why, tone, sign, url)


def _who(event: CustodyEvent, story: Story) -> str:
    return story.names.users.get(event.actor_id, "") if event.actor_id else _("the program")


def _device_title(event: CustodyEvent, story: Story) -> str:
    """What happened, and with which pupil."""
    title = words("movement", event.movement)
    pupil_id = event.pupil_id if event.movement == Movement.HANDED_OVER else None
    if event.movement == Movement.ALLOCATED:
        pupil_id = event.allocated_to
    return f"{title} · {pupil_words(pupil_id, story.names.pupils)}" if pupil_id else title


def _pupil_title(event: CustodyEvent, story: Story) -> str:
    return f"{words('movement', event.movement)} · {story.serials[event.device_id]}"


def pupil_words(pupil_id: int | None, names: dict[int, str]) -> str:
    """A pupil's name for who may see it; otherwise that it is a pupil, no more."""
    if pupil_id is None:
        return ""
    return names.get(pupil_id) or _("a pupil")


def _device_url(event: CustodyEvent, schools_seen: Set[int] | None) -> str | None:
    if schools_seen is not None and event.school_id not in schools_seen:
        return None
    return url_for("devices.show", device_id=event.device_id)


def _place(event: CustodyEvent, story: Story) -> str:
    """Where it happened: the desk's school, else where the device went."""
    school = story.names.schools.get(event.desk_school_id or event.school_id or 0)
    if school and event.holder != Holder.WAREHOUSE:
        return school
    return words("holder", event.holder)


def _why(event: CustodyEvent) -> str:
    """The reason as it was written down, and what was overridden by which rule."""
    parts = [event.reason]
    if event.overridden:
        codes = [code.strip() for code in event.overridden.split(",")]
        reasons = ", ".join(str(OVERRIDDEN.get(code, code)) for code in codes)
        parts.append(_("Against rule %(rule)s: %(reasons)s.", rule=event.rule, reasons=reasons))
    return " · ".join(part for part in parts if part)


def at_moment(at: datetime, title: str, sign: str, tone: str) -> Entry:
    """Something that happened to the agreement."""
    return Entry(title, moment(at), at.isoformat(), sign=sign, tone=tone)


def _schooling(pupil: dict[str, Any]) -> list[Entry]:
    """When the pupil came to the school and left it."""
    steps = (("entered_on", _("Entered the school"), "login"), ("left_on", _("Left the school"), "logout"))
    return [_on(pupil[name], title, sign, pupil["school_name"]) for name, title, sign in steps if pupil[name]]


def _came(by_roster: ByRoster, schools_seen: Set[int] | None) -> list[Entry]:
    """The rosters that brought the pupil to a school; who applied them, where the person sees the school."""
    titles = {"arrival": _("On the roster"), "move": _("Moved here by the roster")}
    return [
        Entry(
            titles[each["kind"]], moment(each["applied_at"]), each["applied_at"].isoformat(), where=each["school"],
            who=(each["who"] or _("the program")) if schools_seen is None or each["school_id"] in schools_seen else "",
            sign="file-import",
        )
        for each in by_roster.arrivals
    ]  # fmt: skip


def _went(by_roster: ByRoster) -> list[Entry]:
    """Off a roster: where to, as far as anybody knows."""
    return [
        Entry(
            _("Off the roster") if each["origin"] == DepartureOrigin.ROSTER else _("Declared to leave"),
            moment(each["noticed_at"]), each["noticed_at"].isoformat(), where=each["school"],
            why=_("Where to: %(destination)s.", destination=words("destination", each["destination"])),
            tone="neutral" if each["closed_at"] else "warn", sign="logout",
        )
        for each in by_roster.departures
    ]  # fmt: skip


def _on(at: date, title: str, sign: str, school: str) -> Entry:
    return Entry(title, day(at), at.isoformat(), where=school, sign=sign)
