"""What a roster does not say of last year: an administrator says it of one pupil, and the answer stays (E2)."""

import pytest

from tests.factories import NOW, actor, make_campaign, make_pupil, make_school
from tracker.models.pupils import Enrolment
from tracker.operations.eligibility import answer_arrival
from tracker.rules.eligibility import Level
from tracker.rules.refusals import Refused


@pytest.fixture
def pupil(db):
    make_campaign()
    unknown = {
        "arrived_mid_course": None,
        "eligible": "check",
        "eligible_reason": "arrival_unknown",
        "mef": "20112005110",
    }
    return make_pupil(make_school(), level=Level.PREMIERE_GT, **unknown)


def answer_of(pupil) -> tuple[str, str]:
    row = Enrolment.get(Enrolment.pupil == pupil)
    return row.eligible, row.eligible_reason


@pytest.mark.parametrize(("arrived", "answer"), [(True, ("yes", "arrived_mid_course")), (False, ("no", "second_year"))])
def test_the_answer_settles_who_was_to_be_checked(pupil, arrived, answer):
    beside = make_pupil(make_school(), level=Level.PREMIERE_GT, arrived_mid_course=None, eligible="check")
    answer_arrival(pupil.id, arrived, actor=actor(), now=NOW)
    assert answer_of(pupil) == answer
    assert Enrolment.get(Enrolment.pupil == beside).arrived_mid_course is None


def test_it_is_asked_once_and_only_where_the_roster_is_silent(pupil):
    answer_arrival(pupil.id, True, actor=actor(), now=NOW)
    with pytest.raises(Refused, match="arrival_not_asked"):
        answer_arrival(pupil.id, False, actor=actor(), now=NOW)
    with pytest.raises(Refused, match="arrival_not_asked"):
        answer_arrival(make_pupil(make_school()).id, False, actor=actor(), now=NOW)


@pytest.mark.parametrize("role", ["school", "logistics", "staff"])
def test_nobody_but_an_administrator_answers(pupil, role):
    with pytest.raises(Refused, match="not_allowed"):
        answer_arrival(pupil.id, True, actor=actor(role), now=NOW)
    assert answer_of(pupil) == ("check", "arrival_unknown")
