"""Figures that take long are kept for a minute, and say of when they are."""

from datetime import timedelta

from tests.factories import NOW, SCHOOL_YEAR, TODAY, make_campaign, make_pupil, make_school
from tracker.queries.pupils import Year
from tracker.rules.access import EVERYWHERE
from tracker.web import home

YEAR = Year(SCHOOL_YEAR, TODAY)


def counted_after_one_more_pupil(app, school, moment, time_machine_at):
    make_pupil(school)
    time_machine_at(moment)
    with app.test_request_context():
        return home._counted(EVERYWHERE, YEAR)[0].to_equip


def test_quick_figures_are_always_fresh(app, time_machine_at):
    make_campaign()
    school = make_school()
    seen = [counted_after_one_more_pupil(app, school, NOW, time_machine_at) for _ in range(2)]
    assert seen == [1, 2]


def test_slow_figures_are_kept_for_a_minute(app, time_machine_at, monkeypatch):
    monkeypatch.setattr(home, "SLOW", timedelta(0))
    make_campaign()
    school = make_school()
    moments = (NOW, NOW + timedelta(seconds=30), NOW + timedelta(seconds=90))
    assert [counted_after_one_more_pupil(app, school, each, time_machine_at) for each in moments] == [1, 1, 3]
