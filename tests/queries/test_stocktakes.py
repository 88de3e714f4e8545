"""What a line of a stocktake says, in SQL as in the rule; whom its facts name."""

import itertools

from tests.factories import NOW, SCHOOL_YEAR, TODAY, actor, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.operations.stocktakes import finding_of, start
from tracker.queries import stocktakes
from tracker.queries.pupils import Year
from tracker.queries.stocktakes import FINDING, LineFilter
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.custody import Holder
from tracker.rules.stocktakes import Finding, Place, StocktakePlace


def test_the_database_finds_what_the_rule_finds(db):
    made = Stocktake.create(place="warehouse", state="open", started_at=NOW)
    device = make_device()
    cases = itertools.product((None, device.id), (True, False), (None, NOW), (None, *Holder))
    possible = [case for case in cases if case[0] or not case[1]]  # nobody expects a code that nobody knows
    for number, (known, expected, seen, holder) in enumerate(possible):
        StocktakeLine.create(
            stocktake=made, device=known, code=f"C{number:03d}", expected=expected, seen_at=seen, holder=holder
        )
    rows = StocktakeLine.select(StocktakeLine, FINDING.alias("said")).objects()
    assert {finding_of(row) for row in rows} == set(Finding)
    assert [row.said for row in rows] == [finding_of(row) for row in rows]
    counts = stocktakes.counts(made.id)
    assert counts.found + counts.differences == StocktakeLine.select().count()
    assert stocktakes.lines(made.id, LineFilter()).count() == counts.differences


def test_who_answers_for_a_device_is_named_to_those_who_may_see_that_pupil(db):
    make_campaign()
    school, other = make_school(), make_school()
    lend(make_device(school), make_pupil(school, class_name="2DE1", last_name="Dupont"), school)
    place, year = Place(StocktakePlace.CLASS, school.id, "2DE1"), Year(SCHOOL_YEAR, TODAY)
    made = start(place, year=year, actor=actor(), now=NOW)
    named = [
        stocktakes.with_facts(stocktakes.lines(made.id, LineFilter()), scope).dicts().get()["last_name"]
        for scope in (EVERYWHERE, Scope(frozenset({school.id})), Scope(frozenset({other.id})))
    ]
    assert named == ["Dupont", "Dupont", None]
    assert stocktakes.classes_with_devices(school.id, year) == [("2DE1", 1)]
