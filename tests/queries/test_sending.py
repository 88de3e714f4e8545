"""What a sending would bring is exactly what it then brings; on both engines."""

from datetime import timedelta

import pytest

from tests.factories import (
    NOW,
    SCHOOL_YEAR,
    TODAY,
    actor,
    make_campaign,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
    make_text,
)
from tracker.operations import sending as operations
from tracker.operations.links import Links
from tracker.queries import sending
from tracker.queries.campaigns import settings_of
from tracker.queries.pupils import Year
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.recipients import Unreachable
from tracker.rules.refusals import Refused

YEAR = Year(SCHOOL_YEAR, TODAY)


@pytest.fixture
def campaign(db):
    make_text()
    return make_campaign()


def family(school, sent_days_ago=None, parents=1):
    pupil = make_pupil(school, agreement=None)
    for guardian in [make_guardian(pupil) for _ in range(parents)]:
        if sent_days_ago is not None:
            make_invitation(pupil, guardian, sent_at=NOW - timedelta(days=sent_days_ago))
    return pupil


def planned(campaign, school=None, scope=EVERYWHERE):
    return sending.plan(school and school.id, scope, YEAR, settings_of(campaign, TODAY), now=NOW)


def test_what_was_planned_is_what_is_sent(campaign):
    school = make_school()
    family(school, parents=2)
    family(school, sent_days_ago=8, parents=2)
    family(school, sent_days_ago=3)
    nobody = make_pupil(school, agreement=None)
    make_pupil(school)
    plan = planned(campaign)
    assert (plan.addresses, plan.first_addresses, plan.first, plan.reminders, plan.waiting) == (4, 2, 1, 1, 0)
    assert plan.unreachable == {nobody.id: Unreachable.NO_LEGAL_GUARDIAN}
    links = Links("k", "http://x")
    sent = operations.send_agreements(None, campaign, reminders=True, links=links, actor=actor(), now=NOW)
    assert (sent.mails, sent.unreachable) == (plan.addresses, list(plan.unreachable.items()))
    assert planned(campaign).addresses == 0


def test_an_address_that_had_its_mail_today_waits(campaign):
    school = make_school()
    elder = family(school, sent_days_ago=0)
    address = elder.guardians[0].email
    make_guardian(make_pupil(school, agreement=None), email=address)
    plan = planned(campaign)
    assert (plan.addresses, plan.waiting, plan.first) == (0, 1, 0)


def test_only_ones_own_schools_and_one_of_them(campaign):
    mine, other = make_school(), make_school()
    family(mine)
    family(other)
    assert planned(campaign, scope=Scope(frozenset({mine.id}))).addresses == 1
    assert planned(campaign, other).addresses == 1


def test_reminders_alone_write_no_first_mail(campaign):
    school = make_school()
    family(school)
    family(school, sent_days_ago=8)
    sent = operations.send_agreements(
        None, campaign, firsts=False, reminders=True, links=Links("k", "http://x"), actor=actor(), now=NOW
    )
    assert (sent.mails, sent.reminders) == (1, 1)


def test_a_sending_is_asked_for_once_and_only_for_ones_own_school(campaign):
    school, other = make_school(), make_school()
    own = actor("school", [school])
    asked = operations.ask_to_send(school.id, reminders=True, actor=own, now=NOW)
    assert sending.newest_sending(own.scope, school.id).id == asked.id
    for place, who, code in ((school, own, "work_under_way"), (other, own, "school_not_found"),
                             (school, actor("logistics"), "not_allowed")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            operations.ask_to_send(place.id, reminders=True, actor=who, now=NOW)
        assert refused.value.code == code
