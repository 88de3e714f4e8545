"""Who is who: any of three national numbers, the school's own number, a name that a person recognises."""

from datetime import date

import pytest

from tests.factories import make_pupil
from tests.operations.rosters.files import (
    codes,
    days,
    enrolments,
    everything,
    figures,
    morning,
    pupil,
    pupils_of,
    row,
)
from tracker.models.pupils import Enrolment, OtherIne, Pupil
from tracker.models.rosters import Departure, RosterImport
from tracker.rules.departures import Destination
from tracker.rules.rosters import Stop

OLD, NEW = "0987654321F", "990000777BA"


def test_a_pupil_without_a_number_keeps_their_place_when_one_is_given(desk, school):
    desk.apply(school, row(1, ine=None))
    first = Pupil.get()
    desk.apply(school, row(1), on=days(1))
    assert (pupil(1).id, Pupil.select().count()) == (first.id, 1)


def test_the_old_number_is_remembered_when_a_new_one_takes_its_place(desk, school):
    desk.apply(school, row(1, ine=OLD))
    one = Pupil.get()
    desk.apply(school, row(1, ine=NEW), on=days(1))
    assert (Pupil.get().id, Pupil.get().ine, OtherIne.get().ine) == (one.id, NEW, OLD)
    before = everything()
    desk.apply(school, row(1, ine=OLD, roster_id=5), on=days(2))
    desk.apply(school, row(1, ine=NEW), on=days(3))
    assert everything()["pupil"] == before["pupil"]


def test_a_number_in_common_is_enough_and_all_of_them_are_remembered(desk, school):
    desk.apply(school, row(1, ine=OLD))
    one = Pupil.get()
    desk.apply(school, row(1, ine=NEW, rnie=OLD, roster_id=5), on=days(1))
    assert (Pupil.get().id, Pupil.get().ine, [each.ine for each in OtherIne.select()]) == (one.id, NEW, [OLD])
    for ine in (OLD, NEW):
        assert figures(desk.look(school, row(1, ine=ine, roster_id=9), on=days(2)))["pupils"] == 1
        assert "arrivals" not in figures(desk.look(school, row(1, ine=ine, roster_id=9), on=days(2)))


def test_a_further_number_that_comes_up_later_is_kept_too(desk, school):
    desk.apply(school, row(1))
    reading = desk.look(school, row(1, rnie=OLD), on=days(1))
    assert figures(reading)["changed"] == 1
    desk.apply(school, row(1, rnie=OLD), on=days(1))
    assert (pupil(1).ine, OtherIne.get().ine) == ("990000001BA", OLD)
    assert figures(desk.look(school, row(1, rnie=OLD), on=days(2)))["unchanged"] == 1


def test_the_number_of_the_school_given_to_somebody_else_is_not_believed(desk, school):
    desk.apply(school, row(1), row(2))
    somebody = row(3, roster_id=700_001, first_name="Noé", birth_date=date(2010, 12, 24))
    desk.apply(school, somebody, row(2), on=days(1))
    assert Pupil.select().count() == 3
    assert Departure.get().pupil_id == pupil(1).id


def test_the_number_of_the_school_is_believed_when_a_name_is_mended(desk, school):
    desk.apply(school, row(1, ine=None))
    desk.apply(school, row(1, ine=None, last_name="DURANT"), on=days(1))
    assert [each.last_name for each in Pupil.select()] == ["DURANT"]


@pytest.fixture
def known(school, other):
    """A pupil of last year in another school, without a number."""
    return make_pupil(
        other, agreement=None, last_name="DURAND1", first_name="Léa", birth_date=date(2011, 3, 2), school_year=2025
    )


def test_name_and_birth_date_alone_stop_the_import_and_ask(desk, school, known):
    reading = desk.look(school, row(1))
    assert (reading.open_stops, reading.refused) == ([Stop.IDENTITY], True)
    asked = reading.problems[-1]
    assert codes(reading) == ["stop_identity", "same_name"]
    assert (asked.pupil, asked.line is not None, asked.facts["known"]) == ("DURAND1 Léa", True, "DURAND1 Léa")
    assert [(each.key, each.known.pupil_id) for each in reading.compared.proposals] == [("700001", known.id)]


