"""Every test code gets the answer that stands beside it, at a real desk of the sample data."""

import uuid
from datetime import UTC, datetime

import pytest

from tests.factories import SCHOOL_YEAR, make_device, make_pupil, make_school
from tracker.models.schools import Campaign, School
from tracker.models.users import User
from tracker.operations import loans, sample
from tracker.queries import practice, scanned
from tracker.queries.custody import custody_now
from tracker.queries.pupils import Year
from tracker.rules.access import EVERYWHERE, Actor, Role, Scope
from tracker.rules.loans import device_refusal
from tracker.rules.refusals import Refused

NOW = datetime(2026, 10, 8, 14, 30, tzinfo=UTC)
SITUATIONS = {
    "done", "agreement_missing", "second_year", "device_allocated", "already", "device_lent", "pupil_has_laptop",
    "device_other_school", "device_lost", "device_stolen", "saw_article", "device_unknown",
}  # fmt: skip


def answer(school: School, campaign: Campaign, situation: practice.Practice) -> str:
    """What a member of the staff gets for these scans."""
    place = scanned.Place(school.id, campaign.school_year)
    found = [scanned.named([scanned.ScannedText(text)], place, EVERYWHERE) for _what, text in situation.scans]
    refused = next((one.refused for one in found if one.refused), None)
    if refused:
        return refused.code
    device_id = found[0].devices[0].id
    if len(found) == 1:
        return device_refusal(custody_now(device_id)).code
    request = loans.Request(device_id, found[1].pupil_ids[0], school.id, uuid.uuid4())
    who = Actor(User.get(User.role == Role.STAFF).id, Role.STAFF)
    try:
        return loans.hand_over(request, campaign=campaign, actor=who, now=NOW).outcome
    except Refused as against:
        return against.code


def test_each_code_gets_the_answer_that_stands_beside_it(sqlite_db):
    sample.load(now=NOW)
    campaign = Campaign.get()
    for school in School.select().where(School.member_until.is_null()).limit(3):
        situations = practice.test_codes(school.id, Year(campaign.school_year, NOW.date()), EVERYWHERE)
        assert {one.answer for one in situations} == SITUATIONS
        assert [answer(school, campaign, one) for one in situations] == [one.answer for one in situations]


@pytest.mark.usefixtures("sqlite_db")
def test_devices_of_other_schools_are_named_to_those_only_who_may_see_them():
    here = make_school()
    make_device(make_school())
    make_device(make_school(), state="lost")
    foreign = {"device_lost", "device_other_school"}
    make_pupil(here), make_pupil(here)
    assert {one.answer for one in practice.test_codes(here.id, Year(SCHOOL_YEAR, NOW.date()), EVERYWHERE)} >= foreign
    own = Scope(frozenset({here.id}))
    assert not {one.answer for one in practice.test_codes(here.id, Year(SCHOOL_YEAR, NOW.date()), own)} & foreign


@pytest.mark.usefixtures("sqlite_db")
def test_an_empty_database_still_has_a_serial_that_nobody_knows():
    assert [one.answer for one in practice.test_codes(1, Year(2026, NOW.date()), EVERYWHERE)] == ["device_unknown"]
