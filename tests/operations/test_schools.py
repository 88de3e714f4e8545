"""Schools that join, are named anew, leave: their pupils are judged by what is true on the day (E1)."""

from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_pupil, make_school
from tracker.models.pupils import Enrolment
from tracker.models.schools import School
from tracker.operations.schools import add_school, change_school
from tracker.rules.refusals import Refused


@pytest.fixture
def school(db):
    make_campaign()
    return make_school(name="Lycée Malherbe")


def change(school, role="admin", **changes):
    facts = {"name": school.name, "city": school.city, "member_from": school.member_from, "member_until": None}
    return change_school(school.id, **(facts | changes), actor=actor(role), now=NOW)


def answer_of(pupil) -> tuple[str, str]:
    row = Enrolment.get(Enrolment.pupil == pupil)
    return row.eligible, row.eligible_reason


def test_pupils_of_a_school_that_has_left_are_no_longer_eligible_and_are_again_when_it_was_a_mistake(school):
    pupil, beside = make_pupil(school), make_pupil(make_school())
    change(school, member_until=TODAY - timedelta(days=1))
    assert (answer_of(pupil), answer_of(beside)[0]) == (("no", "school_not_member"), "yes")
    change(school)
    assert answer_of(pupil)[0] == "yes"


def test_the_last_day_in_the_programme_still_counts(school):
    pupil = make_pupil(school)
    change(school, member_until=TODAY)
    assert answer_of(pupil)[0] == "yes"


def test_a_new_name_is_found(school):
    change(school, name="  Lycée   André Maurois ")
    assert (School.get().name, School.get().name_key) == ("Lycée André Maurois", "lycee andre maurois")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("school_nameless", {"name": " "}),
        ("school_nameless", {"city": ""}),
        ("membership_reversed", {"member_until": TODAY - timedelta(days=9999)}),
        ("membership_reversed", {"member_from": None, "member_until": TODAY}),
        ("not_allowed", {"role": "logistics"}),
        ("not_allowed", {"role": "school"}),
    ],
)
def test_what_cannot_be_changes_nothing(school, code, changes):
    with pytest.raises(Refused, match=code):
        change(school, **changes)
    assert School.get() == school
    assert School.get().member_until is None


def test_nobody_but_an_administrator_adds_a_school(school):
    with pytest.raises(Refused, match="not_allowed"):
        add_school("0149901L", "Lycée", "Caen", member_from=TODAY, actor=actor("logistics"))
