"""Example files of a sample school: its roster as SIECLE would export it today, with what a week brings."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import Campaign, School
from tracker.operations.sample.pupils import FORMS
from tracker.operations.sample.schools import GENERAL
from tracker.operations.sample.siecle import WHOLE, guardians_file, pupils_file
from tracker.rules.calendar import TIME_ZONE
from tracker.rules.eligibility import Level

ROSTERS_OF = "0142131R"
"""The sample school with an account of its own: caen@example.org."""

_COLLEGE, _ELSEWHERE = "0140001A", "0350001L"
"""Last year's school of who is new: a collège in Normandy, a lycée in another region; both invented."""


def pupils_of(school: School, school_year: int) -> list[dict[str, Any]]:
    """The pupils on file, with everything that a file of SIECLE says of them."""
    rows = (
        Enrolment.select(Enrolment, Pupil.ine, Pupil.last_name, Pupil.first_name, Pupil.birth_date, Pupil.email)
        .join(Pupil)
        .where(Enrolment.school == school, Enrolment.school_year == school_year)
        .order_by(Enrolment.id)
        .dicts()
    )
    return [row | _last_year(row, school) for row in rows]


def _last_year(row: dict[str, Any], school: School) -> dict[str, str]:
    if row["arrived_mid_course"]:
        return {"previous_uai": _ELSEWHERE, "previous_mef": row["mef"]}
    if row["newcomer"]:
        return {"previous_uai": _COLLEGE, "previous_mef": "10310019110"}
    return {"previous_uai": school.uai, "previous_mef": row["mef"]}


def example_files(*, now: datetime) -> dict[str, bytes]:
    """Name and content: the pupils of ROSTERS_OF and their guardians after a week's changes."""
    local, school = now.astimezone(TIME_ZONE), School.get(School.uai == ROSTERS_OF)
    school_year = Campaign.select(Campaign.school_year).scalar()
    pupils = pupils_of(school, school_year)
    week = list(_after_a_week(pupils, local.date(), school_year))
    return {
        "eleves.xml": b"".join(pupils_file(school.uai, school_year, local, week, WHOLE)),
        "responsables.xml": b"".join(guardians_file(school.uai, school_year, local, _guardians(pupils), WHOLE)),
    }


def _after_a_week(pupils: list[dict[str, Any]], today: date, school_year: int) -> Iterator[dict[str, Any]]:
    """One left, one is no longer there, one changed class, one has an address, two came."""
    present = [row for row in pupils if row["left_on"] is None and row["class_name"]]
    leaver, absent, mover, reached = present[3], present[40], present[10], present[20]
    same_level = (row["class_name"] for row in present if row["mef"] == mover["mef"])
    other_class = next(name for name in same_level if name != mover["class_name"])
    for row in pupils:
        if row is absent:
            continue
        changes: dict[str, Any] = {}
        if row is leaver:
            changes = {"left_on": today, "exit_reason": "99"}
        elif row is mover:
            changes = {"class_name": other_class}
        elif row is reached:
            changes = {"email": "nouvelle.adresse@example.org"}
        yield row | changes
    yield from _arrivals(today, school_year)


def _arrivals(today: date, school_year: int) -> Iterator[dict[str, Any]]:
    form = next(form for form in FORMS[GENERAL] if form.level is Level.SECONDE_GT)
    for number, (last, first) in enumerate((("LEMONNIER", "Jade"), ("D'ŒUVRE", "Éloi")), 1):
        yield {
            "roster_id": 900_000 + number, "ine": f"98000000{number}BA", "last_name": last, "first_name": first,
            "birth_date": date(school_year - form.age, 5, 10 + number), "repeats_year": False, "regime": "2",
            "status": "ST", "entered_on": today, "mef": form.mef, "class_name": f"{form.name}1",
            "previous_uai": _COLLEGE, "previous_mef": "10310019110",
        }  # fmt: skip


def _guardians(pupils: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those on file, one of them with another address, and those of the pupils who came."""
    numbers = {row["pupil"]: row["roster_id"] for row in pupils}
    theirs = Guardian.pupil.in_(list(numbers))
    rows = list(Guardian.select().where(theirs).order_by(Guardian.pupil, Guardian.rank).dicts())
    rows[5]["email"] = "autre.adresse@example.org"
    yield from (row | {"roster_id": numbers[row["pupil"]]} for row in rows)
    for number, (last, first) in enumerate((("LEMONNIER", "Agathe"), ("D'ŒUVRE", "Paul")), 1):
        yield {
            "roster_id": 900_000 + number, "title": "Mme" if number == 1 else "M.", "last_name": last,
            "first_name": first, "email": f"famille{number}@example.org", "phone": "", "legal": True,
        }  # fmt: skip
