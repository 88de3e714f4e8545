"""Rosters made of a few words, applied as the terminal does; and the whole database as one value to compare."""

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.factories import SCHOOL_YEAR, TODAY, actor
from tracker.models.custody import CustodyEvent
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.rosters import RosterChange, RosterImport
from tracker.models.schema import TABLES
from tracker.models.schools import School
from tracker.models.work import Work
from tracker.operations import rosters
from tracker.operations.sample.siecle import guardians_file, pupils_file
from tracker.rules.rosters import Origin
from tracker.storage.local import LocalStorage

SECONDE, PREMIERE, THREE_YEAR_CAP, UNKNOWN = "20010019110", "20110019110", "24210019110", "99910019110"
COLLEGE, ELSEWHERE = "0140001A", "0350001L"
TROISIEME = "10310019110"
RECORDS = (RosterImport, RosterChange, CustodyEvent, Work)
"""What happened stays on record: an undoing adds to these and takes nothing away."""


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A pupil in seconde who came from a collège, everything in order."""
    usual = {
        "roster_id": 700_000 + number, "ine": f"99{number:07d}BA", "last_name": f"DURAND{number}", "first_name": "Léa",
        "birth_date": date(2011, 3, 1 + number % 28), "regime": "2", "status": "ST", "entered_on": date(2026, 9, 1),
        "mef": SECONDE, "class_name": "2GT1", "previous_uai": COLLEGE, "previous_mef": TROISIEME,
    }  # fmt: skip
    return usual | changes


def several(count: int) -> list[dict[str, Any]]:
    """So many pupils."""
    return [row(number) for number in range(1, count + 1)]


def morning(day: date) -> datetime:
    """A moment of that day."""
    return datetime.combine(day, time(7), UTC)


def days(count: int) -> date:
    """So many days after TODAY."""
    return TODAY + timedelta(count)


def pupils_of(school: School, rows: Any, *, on: date = TODAY, uai: str | None = None, year: int = SCHOOL_YEAR) -> bytes:
    """The school's file of pupils, exported that day."""
    return b"".join(pupils_file(uai or school.uai, year, datetime.combine(on, time(5)), rows))


def guardians_of(school: School, guardians: Any, *, on: date = TODAY) -> bytes:
    """The school's file of guardians, exported that day."""
    return b"".join(guardians_file(school.uai, SCHOOL_YEAR, datetime.combine(on, time(5)), guardians))


def guardian(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A legal guardian of the pupil of this number."""
    usual = {
        "roster_id": 700_000 + number, "title": "MME", "last_name": f"DURAND{number}", "first_name": "Ana",
        "email": f"ana{number}@example.org", "phone": "0600000000", "legal": True,
    }  # fmt: skip
    return usual | changes


def structures_of(school: School, names: dict[str, str]) -> bytes:
    """The school's file of classes: name by code."""
    divisions = "".join(
        f'<DIVISION CODE_STRUCTURE="{code}"><LIBELLE_LONG>{label}</LIBELLE_LONG></DIVISION>'
        for code, label in names.items()
    )
    return _document("BEE_STRUCTURES", school, f"<DIVISIONS>{divisions}</DIVISIONS>")


def nomenclature_of(school: School, names: dict[str, str]) -> bytes:
    """The school's nomenclature of level codes: name by code."""
    mefs = "".join(
        f'<MEF CODE_MEF="{code}"><LIBELLE_LONG>{label}</LIBELLE_LONG></MEF>' for code, label in names.items()
    )
    return _document("BEE_NOMENCLATURES", school, f"<MEFS>{mefs}</MEFS>")


def _document(root: str, school: School, inside: str) -> bytes:
    head = f"<UAJ>{school.uai}</UAJ><ANNEE_SCOLAIRE>{SCHOOL_YEAR}</ANNEE_SCOLAIRE><DATE_EXPORT>05/10/2026</DATE_EXPORT>"
    body = f'<{root} VERSION="3.0"><PARAMETRES>{head}</PARAMETRES><DONNEES>{inside}</DONNEES></{root}>'
    return f'<?xml version="1.0" encoding="ISO-8859-15"?>{body}'.encode("iso-8859-15")


def fregata_of(*rows: dict[str, str]) -> bytes:
    """FREGATA's table: each row by the headings that matter."""
    headings = (
        "Identifiant unique", "Premier prénom", "Nom de famille", "Date de naissance", "Statut", "Code MEF", "Division"
    )  # fmt: skip
    lines = [headings, *(tuple(each[name] for name in headings) for each in rows)]
    return "\r\n".join(";".join(line) for line in lines).encode()


def accepted(stops: Any = (), identities: dict[str, int] | None = None) -> dict[str, Any]:
    """What a person said yes to."""
    return {"stops": list(stops), "identities": identities or {}}


class Desk:
    """Applies files as the terminal does, at seven in the morning of a day."""

    def __init__(self, folder: Path) -> None:
        self.storage = LocalStorage(folder / "files")

    def look(self, school: School, *rows: Any, on: date = TODAY, **how: Any) -> rosters.Reading:
        """A preview that writes nothing."""
        return rosters.read(pupils_of(school, rows, on=on, **how), school, school.uai, on, accepted())

    def apply(self, school: School, *rows: Any, on: date = TODAY, **how: Any) -> RosterImport:
        """The school's pupils are these."""
        said = {name: how.pop(name) for name in ("stops", "identities") if name in how}
        return self.apply_file(school, pupils_of(school, rows, on=on, **how), on=on, **said)

    def apply_file(self, school: School, content: bytes, *, on: date = TODAY, **said: Any) -> RosterImport:
        """Any file, not refused."""
        made, reading = self.offer(school, content, on=on, **said)
        assert not reading.refused, [problem.code for problem in reading.problems]
        return made

    def offer(
        self, school: School, content: bytes, *, on: date = TODAY, **said: Any
    ) -> tuple[RosterImport, rosters.Reading]:
        """Any file, applied or refused."""
        kept = self.storage.put(content, kind="rosters", suffix=".roster")
        made, reading = rosters.apply_at_once(
            kept, BytesIO(content), "file.xml", school.id, accepted(**said), origin=Origin.TERMINAL, actor=actor(),
            now=morning(on),
        )  # fmt: skip
        return RosterImport.get_by_id(made.id), reading

    def undo(self, made: RosterImport, *, on: date = TODAY) -> None:
        """Take it back."""
        rosters.undo(made.id, actor=actor(), now=morning(on))


def everything() -> dict[str, list[str]]:
    """Every row of every table, but the records of what happened."""
    return {
        table._meta.table_name: sorted(repr(each) for each in table.select().tuples())
        for table in TABLES
        if table not in RECORDS
    }


def pupil(number: int = 1) -> Pupil:
    """The pupil of `row(number)`."""
    return Pupil.get(Pupil.ine == f"99{number:07d}BA")


def enrolments(number: int = 1) -> list[Enrolment]:
    """All enrolments of that pupil, the oldest first."""
    return list(Enrolment.select().where(Enrolment.pupil == pupil(number)).order_by(Enrolment.id))


def codes(reading: rosters.Reading) -> list[str]:
    """The codes of all its problems."""
    return [problem.code for problem in reading.problems]


def figures(reading: rosters.Reading) -> dict[str, int]:
    """Its counts that are not 0."""
    return {name: count for name, count in reading.counts().items() if count}
