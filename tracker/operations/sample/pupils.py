"""Invented pupils with their enrolments, guardians and agreements; the same ones from the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from tracker.operations.sample import agreements, names
from tracker.operations.sample.schools import BOTH, GENERAL, VOCATIONAL, SampleSchool
from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.rules.eligibility import ENTRY_LEVELS, Eligibility, Eligible, Level, Schooling, eligibility
from tracker.rules.names import search_key


@dataclass(frozen=True)
class Form:
    """A kind of class: its name before the number, its level, how old its pupils turn in the first year."""

    name: str
    level: Level
    mef: str
    age: int
    weight: int


_GENERAL = (
    Form("2GT", Level.SECONDE_GT, "20010010110", 15, 5),
    Form("1GT", Level.PREMIERE_GT, "20111010111", 16, 3),
    Form("TGT", Level.TERMINALE_GT, "20211010111", 17, 3),
)
_VOCATIONAL = (
    Form("2PRO", Level.SECONDE_PRO, "24720010311", 15, 5),
    Form("1CAP", Level.CAP_1_OF_2, "24122010211", 15, 2),
    Form("2CAP", Level.CAP_2_OF_2, "24122010221", 16, 2),
    Form("1PRO", Level.PREMIERE_PRO, "24720010321", 16, 2),
    Form("TPRO", Level.TERMINALE_PRO, "24720010331", 17, 2),
    Form("CAP3A", Level.CAP_OF_3, "24233010311", 15, 1),
)
TO_CHECK_FORM = Form("UPE2A", Level.UNKNOWN, "39920010110", 16, 1)

FORMS = {GENERAL: _GENERAL, VOCATIONAL: _VOCATIONAL, BOTH: (*_GENERAL, *_VOCATIONAL)}
CLASS_SIZE = 24
TO_CHECK = 3
"""Pupils of each school whose level the roster does not tell: a person must look."""
_INE_LETTERS = "ABCDEFGHJK"
_REGIMES = (("0", 25), ("2", 55), ("3", 20))


@dataclass(frozen=True)
class Invented:
    """The rows of one pupil; the rows of other tables have no pupil's id yet."""

    pupil: dict[str, Any]
    enrolment: dict[str, Any]
    guardians: list[dict[str, Any]] = field(default_factory=list)
    agreement: dict[str, Any] | None = None


