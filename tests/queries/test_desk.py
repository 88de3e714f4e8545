"""Who is counted at a desk, and printed for it: pupils schooled there today (E3)."""

from datetime import timedelta

import pytest

from tests.factories import SCHOOL_YEAR, TODAY, make_device, make_pupil, make_school
from tracker.queries import desk, practice, printing
from tracker.queries.pupils import Year
from tracker.queries.scanned import Place
from tracker.rules.access import EVERYWHERE

YEAR = Year(SCHOOL_YEAR, TODAY)


@pytest.fixture
def school(db):
    """A pupil who leaves at the end of the month; one who left today, one without a class."""
    school = make_school()
    make_pupil(school, last_name="Dupont", left_on=TODAY + timedelta(days=20))
    make_pupil(school, left_on=TODAY)
    make_pupil(school, class_name="")
    return school


def test_the_counter_expects_pupils_until_the_day_they_leave(school):
    assert desk.counter(Place(school.id, SCHOOL_YEAR), TODAY) == desk.Counter(0, 1)


def test_a_class_counts_its_pupils_until_the_day_they_leave(school):
    assert desk.classes_of(school.id, YEAR) == [("2GT1", 1)]


def test_slips_are_printed_for_pupils_until_the_day_they_leave(school):
    assert [pupil.last_name for pupil in printing.slips_of(school.id, YEAR, "", EVERYWHERE)] == ["Dupont"]


def test_situations_of_a_desk_take_pupils_who_are_schooled(school):
    make_device(school)
    done = [each for each in practice.test_codes(school.id, YEAR, EVERYWHERE) if each.answer == "done"]
    assert [each.facts["pupil"].split()[0].title() for each in done] == ["Dupont"]
