"""Tracking numbers, by hand and from a carrier's file: each names one parcel; on both engines."""

import pytest

from tests.factories import NOW, actor, make_campaign, make_device
from tests.parcels import addressed_school, outbound, prepared, with_return_address
from tracker.models.parcels import Parcel
from tracker.operations import parcels
from tracker.operations.tracking import LineProblem, import_tracking, set_tracking
from tracker.queries.parcels import by_number
from tracker.rules.access import EVERYWHERE
from tracker.rules.parcels import ParcelKind
from tracker.rules.refusals import Refused

NUMBER, OTHER = "8R00000000012", "8R00000000029"
WHO = {"actor": actor(), "now": NOW}


@pytest.fixture
def school(db):
    make_campaign()
    with_return_address()
    return addressed_school()


def number_of(parcel) -> str:
    return Parcel.get_by_id(parcel.id).tracking


def refusal_of(parcel, number, who=None) -> Refused:
    with pytest.raises(Refused) as refused:
        set_tracking(parcel.id, number, actor=who or actor(), now=NOW)
    return refused.value


def imported(*lines):
    """The lines as (parcel, number)."""
    return import_tracking([[parcel.reference, number] for parcel, number in lines], **WHO)


def test_a_file_gives_each_parcel_its_number(school):
    one, two = outbound(school), outbound(school)
    assert imported((one, "8r 0000 0000 012"), (two, OTHER)) == (2, [])
    assert (number_of(one), number_of(two)) == (NUMBER, OTHER)


def test_a_number_given_twice_is_a_problem_of_its_line_and_nothing_is_written(school):
    one, two = outbound(school), outbound(school)
    assert imported((one, NUMBER), (two, NUMBER.lower())) == (0, [LineProblem(2, "number_twice", two.reference)])
    assert (number_of(one), number_of(two)) == ("", "")


def test_a_number_that_another_parcel_has_is_a_problem_that_names_it(school):
    one, two = outbound(school), outbound(school)
    set_tracking(one.id, NUMBER, **WHO)
    assert imported((two, NUMBER)) == (0, [LineProblem(1, "number_known", two.reference, one.reference)])
    assert imported((one, NUMBER)) == (1, [])


def test_numbers_that_were_mixed_up_are_exchanged_by_one_file(school):
    one, two = outbound(school), outbound(school)
    imported((one, NUMBER), (two, OTHER))
    assert imported((one, OTHER), (two, NUMBER)) == (2, [])
    assert (number_of(one), number_of(two)) == (OTHER, NUMBER)


def test_a_cancelled_parcel_takes_no_number(school):
    parcel = outbound(school)
    parcels.cancel(parcel.id, **WHO)
    assert imported((parcel, NUMBER)) == (0, [LineProblem(1, "cancelled", parcel.reference)])
    assert number_of(parcel) == ""
    assert refusal_of(parcel, NUMBER).code == "parcel_state"


def test_by_hand_too_a_number_is_for_one_parcel(school):
    one, two = outbound(school), outbound(school)
    set_tracking(one.id, NUMBER, **WHO)
    set_tracking(one.id, NUMBER, **WHO)
    refused = refusal_of(two, NUMBER)
    assert (refused.code, refused.facts["reference"]) == ("tracking_known", one.reference)
    set_tracking(one.id, "", **WHO)
    assert set_tracking(two.id, NUMBER, **WHO).tracking == NUMBER


def test_of_another_schools_parcel_no_reference_is_said(school):
    there = addressed_school()
    set_tracking(outbound(there).id, NUMBER, **WHO)
    ours = prepared(ParcelKind.RETURN, school, make_device(school))
    refused = refusal_of(ours, NUMBER, actor("school", [school]))
    assert (refused.code, refused.facts) == ("tracking_known_elsewhere", {})


def test_the_label_of_a_cancelled_parcel_serves_the_next_one_and_finds_it(school):
    one, two = outbound(school), outbound(school)
    set_tracking(one.id, NUMBER, **WHO)
    parcels.cancel(one.id, **WHO)
    assert by_number([NUMBER], EVERYWHERE) == [one]
    set_tracking(two.id, NUMBER, **WHO)
    assert by_number([NUMBER], EVERYWHERE) == [two]
