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
from tracker.rules.departures import STAYING, DepartureOrigin, Destination
from tracker.rules.rosters import CodeKind, ImportState


@dataclass(slots=True)
class Known:
    """A pupil as the database has them, with the newest enrolment that is looked at.

    `departure_id`: that enrolment ended with a departure, and nobody came back. `declared_id`, `declared_on`: the
    school or a desk said so before any roster did.
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
    declared_id: int | None
    declared_on: date | None

    def stays(self, today: date) -> bool:
        """Whether this enrolment has not ended."""
        return self.left_on is None or self.left_on > today

    def gone_since(self, today: date) -> date | None:
        """The past day on which it ended, by a roster or by people's word; None: it has not."""
        said = self.declared_on if self.stays(today) else self.left_on
        return said if said is not None and said <= today else None


_Declared = Departure.alias()

_COLUMNS = (
    Pupil.id, Pupil.ine, Pupil.last_name, Pupil.first_name, Pupil.birth_date, Pupil.email, Pupil.deceased,
    Enrolment.id, Enrolment.school_id, Enrolment.school_year, Enrolment.level, Enrolment.mef, Enrolment.class_name,
    Enrolment.regime, Enrolment.status, Enrolment.entered_on, Enrolment.left_on, Enrolment.repeats_year,
    Enrolment.arrived_mid_course, Enrolment.eligible, Enrolment.eligible_reason, Enrolment.roster_id,
    Enrolment.newcomer, Enrolment.exit_reason, Departure.id, Loan.school_year, _Declared.id, _Declared.left_on,
)  # fmt: skip


def pupils_of_school(school_id: int, school_year: int, today: date) -> list[Known]:
    """The pupils of the school, this school year and the one before, each once with the newer enrolment. One query."""
    rows = _known(today).where(Enrolment.school == school_id, Enrolment.school_year.in_([school_year - 1, school_year]))
    return _newest(rows.order_by(Enrolment.school_year, Enrolment.id))


def newest_enrolments(pupil_ids: Iterable[int], today: date) -> list[Known]:
    """The newest enrolment of each of these pupils, wherever it is."""
    # Of the enrolments of one year the one that lasts longest counts, else the newest.
    lasting_last = (Enrolment.school_year, Enrolment.left_on.is_null(), Enrolment.left_on, Enrolment.id)
    return _newest(_known(today).where(among(Pupil.id, pupil_ids)).order_by(*lasting_last))


def _known(today: date) -> peewee.ModelSelect:
    laptop = (Loan.pupil == Pupil.id) & (Loan.kind == DeviceKind.LAPTOP.value) & Loan.ended_at.is_null()
    return (
        Enrolment.select(*_COLUMNS)
        .join(Pupil, on=(Enrolment.pupil == Pupil.id))
        .join_from(Enrolment, Departure, JOIN.LEFT_OUTER, on=_is_gone(Departure, today))
        .join_from(Enrolment, _Declared, JOIN.LEFT_OUTER, on=_is_declared(today))
        .join_from(Pupil, Loan, JOIN.LEFT_OUTER, on=laptop)
    )


def _is_gone(departure: Any, today: date) -> peewee.Expression:
    """The departure of who came back again is history: they are here, and may leave once more.

    One that people declared counts from the moment a roster says the same.
    """
    theirs = (departure.enrolment == Enrolment.id) & (departure.destination != Destination.CAME_BACK.value)
    return theirs & ((departure.origin == DepartureOrigin.ROSTER.value) | (Enrolment.left_on <= today))


def _is_declared(today: date) -> peewee.Expression:
    """People said that they leave, and no roster has yet; who leaves for an apprenticeship in their class stays."""
    theirs = (_Declared.enrolment == Enrolment.id) & (_Declared.origin != DepartureOrigin.ROSTER.value)
    silent = Enrolment.left_on.is_null() | (Enrolment.left_on > today)
    return theirs & _Declared.destination.not_in(sorted(STAYING)) & silent


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
