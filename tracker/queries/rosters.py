"""What is known of pupils when a roster comes in: by school, by national number, by name and birth date."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee
from peewee import JOIN

from tracker.models.database import among
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment, Guardian, OtherIne, Pupil
from tracker.models.rosters import CodeAnswer, Departure, RosterImport
from tracker.models.schools import School
from tracker.rules.custody import DeviceKind
from tracker.rules.departures import Destination
from tracker.rules.rosters import CodeKind, ImportState


@dataclass(slots=True)
class Known:
    """A pupil as the database has them, with the newest enrolment that is looked at.

    `departure_id`: that enrolment ended with a departure, and nobody came back.
    `laptop_year`: the school year of the open laptop loan.
    """

    pupil_id: int
    ine: str | None
    last_name: str
    first_name: str
    birth_date: date | None
    email: str
    deceased: bool
    enrolment_id: int
    school_id: int
    school_year: int
    level: str
    mef: str
    class_name: str
    regime: str
    status: str
    entered_on: date | None
    left_on: date | None
    repeats_year: bool
    arrived_mid_course: bool | None
    eligible: str
    eligible_reason: str
    roster_id: str | None
    newcomer: bool | None
    exit_reason: str
    departure_id: int | None
    laptop_year: int | None

    def stays(self, today: date) -> bool:
        """Whether this enrolment has not ended."""
        return self.left_on is None or self.left_on > today


_COLUMNS = (
    Pupil.id, Pupil.ine, Pupil.last_name, Pupil.first_name, Pupil.birth_date, Pupil.email, Pupil.deceased,
    Enrolment.id, Enrolment.school_id, Enrolment.school_year, Enrolment.level, Enrolment.mef, Enrolment.class_name,
    Enrolment.regime, Enrolment.status, Enrolment.entered_on, Enrolment.left_on, Enrolment.repeats_year,
    Enrolment.arrived_mid_course, Enrolment.eligible, Enrolment.eligible_reason, Enrolment.roster_id,
    Enrolment.newcomer, Enrolment.exit_reason, Departure.id, Loan.school_year,
)  # fmt: skip


def pupils_of_school(school_id: int, school_year: int) -> list[Known]:
    """The pupils of the school, this school year and the one before, each once with the newer enrolment. One query."""
    rows = _known().where(Enrolment.school == school_id, Enrolment.school_year.in_([school_year - 1, school_year]))
    return _newest(rows.order_by(Enrolment.school_year, Enrolment.id))


def newest_enrolments(pupil_ids: Iterable[int]) -> list[Known]:
    """The newest enrolment of each of these pupils, wherever it is."""
    # Of the enrolments of one year the one that lasts longest counts, else the newest.
    lasting_last = (Enrolment.school_year, Enrolment.left_on.is_null(), Enrolment.left_on, Enrolment.id)
    return _newest(_known().where(among(Pupil.id, pupil_ids)).order_by(*lasting_last))


def _known() -> peewee.ModelSelect:
    laptop = (Loan.pupil == Pupil.id) & (Loan.kind == DeviceKind.LAPTOP.value) & Loan.ended_at.is_null()
    return (
        Enrolment.select(*_COLUMNS)
        .join(Pupil, on=(Enrolment.pupil == Pupil.id))
        .join_from(Enrolment, Departure, JOIN.LEFT_OUTER, on=_is_gone())
        .join_from(Pupil, Loan, JOIN.LEFT_OUTER, on=laptop)
    )


def _is_gone() -> peewee.Expression:
    """The departure of who came back again is history: they are here, and may leave once more."""
    return (Departure.enrolment == Enrolment.id) & (Departure.destination != Destination.CAME_BACK.value)


def _newest(rows: peewee.ModelSelect) -> list[Known]:
    """The last row of each pupil."""
    return list({row[0]: Known(*row) for row in rows.tuples()}.values())


def pupils_by_ine(ines: Iterable[str]) -> dict[str, int]:
    """The pupils that any of these national numbers names."""
    listed = list(ines)
    others = dict(OtherIne.select(OtherIne.ine, OtherIne.pupil).where(among(OtherIne.ine, listed)).tuples())
    return others | dict(Pupil.select(Pupil.ine, Pupil.id).where(among(Pupil.ine, listed)).tuples())


def other_ines_of(school_id: int, school_year: int) -> dict[str, int]:
    """The further national numbers of the pupils of a school, this school year and the one before."""
    years = Enrolment.school_year.in_([school_year - 1, school_year])
    there = Enrolment.select(Enrolment.pupil).where(Enrolment.school == school_id, years)
    return dict(OtherIne.select(OtherIne.ine, OtherIne.pupil).where(OtherIne.pupil.in_(there)).tuples())


def pupils_by_name(keys: Iterable[str]) -> Iterator[tuple[str, date | None, int]]:
    """Folded name, birth date and id of the pupils with one of these folded names."""
    yield from Pupil.select(Pupil.name_key, Pupil.birth_date, Pupil.id).where(among(Pupil.name_key, keys)).tuples()


def answers(kind: CodeKind) -> dict[str, str]:
    """What administrators answered for the codes that the programme's own tables do not know."""
    rows = CodeAnswer.select(CodeAnswer.code, CodeAnswer.meaning)
    return dict(rows.where(CodeAnswer.kind == kind, CodeAnswer.meaning != "").tuples())


@dataclass(frozen=True)
class LastRead:
    """The newest file of one kind that was applied for a school."""

    school_year: int | None
    exported_at: datetime | None


def last_read(school_id: int, kind: str) -> LastRead:
    """What the stops compare a new file with."""
    row = (
        RosterImport.select(
            peewee.fn.MAX(RosterImport.school_year),
            peewee.fn.MAX(RosterImport.exported_at).converter(RosterImport.exported_at.python_value),
        )
        .where(
            RosterImport.school == school_id, RosterImport.kind == kind,
            RosterImport.state == ImportState.APPLIED.value,
        )
        .tuples()
        .first()
    )  # fmt: skip
    return LastRead(*row) if row else LastRead(None, None)


def school_by_uai(uai: str) -> School | None:
    """The school of this UAI."""
    return School.get_or_none(School.uai == uai)


def names_of_schools(school_ids: Iterable[int]) -> dict[int, str]:
    """The names of schools, by id."""
    return dict(School.select(School.id, School.name).where(among(School.id, set(school_ids))).tuples())


def rows_of_guardians(pupil_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The guardians of these pupils as plain values, in the order in which they sign."""
    found: dict[int, list[dict[str, Any]]] = {}
    theirs = Guardian.select().where(among(Guardian.pupil, pupil_ids))
    for row in theirs.order_by(Guardian.rank, Guardian.id).dicts():
        row.pop("id")
        found.setdefault(row.pop("pupil"), []).append(row)
    return found