def test_answered_the_same_it_is_the_same_pupil_from_then_on(desk, school, known):
    desk.apply(school, row(1), identities={"700001": known.id})
    assert (pupil(1).id, Pupil.select().count()) == (known.id, 1)
    before = everything()
    desk.apply(school, row(1), on=days(1))
    assert everything() == before


def test_answered_another_it_is_somebody_new_from_then_on(desk, school, known):
    desk.apply(school, row(1), identities={"700001": 0})
    assert (pupil(1).id != known.id, Pupil.select().count()) == (True, 2)
    assert not desk.look(school, row(1), on=days(1)).refused


def test_an_answer_that_was_not_asked_for_moves_nobody(desk, school, other):
    stranger = make_pupil(other, agreement=None)
    desk.apply(school, row(1), identities={"700001": stranger.id})
    assert (pupil(1).id != stranger.id, Enrolment.select().where(Enrolment.pupil == stranger).count()) == (True, 1)


def test_a_pupil_of_this_very_school_is_recognised_and_not_enrolled_twice(desk, school):
    here = make_pupil(school, agreement=None, last_name="DURAND1", first_name="Léa", birth_date=date(2011, 3, 2))
    desk.apply(school, row(1), identities={"700001": here.id})
    assert [(each.pupil_id, each.roster_id) for each in Enrolment.select()] == [(here.id, "700001")]


def test_two_rows_that_mean_one_pupil_are_one_too_many_and_nobody_has_left(desk, school):
    desk.apply(school, row(1, ine=OLD, rnie=NEW), row(2))
    twins = [row(1, ine=OLD), row(3, ine=NEW)]
    reading = desk.look(school, *twins, row(2), on=days(1))
    assert (codes(reading), figures(reading)["refused"]) == (["two_rows_one_pupil"], 1)
    assert "leavers" not in figures(reading)


def test_a_row_with_the_numbers_of_two_pupils_is_refused_and_nobody_has_left(desk, school, other):
    desk.apply(school, row(1), row(2), row(4))
    desk.apply(other, row(3))
    for numbers in ({"rnie": "990000002BA"}, {"rnie": "990000003BA"}, {"ine": "990000003BA"}):
        reading = desk.look(school, row(1, **numbers), row(4), on=days(1))
        assert "numbers_of_two_pupils" in codes(reading)
        left = {each.pupil_id for each in reading.compared.planned}
        assert pupil(1).id not in left
    desk.apply(school, row(1, ine="990000003BA"), row(2), row(4), on=days(1))
    assert (pupil(3).last_name, enrolments(1)[0].left_on) == ("DURAND3", None)


def test_a_national_number_outweighs_the_schools_own_of_who_came_without_one(desk, school, other):
    desk.apply(other, row(1), row(2))
    desk.apply(school, row(9, ine=None, roster_id=900_001, last_name="DURANT"))
    before = everything()
    corrected = row(1, roster_id=900_001, entered_on=days(2))
    reading = desk.look(school, corrected, on=days(3))
    assert (codes(reading), figures(reading)["moves"], figures(reading)["leavers"]) == (
        ["national_number_counts"],
        1,
        1,
    )
    made = desk.apply(school, corrected, on=days(3))
    assert [each.school_id for each in enrolments(1)] == [other.id, school.id]
    left = Departure.get(Departure.school == school)
    assert (left.pupil.last_name, left.destination) == ("DURANT", Destination.TO_QUALIFY)
    known = everything()
    desk.apply(school, corrected, on=days(4))
    assert everything() == known
    desk.undo(RosterImport.select().order_by(RosterImport.id.desc()).get(), on=days(4))
    desk.undo(made, on=days(4))
    assert everything() == before


def test_back_after_two_years_the_pupil_is_the_same(desk, school):
    desk.apply(school, row(1), row(2), on=date(2024, 10, 1), year=2024)
    desk.apply(school, row(2), on=date(2025, 10, 1), year=2025)
    desk.apply(school, row(1, roster_id=3), row(2), stops=[Stop.LAST_YEAR])
    assert [(each.school_year, each.left_on is None) for each in enrolments(1)] == [(2024, False), (2026, True)]
    assert Departure.select().where(Departure.destination == Destination.TO_QUALIFY).count() == 1


def test_the_moment_of_a_reading_is_the_pupils_first(desk, school):
    desk.apply(school, row(1), on=days(1))
    assert pupil(1).created_at == morning(days(1))
    assert pupils_of(school, [row(1)]).startswith(b"<?xml")
