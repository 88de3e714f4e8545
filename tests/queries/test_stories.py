"""Stories: who, when and why, in a fixed number of queries, with the names that the person may see."""

import uuid
from datetime import timedelta

import pytest

from tests.factories import NOW, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tests.statements import recorded_statements
from tracker.models.devices import Device
from tracker.models.pupils import Enrolment
from tracker.operations.undo import undo_hand_over
from tracker.queries import devices, stories
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.custody import Movement

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def school(db):
    make_campaign()
    return make_school()


def undo(answer, who):
    undo_hand_over(answer.event_id, action_id=uuid.uuid4(), actor=who, now=NOW + timedelta(minutes=1))


def story_of(device, scope=EVERYWHERE, name_pupils=True):
    return stories.device_story(devices.device_page(device.id, scope), scope, name_pupils=name_pupils)


def test_a_device_s_story_has_its_movements_newest_first_with_names(school):
    helper = make_user(name="Paul Lenoir")
    device, pupil = make_device(school), make_pupil(school)
    lend(device, pupil, school, who=actor(user=helper), now=NOW + timedelta(minutes=5))
    told = story_of(device)
    assert [event.movement for event in told.events] == [Movement.HANDED_OVER, Movement.RECEIVED]
    assert told.names.users == {helper.id: "Paul Lenoir"}
    assert told.names.pupils == {pupil.id: pupil.full_name}
    assert told.names.schools == {school.id: school.name}


def test_pupils_are_named_only_to_who_may_see_them(school):
    device, pupil = make_device(school), make_pupil(school)
    lend(device, pupil, school)
    mine = Scope(frozenset({school.id}))
    assert story_of(device, mine).names.pupils == {pupil.id: pupil.full_name}
    assert story_of(device, mine, name_pupils=False).names.pupils == {}
    Enrolment.update(school=make_school()).where(Enrolment.pupil == pupil).execute()
    assert story_of(device, mine).names.pupils == {}


def test_what_happened_at_another_school_is_told_without_who_and_why(school):
    device, pupil = make_device(school), make_pupil(school)
    answer = lend(device, pupil, school)
    assert story_of(device, Scope(frozenset({school.id}))).elsewhere == frozenset()
    newer = make_school()
    Device.update(school=newer).where(Device.id == device.id).execute()
    told = story_of(device, Scope(frozenset({newer.id})))
    assert answer.event_id in told.elsewhere
    assert story_of(device).elsewhere == frozenset()


def test_a_pupil_s_story_ends_with_the_event_that_took_the_device_away(school):
    device, pupil, next_pupil = make_device(school), make_pupil(school), make_pupil(school)
    who = actor(user=make_user())
    undo(lend(device, pupil, school, who=who), who)
    lend(device, next_pupil, school, who=who, now=NOW + timedelta(hours=1))
    told = stories.pupil_story(pupil.id, EVERYWHERE)
    assert [event.movement for event in told.events][::-1] == [
        Movement.HANDED_OVER,
        Movement.HAND_OVER_UNDONE,
    ]
    assert told.serials == {device.id: device.serial}


def test_a_device_that_was_swapped_away_stays_in_the_story(school):
    first, second = make_pupil(school), make_pupil(school)
    mine, other = make_device(school), make_device(school)
    who = actor(user=make_user())
    undo(lend(mine, first, school, who=who), who)
    lend(other, first, school, who=who, now=NOW + timedelta(hours=1))
    serials = set(stories.pupil_story(first.id, EVERYWHERE).serials.values())
    assert serials == {mine.serial, other.serial}
    assert stories.pupil_story(second.id, EVERYWHERE).events == ()


def test_a_story_costs_the_same_however_long_it_is(school):
    device, who = make_device(school), actor(user=make_user())
    costs = []
    for _hour in range(3):
        for name_pupils in (True, False):
            with recorded_statements() as sent:
                story_of(device, name_pupils=name_pupils)
            costs.append(len(sent))
        pupil = make_pupil(school)
        undo(lend(device, pupil, school, who=who, now=NOW), who)
    assert costs == [5, 4] * 3
