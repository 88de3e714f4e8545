"""What holds a file up until a person says yes to it by name."""

from datetime import date

import pytest

from tests.factories import make_pupil
from tests.operations.rosters.files import (
    codes,
    days,
    everything,
    figures,
    guardian,
    guardians_of,
    pupils_of,
    row,
    several,
)
from tracker.models.rosters import RosterImport
from tracker.rosters.rows import Severity
from tracker.rules.rosters import ImportState, Stop


def other_school(desk, school):
    return pupils_of(school, several(12), uai="0359904A")


def last_year(desk, school):
    return pupils_of(school, several(12), year=2025)


def older(desk, school):
    return pupils_of(school, several(12), on=days(-30))


def collapsed(desk, school):
    return pupils_of(school, several(5))


def guardians_gone(desk, school):
    desk.apply_file(school, guardians_of(school, [guardian(number) for number in range(1, 13)]), on=days(-2))
    return guardians_of(school, [guardian(number) for number in range(1, 6)])


def identity(desk, school):
    make_pupil(school, last_name="D", first_name="Léa", birth_date=date(2011, 1, 1), agreement=None, school_year=2020)
    return pupils_of(school, [*several(12), row(13, last_name="D", birth_date=date(2011, 1, 1))])


@pytest.mark.parametrize("stop", Stop)
def test_each_stop_is_an_error_until_somebody_says_yes_to_it(desk, school, stop):
    desk.apply(school, *several(12), on=days(-3))
    content = globals()[stop.value](desk, school)
    before = everything()
    made, reading = desk.offer(school, content)
    assert (reading.open_stops, reading.refused, made.state) == ([stop], True, ImportState.CANCELLED)
    assert (Severity.ERROR, f"stop_{stop}") in [(each.severity, each.code) for each in reading.problems]
    assert everything() == before
    made, reading = desk.offer(school, content, stops=[stop])
    assert (reading.refused, made.state) == (False, ImportState.APPLIED)
    assert Severity.ERROR not in [problem.severity for problem in reading.problems if problem.code == f"stop_{stop}"]


def test_a_yes_to_one_stop_is_none_to_another(desk, school):
    desk.apply(school, *several(12), on=days(-3))
    content = pupils_of(school, several(3), on=days(-30))
    assert desk.offer(school, content, stops=[Stop.OLDER])[1].open_stops == [Stop.COLLAPSED]
    assert not desk.offer(school, content, stops=[Stop.OLDER, Stop.COLLAPSED])[1].refused


@pytest.mark.parametrize(("left", "stopped"), [(10, False), (9, True)])
def test_exactly_half_of_the_roll_is_no_collapse_yet(desk, school, left, stopped):
    desk.apply(school, *several(20), on=days(-3))
    assert (desk.look(school, *several(left)).open_stops == [Stop.COLLAPSED]) is stopped


@pytest.mark.parametrize(("had", "stopped"), [(10, True), (9, False)])
def test_below_ten_pupils_nothing_collapses(desk, school, had, stopped):
    desk.apply(school, *several(had), on=days(-3))
    assert (desk.look(school, row(1)).open_stops == [Stop.COLLAPSED]) is stopped


def test_a_file_that_names_nobody_is_stopped_however_few_they_were(desk, school):
    reading = desk.look(school)
    assert (reading.refused, codes(reading)) == (False, ["no_pupils"])
    desk.apply(school, row(1), on=days(-3))
    assert desk.look(school).open_stops == [Stop.COLLAPSED]
    assert desk.look(school, row(1, left_on=days(-1))).open_stops == []


def test_pupils_who_have_left_already_are_no_part_of_the_roll(desk, school):
    desk.apply(school, *several(20), on=days(-9))
    gone = [row(number, left_on=days(-5)) for number in range(1, 13)]
    desk.apply(school, *gone, *several(20)[12:], on=days(-3), stops=[Stop.COLLAPSED])
    assert not desk.look(school, *gone, *several(20)[12:]).open_stops


def test_the_roster_of_last_year_in_august_is_stopped_and_in_july_it_is_not(desk, school):
    assert desk.look(school, row(1), on=date(2026, 7, 31), year=2025).open_stops == []
    assert desk.look(school, row(1), on=date(2026, 8, 1), year=2025).open_stops == [Stop.LAST_YEAR]


def test_once_a_file_of_the_new_year_was_read_the_old_year_is_stopped_in_july_too(desk, school):
    desk.apply(school, row(1), on=date(2026, 7, 1), year=2026)
    assert Stop.LAST_YEAR in desk.look(school, row(1), on=date(2026, 7, 2), year=2025).open_stops


def test_an_undone_file_is_no_longer_the_last_one_read(desk, school):
    made = desk.apply(school, *several(3), on=days(3))
    assert desk.look(school, *several(3)).open_stops == [Stop.OLDER]
    desk.undo(made, on=days(3))
    assert desk.look(school, *several(3)).open_stops == []


def test_what_was_refused_is_on_record_with_its_counts(desk, school):
    made, _reading = desk.offer(school, other_school(desk, school))
    kept = RosterImport.get_by_id(made.id)
    assert (kept.preview["counts"]["arrivals"], kept.preview["stops"]) == (12, ["other_school"])
    assert (len(kept.digest), kept.applied_at) == (64, None)


def test_the_counts_of_a_file_that_cannot_be_read_are_nought(desk, school):
    made, reading = desk.offer(school, b"<BEE_ELEVES>")
    assert (figures(reading), reading.refused, made.state) == ({}, True, ImportState.REFUSED)


@pytest.mark.parametrize(("left", "stopped"), [(10, False), (9, True)])
def test_exactly_half_of_the_families_is_no_collapse_yet(desk, school, left, stopped):
    desk.apply(school, *several(25), on=days(-3))
    families = [guardian(number) for number in range(1, 21)]
    desk.apply_file(school, guardians_of(school, families, on=days(-2)), on=days(-2))
    reading = desk.offer(school, guardians_of(school, families[:left]))[1]
    assert (reading.open_stops == [Stop.GUARDIANS_GONE]) is stopped
