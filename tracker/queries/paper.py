"""Signed papers: piles with what became of their pages, pages for a person, and what waits for validation."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import peewee
from peewee import JOIN, SQL, fn

from tracker.models.agreements import Agreement, AgreementPage, AgreementText, ScannedPage, ScanPile
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.models.users import User
from tracker.queries.pages import Order
from tracker.queries.pupils import Year
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState, SignedBy
from tracker.rules.paper import missing_pages

PILES = Order(ScanPile.id, ScanPile.id, newest_first=True)
WAITING = Order(Agreement.signed_at.cast("text"), Agreement.id)
"""Oldest first: a moment as text sorts on both engines, and a key of a list is text."""


@dataclass(frozen=True)
class Scans:
    """The scanned pages of one agreement, by page, the newest scan first; which pages of the form are missing."""

    pages: list[dict[str, Any]]
    missing: tuple[int, ...]


def piles(scope: Scope, *, school_id: int | None = None) -> peewee.ModelSelect:
    """The uploaded piles, to be ordered by PILES: by whom, when, how many pages, how many wait for a person."""
    unfiled = ScannedPage.agreement.is_null() & ~ScannedPage.set_aside
    pages = ScannedPage.select(fn.COUNT(SQL("*"))).where(ScannedPage.pile == ScanPile.id)
    query = (
        ScanPile.select(
            ScanPile.id, ScanPile.file_name, ScanPile.uploaded_at, ScanPile.school, School.name.alias("school_name"),
            User.name.alias("person"), pages.alias("pages"), pages.where(unfiled).alias("unfiled"),
        )
        .join(School)
        .join_from(ScanPile, User, JOIN.LEFT_OUTER, on=(User.id == ScanPile.uploaded_by))
        .where(within(scope, ScanPile.school))
    )  # fmt: skip
    return query.where(ScanPile.school == school_id) if school_id else query


def pile_page(pile_id: int, scope: Scope) -> dict[str, Any] | None:
    """One pile, within the scope."""
    return piles(scope).where(ScanPile.id == pile_id).dicts().first()


def pages_of_pile(pile_id: int, scope: Scope) -> list[dict[str, Any]]:
    """The pages of a pile in their order, with the pupil under whom each is filed. One query."""
    return list(_pages(scope).where(ScannedPage.pile == pile_id).order_by(ScannedPage.number).dicts())


def unfiled_pages(scope: Scope, *, most: int = 200) -> list[dict[str, Any]]:
    """The pages that wait for a person, the oldest pile first. One query."""
    waiting = ScannedPage.agreement.is_null() & ~ScannedPage.set_aside
    return list(_pages(scope).where(waiting).order_by(ScannedPage.pile, ScannedPage.number).limit(most).dicts())


def scanned_page(page_id: int, scope: Scope) -> dict[str, Any] | None:
    """One page, within the scope; its picture is kept under `image`."""
    return _pages(scope).where(ScannedPage.id == page_id).dicts().first()


def waiting(scope: Scope, year: Year) -> peewee.ModelSelect:
    """Rule A3. The papers that wait for validation, to be ordered by WAITING: of whom, since when."""
    newest = _newest_enrolment(scope)
    return (
        Agreement.select(
            Agreement.id, Agreement.signed_at, Agreement.text, AgreementText.version, Pupil.id.alias("pupil_id"),
            Pupil.last_name, Pupil.first_name, Pupil.birth_date, Enrolment.class_name, School.id.alias("school_id"),
            School.name.alias("school"),
        )
        .join(Pupil)
        .join_from(Agreement, Enrolment, on=(Enrolment.id == newest))
        .join_from(Enrolment, School)
        .join_from(Agreement, AgreementText, JOIN.LEFT_OUTER)
        .where(Agreement.school_year == year.school_year, Agreement.state == AgreementState.SIGNED.value)
        .where(Agreement.signed_by == SignedBy.PAPER.value)
    )  # fmt: skip


def scans_of(agreement_ids: Iterable[int]) -> dict[int, Scans]:
    """The scanned pages of these agreements. Two queries."""
    ids = list(agreement_ids)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    query = (
        ScannedPage.select(
            ScannedPage.id, ScannedPage.agreement, ScannedPage.page_number, ScannedPage.image, ScannedPage.filed_at,
            ScannedPage.pile, ScannedPage.number,
        )
        .where(ScannedPage.agreement.in_(ids))
        .order_by(ScannedPage.page_number, ScannedPage.id.desc())
    )  # fmt: skip
    for row in query.dicts():
        found[row["agreement"]].append(row)
    totals = _form_pages(ids)
    return {
        each: Scans(found[each], missing_pages(totals.get(each, 0), {row["page_number"] for row in found[each]}))
        for each in ids
    }


def _form_pages(ids: list[int]) -> dict[int, int]:
    """How many pages the form of each agreement has; the one that was signed, where that is known."""
    signed = Agreement.text.is_null() | (Agreement.text == AgreementPage.text)
    query = AgreementPage.select(AgreementPage.agreement, fn.MAX(AgreementPage.number)).join(Agreement)
    rows = query.where(AgreementPage.agreement.in_(ids), signed).group_by(AgreementPage.agreement)
    return dict(rows.tuples())


def _pages(scope: Scope) -> peewee.ModelSelect:
    return (
        ScannedPage.select(
            ScannedPage, ScanPile.school, ScanPile.file_name, ScanPile.uploaded_at, Agreement.state,
            Pupil.id.alias("pupil_id"), Pupil.last_name, Pupil.first_name,
        )
        .join(ScanPile)
        .join_from(ScannedPage, Agreement, JOIN.LEFT_OUTER)
        .join_from(Agreement, Pupil, JOIN.LEFT_OUTER)
        .where(within(scope, ScanPile.school))
    )  # fmt: skip


def _newest_enrolment(scope: Scope) -> peewee.ModelSelect:
    """The pupil's enrolment of that year at a school in scope: the one that goes on, else the last."""
    own = Enrolment.alias()
    return (
        own.select(own.id)
        .where(own.pupil == Agreement.pupil, own.school_year == Agreement.school_year, within(scope, own.school))
        .order_by(own.left_on.is_null().desc(), own.id.desc())
        .limit(1)
    )
