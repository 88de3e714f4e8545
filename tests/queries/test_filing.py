"""Whose page it may be, where pages went, the next paper to decide about; on both engines."""

from datetime import timedelta

import pytest

from tests.factories import (
    NOW,
    SCHOOL_YEAR,
    TODAY,
    actor,
    make_campaign,
    make_guardian,
    make_pupil,
    make_school,
    make_text,
)
from tracker.models.agreements import Agreement, AgreementPage, ScannedPage, ScanPile
from tracker.operations import filing as operations
from tracker.operations import piles
from tracker.queries import filing
from tracker.queries.pupils import Year
from tracker.queries.validation import next_case
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.paper import Aside
from tracker.rules.refusals import Refused

YEAR = Year(SCHOOL_YEAR, TODAY)


@pytest.fixture
def school(db):
    make_campaign()
    return make_school()


def names(school, scope=EVERYWHERE, **asked):
    found = filing.candidates(school.id, scope, YEAR, **({"q": "", "class_name": ""} | asked))
    return [row["last_name"] for row in found]


def test_candidates_by_name_and_by_class_of_this_school_alone(school):
    make_pupil(school, last_name="Yvetot", class_name="2GT1")
    make_pupil(school, last_name="Yvon", class_name="2GT2")
    make_pupil(make_school(), last_name="Yvetot")
    assert names(school, q="yv") == ["Yvetot", "Yvon"]
    assert names(school, q="yv", class_name="2GT2") == ["Yvon"]
    assert names(school) == []
    assert names(school, q="yv", scope=Scope(frozenset())) == []


def test_a_long_list_is_cut_and_says_that_there_is_more(school):
    for _ in range(filing.MOST + 3):
        make_pupil(school, last_name="Martin")
    assert len(names(school, q="martin")) == filing.MOST + 1


def test_places_name_the_pupil_the_class_and_the_pages_of_the_form(school):
    make_text(pages=2)
    one, two = make_pupil(school, last_name="Zola"), make_pupil(make_school())
    agreements = [Agreement.get(Agreement.pupil == each) for each in (one, two)]
    newer = make_text(pages=3)
    for number in (1, 2, 3):
        AgreementPage.create(code=f"X{number}", agreement=agreements[0], text=newer, number=number)
    found = filing.places([each.id for each in agreements], Scope(frozenset({school.id})))
    assert {key: (place.name, place.class_name, place.pages) for key, place in found.items()} == {
        agreements[0].id: ("Zola Léa", "2GT1", 3),
    }
    assert filing.form_pages([agreements[1].id]) == {agreements[1].id: 3}


def page_of(school) -> ScannedPage:
    pile = ScanPile.create(school=school, file_name="x", file="piles/x", digest="0" * 64, uploaded_at=NOW)
    return ScannedPage.create(pile=pile, number=1, image="x", note="unread")


def test_the_reason_for_which_a_page_was_set_aside_stays_with_it(school):
    page = page_of(school)
    operations.set_aside(page.id, Aside.TWICE, actor=actor("school", [school]), now=NOW)
    kept = ScannedPage.get_by_id(page.id)
    assert (kept.set_aside, kept.note) == (True, Aside.TWICE)


def test_a_pile_is_filed_once_at_a_time_and_by_its_own_school(school):
    pile = page_of(school).pile
    own = actor("school", [school])
    assert piles.ask_to_file(pile.id, actor=own, now=NOW).subject == pile.id
    for who, code in ((own, "work_under_way"), (actor("school", [make_school()]), "not_found"),
                      (actor("staff"), "not_allowed")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            piles.ask_to_file(pile.id, actor=who, now=NOW)
        assert refused.value.code == code


def waiting(school, days):
    pupil = make_pupil(school, agreement=None)
    make_guardian(pupil)
    make_guardian(pupil, legal=False)
    at = NOW - timedelta(days=days)
    return Agreement.create(
        pupil=pupil, school_year=SCHOOL_YEAR, state="signed", signed_by="paper", signed_at=at
    )  # fmt: skip


def test_papers_come_oldest_first_and_can_be_passed_over(school):
    late, early = waiting(school, 1), waiting(school, 5)
    first = next_case(EVERYWHERE, YEAR)
    second = next_case(EVERYWHERE, YEAR, after=first.after)
    assert [first.row["id"], second.row["id"]] == [early.id, late.id]
    assert (len(first.guardians), second.after) == (1, None)
    assert next_case(Scope(frozenset({make_school().id})), YEAR) is None
