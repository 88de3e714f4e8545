"""The measurements still fit the tables that they fill: on a small scale each gives its figures."""

from bench import agreements, lookup
from bench.population import PUPILS_OF_A_SCHOOL, populate
from tracker.models.database import connected, open_database
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School


def test_a_population_has_its_pupils_in_schools_and_every_second_device_lent(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'many.db'}")
    with connected():
        populate(opened, PUPILS_OF_A_SCHOOL + 10)
        assert (School.select().count(), Pupil.select().count()) == (2, PUPILS_OF_A_SCHOOL + 10)
        assert Enrolment.select().where(Enrolment.school == 2).count() == 10
        assert Loan.select().count() == (PUPILS_OF_A_SCHOOL + 10) // 2
    opened.close_all()


def test_a_look_up_is_measured_on_both_sizes():
    figures = lookup.measure(20, 40, 1)
    assert all(figures[question.__name__]["ratio"] > 0 for question in lookup.QUESTIONS)


def test_agreements_are_measured_beside_empty_pages():
    assert agreements.measure(2).cpu_s > 0
