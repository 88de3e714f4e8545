"""Piles, unfiled pages, the validation queue: scoped, oldest first; on both engines."""

from datetime import timedelta

import pytest

from tests.factories import NOW, SCHOOL_YEAR, TODAY, make_pupil, make_school, make_text, make_user
from tracker.models.agreements import Agreement, AgreementPage, ScannedPage, ScanPile
from tracker.queries import pages, paper
from tracker.queries.pupils import Year
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.codes import OwnKind, own_code

pytestmark = pytest.mark.usefixtures("db")
YEAR = Year(SCHOOL_YEAR, TODAY)
MINUTE = timedelta(minutes=1)


def only(school) -> Scope:
    return Scope(frozenset({school.id}))


def make_pile(school, *marks: dict, **changes) -> ScanPile:
    pile = ScanPile.create(school=school, file_name="x.pdf", digest="0" * 64, uploaded_at=NOW, **changes)
    for number, mark in enumerate(marks, start=1):
        ScannedPage.create(pile=pile, number=number, image=f"k{number}", **mark)
    return pile


def make_waiting(school, at=NOW, **changes) -> Agreement:
    pupil = make_pupil(school, agreement="signed", **changes)
    Agreement.update(signed_by="paper", signed_at=at).where(Agreement.pupil == pupil).execute()
    return Agreement.get(Agreement.pupil == pupil)


def waiting(scope=EVERYWHERE, **keys) -> pages.Page:
    return pages.page(paper.waiting(scope, YEAR), paper.WAITING, **keys)


def test_piles_say_how_many_pages_wait_for_a_person():
    school, other = make_school(), make_school()
    agreement = make_waiting(school)
    user = make_user(name="Ada")
    first = make_pile(
        school, {"agreement": agreement, "page_number": 1}, {"set_aside": True}, {"note": "unread"}, uploaded_by=user.id
    )
    second = make_pile(other)
    rows = pages.page(paper.piles(EVERYWHERE), paper.PILES).rows
    assert [(row["id"], row["pages"], row["unfiled"], row["person"]) for row in rows] == [
        (second.id, 0, 0, None), (first.id, 3, 1, "Ada"),
    ]  # fmt: skip
    assert [row["id"] for row in pages.page(paper.piles(only(school)), paper.PILES).rows] == [first.id]
    assert paper.pile_page(second.id, only(school)) is None
    assert paper.pile_page(first.id, only(school))["unfiled"] == 1


def test_the_pages_of_a_pile_and_what_waits_in_all():
    school = make_school()
    agreement = make_waiting(school, last_name="Martin")
    pile = make_pile(school, {"note": "unread"}, {"agreement": agreement, "page_number": 2}, {"set_aside": True})
    found = paper.pages_of_pile(pile.id, only(school))
    assert [(row["number"], row["last_name"], row["state"]) for row in found] == [
        (1, None, None), (2, "Martin", "signed"), (3, None, None),
    ]  # fmt: skip
    assert [row["number"] for row in paper.unfiled_pages(only(school))] == [1]
    assert paper.scanned_page(found[0]["id"], only(school))["image"] == "k1"
    stranger = only(make_school())
    assert paper.pages_of_pile(pile.id, stranger) == paper.unfiled_pages(stranger) == []
    assert paper.scanned_page(found[0]["id"], stranger) is None


def test_the_queue_is_oldest_first_page_by_page():
    school = make_school()
    late, early, middle = (make_waiting(school, NOW + number * MINUTE) for number in (9, 0, 5))
    make_pupil(school, agreement="signed")
    first = waiting(size=2)
    assert [row["id"] for row in first.rows] == [early.id, middle.id]
    assert first.rows[0]["signed_at"] == NOW
    then = waiting(size=2, after=first.after)
    assert [row["id"] for row in then.rows] == [late.id]
    assert [row["id"] for row in waiting(size=2, before=then.before).rows] == [early.id, middle.id]


def test_the_queue_names_pupil_class_and_school_once_and_within_the_scope():
    here, there = make_school(name="Alpha"), make_school(name="Beta")
    agreement = make_waiting(here, class_name="2A", left_on=TODAY)
    from tracker.models.pupils import Enrolment

    Enrolment.create(
        pupil=agreement.pupil, school=there, school_year=SCHOOL_YEAR, level="seconde_gt", class_name="2B",
        eligible="yes", eligible_reason="entry_level",
    )  # fmt: skip
    assert [(row["school"], row["class_name"]) for row in waiting().rows] == [("Beta", "2B")]
    assert [(row["school"], row["class_name"]) for row in waiting(only(here)).rows] == [("Alpha", "2A")]
    assert waiting(only(make_school())).rows == []


def test_the_scans_of_an_agreement_and_what_is_missing():
    school = make_school()
    agreement, bare = make_waiting(school), make_waiting(school)
    text, older = make_text(), make_text()
    for number, of in ((1, text), (2, text), (3, text), (4, older)):
        code = own_code(OwnKind.AGREEMENT_PAGE, number)
        AgreementPage.create(code=code, agreement=agreement, text=of, number=number)
    Agreement.update(text=text).where(Agreement.id == agreement).execute()
    marks = [{"agreement": agreement, "page_number": number} for number in (3, 1, 3)]
    make_pile(school, *marks)
    found = paper.scans_of([agreement.id, bare.id])
    assert [(row["page_number"], row["number"]) for row in found[agreement.id].pages] == [(1, 2), (3, 3), (3, 1)]
    assert found[agreement.id].missing == (2,)
    assert (found[bare.id].pages, found[bare.id].missing) == ([], ())
