"""What filing a scanned page by hand needs: whose page it may be, where the pages of a pile went."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, fn

from tracker.models.agreements import Agreement, AgreementPage, AgreementText
from tracker.models.pupils import Enrolment, Pupil
from tracker.queries.pupils import Year, named
from tracker.queries.scope import within
from tracker.rules.access import Scope

MOST = 12
"""Pupils that are offered at once: a longer list is narrowed by typing on."""


@dataclass(frozen=True)
class Place:
    """The agreement under which a page is filed: of whom, in which class, how many pages its form has."""

    pupil_id: int
    name: str
    class_name: str
    pages: int


def candidates(school_id: int, scope: Scope, year: Year, *, q: str, class_name: str) -> list[dict[str, Any]]:
    """Pupils of the school this year by name or class, at most MOST + 1; nothing typed: nobody. One query."""
    if not q and not class_name:
        return []
    query = _of_school(school_id, scope, year)
    query = query.where(named(q)) if q else query
    query = query.where(Enrolment.class_name == class_name) if class_name else query
    return list(query.order_by(Pupil.name_key, Pupil.id).limit(MOST + 1).dicts())


def candidate(pupil_id: int, school_id: int, scope: Scope, year: Year) -> dict[str, Any] | None:
    """One pupil of the school as the candidates show them. One query."""
    return _of_school(school_id, scope, year).where(Pupil.id == pupil_id).dicts().first()


def _of_school(school_id: int, scope: Scope, year: Year) -> Any:
    return (
        Enrolment.select(
            Pupil.id, Pupil.last_name, Pupil.first_name, Pupil.birth_date, Enrolment.class_name,
            Agreement.state.alias("agreement"),
        )
        .join(Pupil)
        .join_from(
            Enrolment, Agreement, JOIN.LEFT_OUTER,
            on=(Agreement.pupil == Enrolment.pupil) & (Agreement.school_year == year.school_year),
        )
        .where(Enrolment.school == school_id, Enrolment.school_year == year.school_year)
        .where(within(scope, Enrolment.school))
    )  # fmt: skip


def places(agreement_ids: Iterable[int], scope: Scope) -> dict[int, Place]:
    """Where pages were filed, by agreement; of a pupil of another school nothing. Three queries."""
    ids = sorted(set(agreement_ids))
    pages = form_pages(ids)
    rows = (
        Agreement.select(Agreement.id, Pupil.id.alias("pupil_id"), Pupil.last_name, Pupil.first_name,
                         Enrolment.class_name)
        .join(Pupil)
        .join_from(
            Agreement, Enrolment,
            on=(Enrolment.pupil == Agreement.pupil) & (Enrolment.school_year == Agreement.school_year),
        )
        .where(Agreement.id.in_(ids), within(scope, Enrolment.school))
        .order_by(Enrolment.left_on.is_null(), Enrolment.id)
        .dicts()
    )  # fmt: skip
    return {
        row["id"]: Place(
            row["pupil_id"], f"{row['last_name']} {row['first_name']}", row["class_name"], pages.get(row["id"], 1)
        )
        for row in rows
    }


def form_pages(agreement_ids: Iterable[int]) -> dict[int, int]:
    """How many pages the form of each agreement has: the newest printed one, else that of the newest text."""
    ids = list(agreement_ids)
    newest = AgreementText.select(AgreementText.pages).order_by(AgreementText.version.desc()).scalar() or 1
    query = (
        AgreementPage.select(AgreementPage.agreement, fn.MAX(AgreementPage.number))
        .where(AgreementPage.agreement.in_(ids))
        .group_by(AgreementPage.agreement, AgreementPage.text)
        .order_by(AgreementPage.text)
    )
    return dict.fromkeys(ids, newest) | dict(query.tuples())