class Inventor:
    """Invents pupils for one school year, never the same INE or slip twice."""

    def __init__(self, dice: Random, school_year: int, today: date, now: datetime) -> None:
        self.dice, self.school_year, self.today, self.now = dice, school_year, today, now
        self._taken: set[str] = set()
        self._numbers = count(1)

    def pupils_of(self, school: SampleSchool) -> Iterator[Invented]:
        """The pupils of a school, class by class."""
        forms = FORMS[school.teaches]
        whole = sum(form.weight for form in forms)
        for form in forms:
            size = round(school.pupils * form.weight / whole)
            classes = max(1, round(size / CLASS_SIZE))
            for number in range(size):
                yield self._pupil(school, form, f"{form.name}{number % classes + 1}")
        for _ in range(TO_CHECK):
            yield self._pupil(school, TO_CHECK_FORM, TO_CHECK_FORM.name)

    def _pupil(self, school: SampleSchool, form: Form, class_name: str) -> Invented:
        last, first = self._family_name(), self.dice.choice(names.GIVEN)
        repeats = self.dice.random() < 0.04
        birth = self._birth_date(form.age + repeats)
        enrolment = self._enrolment(form, class_name, repeats)
        answer = self._eligibility(school, enrolment)
        enrolment |= {"eligible": answer.verdict, "eligible_reason": answer.reason}
        pupil = self._person(last, first, birth)
        guardians = [] if self._is_adult(birth) and self.dice.random() < 0.5 else self._guardians(last)
        return Invented(pupil, enrolment, guardians, self._agreement(answer, pupil, guardians))

    def _family_name(self) -> str:
        name = self.dice.choice(names.FAMILY)
        if self.dice.random() < 0.06 and " " not in name:
            return f"{name}-{self.dice.choice(names.FAMILY[:60])}"
        return name

    def _birth_date(self, age: int) -> date:
        return date(self.school_year - age, 1, 1) + timedelta(days=self.dice.randrange(365))

    def _is_adult(self, birth: date) -> bool:
        return (self.today - birth).days >= 18 * 365.25

    def _person(self, last: str, first: str, birth: date) -> dict[str, Any]:
        return {
            "ine": self._ine() if self.dice.random() < 0.99 else None,
            "last_name": last,
            "first_name": first,
            "name_key": search_key(f"{last} {first}"),
            "first_name_key": search_key(f"{first} {last}"),
            "birth_date": birth,
            "email": self._address(first, last) if self.dice.random() < 0.3 else "",
            "slip_code": self._new(lambda: own_code(OwnKind.PUPIL_SLIP, self.dice.randrange(BODIES))),
            "created_at": self.now - timedelta(days=60),
        }

    def _ine(self) -> str:
        letters = _INE_LETTERS
        return self._new(
            lambda: f"{self.dice.randrange(10**9):09d}{self.dice.choice(letters)}{self.dice.choice(letters)}"
        )

    def _new(self, make: Any) -> str:
        while (text := make()) in self._taken:
            pass
        self._taken.add(text)
        return text

    def _enrolment(self, form: Form, class_name: str, repeats: bool) -> dict[str, Any]:
        left, arrived = self.dice.random() < 0.02, self.dice.random() < 0.03
        waits_for_class = self.dice.random() < 0.01
        starts = date(self.school_year, 9, 1)
        return {
            "school_year": self.school_year,
            "level": form.level,
            "mef": form.mef,
            "class_name": "" if waits_for_class else class_name,
            "regime": self._weighted(_REGIMES),
            "status": "AP" if self.dice.random() < 0.02 else "ST",
            "entered_on": starts,
            "left_on": max(starts, self.today - timedelta(days=self.dice.randrange(1, 30))) if left else None,
            "repeats_year": repeats,
            "arrived_mid_course": arrived,
            "newcomer": arrived or (form.level in ENTRY_LEVELS and not repeats),
            "roster_id": str(700_000 + next(self._numbers)),
        }

    def _eligibility(self, school: SampleSchool, enrolment: dict[str, Any]) -> Eligibility:
        schooling = Schooling(
            level=enrolment["level"],
            has_class=bool(enrolment["class_name"]),
            entered_on=enrolment["entered_on"],
            left_on=enrolment["left_on"],
            school_is_member=school.member_until is None or self.today <= school.member_until,
            repeats_year=enrolment["repeats_year"],
            arrived_mid_course=enrolment["arrived_mid_course"],
        )
        return eligibility(schooling, self.today, had_laptop=False)

    def _guardians(self, last: str) -> list[dict[str, Any]]:
        """One or two legal guardians, now and then a contact who is none (A1)."""
        people = [self._guardian(last, rank, legal=True) for rank in range(1, self.dice.choice((1, 2, 2)) + 1)]
        if self.dice.random() < 0.12:
            people.append(self._guardian(self._family_name(), len(people) + 1, legal=False))
        return people

    def _guardian(self, last: str, rank: int, *, legal: bool) -> dict[str, Any]:
        own = last if self.dice.random() < 0.7 else self._family_name()
        first = self.dice.choice(names.GIVEN)
        # 06 39 98 is the range that ARCEP keeps for fiction.
        phone = f"06 39 98 {self.dice.randrange(100):02d} {self.dice.randrange(100):02d}"
        return {
            "title": self.dice.choice(("M.", "Mme")),
            "last_name": own,
            "first_name": first,
            "email": self._address(first, own) if self.dice.random() < 0.95 else "",
            "phone": phone,
            "legal": legal,
            "rank": rank,
        }

    def _address(self, first: str, last: str) -> str:
        local = f"{search_key(first)}.{search_key(last)}".replace(" ", "-")
        return f"{local}{self.dice.randrange(1, 99)}@example.org"

    def _agreement(
        self, answer: Eligibility, pupil: dict[str, Any], guardians: list[dict[str, Any]]
    ) -> dict[str, Any] | None:
        if answer.verdict is not Eligible.YES:
            return None
        writers = guardians if guardians else [pupil] if self._is_adult(pupil["birth_date"]) else []
        return agreements.invented(self.dice, self.school_year, self.today, writers)

    def _weighted(self, choices: tuple[tuple[Any, int], ...]) -> Any:
        values, weights = zip(*choices, strict=True)
        return self.dice.choices(values, weights)[0]
