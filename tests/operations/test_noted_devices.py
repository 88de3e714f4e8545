"""Devices that are nobody's on record: noted once, settled once, by those who see the desk; on both engines."""

import uuid

import pytest

from tests.factories import NOW, actor, make_school, make_user
from tracker.models.returns import ReturnRecord
from tracker.operations.noted_devices import note_stranger, settle
from tracker.operations.return_undo import undo_return
from tracker.rules.refusals import Refused
from tracker.rules.returns import Stranger, StrangerOutcome

pytestmark = pytest.mark.usefixtures("db")
SERIAL = "5CD999ZZZ1"


@pytest.fixture
def logistics(db):
    return actor("logistics", user=make_user())


def at(*schools, role="school"):
    return actor(role, schools, make_user())


def note(who, school=None, serial=SERIAL, **changes):
    values = {"action_id": uuid.uuid4(), "note": "Étiquette Bretagne"} | changes
    school_id = school.id if school else None
    return note_stranger(serial, Stranger.UNIDENTIFIED, school_id=school_id, actor=who, now=NOW, **values)


def refusal(call, *arguments, **options) -> str:
    with pytest.raises(Refused) as found:
        call(*arguments, now=NOW, **options)
    return found.value.code


def test_what_is_noted_already_is_not_written_a_second_time(logistics):
    first = note(logistics)
    again = note(logistics, serial=" 5cd999zzz1 ")
    assert (again.outcome, again.record_id) == ("already_noted", first.record_id)
    assert ReturnRecord.select().count() == 1


def test_the_same_action_sent_again_gets_its_first_answer(logistics):
    action = uuid.uuid4()
    first, second = note(logistics, action_id=action), note(logistics, action_id=action)
    assert (second.outcome, second.repeated, second.record_id) == ("noted", True, first.record_id)
    assert ReturnRecord.select().count() == 1


def test_another_schools_note_says_nothing_here_and_logistics_sees_both(logistics):
    here, there = make_school(), make_school()
    assert note(at(there), there).outcome == "noted"
    assert note(at(here), here).outcome == "noted"
    assert note(logistics).outcome == "already_noted"


def test_each_is_settled_once_with_who_and_when(logistics):
    record_id = note(logistics).record_id
    settle(record_id, StrangerOutcome.GIVEN_BACK, actor=logistics, now=NOW)
    record = ReturnRecord.get_by_id(record_id)
    assert (record.outcome, record.settled_by, record.settled_at) == ("given_back", logistics.user_id, NOW)
    assert refusal(settle, record_id, StrangerOutcome.IDENTIFIED, actor=logistics) == "noted_settled"
    assert ReturnRecord.get_by_id(record_id).outcome == "given_back"


def test_a_settled_one_that_comes_again_is_noted_anew(logistics):
    settle(note(logistics).record_id, StrangerOutcome.GIVEN_BACK, actor=logistics, now=NOW)
    assert note(logistics).outcome == "noted"


def test_what_was_settled_is_not_undone_and_what_was_undone_is_not_settled(logistics):
    settled, undone = note(logistics).record_id, note(logistics, serial="OTHER1").record_id
    settle(settled, StrangerOutcome.RECYCLED, actor=logistics, now=NOW)
    again = {"action_id": uuid.uuid4(), "actor": logistics}
    assert refusal(undo_return, settled, **again) == "return_nothing_to_undo"
    undo_return(undone, now=NOW, **again)
    assert refusal(settle, undone, StrangerOutcome.RECYCLED, actor=logistics) == "not_found"
    assert note(logistics, serial="OTHER1").outcome == "noted"


def test_only_who_sees_the_desk_settles(logistics):
    here, there = make_school(), make_school()
    theirs, warehouse = note(at(there), there).record_id, note(logistics, serial="W1").record_id
    for record_id in (theirs, warehouse):
        assert refusal(settle, record_id, StrangerOutcome.IDENTIFIED, actor=at(here)) == "not_found"
    assert refusal(settle, theirs, StrangerOutcome.IDENTIFIED, actor=at(there, role="staff")) == "not_allowed"
    settle(theirs, StrangerOutcome.IDENTIFIED, actor=at(there), now=NOW)


def test_a_note_that_is_too_long_is_refused_in_words(logistics):
    with pytest.raises(Refused) as found:
        note(logistics, note="x" * 301)
    assert found.value.code == "note_too_long"


def test_a_return_of_the_programmes_own_device_is_nothing_to_settle(logistics):
    record = ReturnRecord.create(serial="PF1", missing=[], received_at=NOW)
    assert refusal(settle, record.id, StrangerOutcome.IDENTIFIED, actor=logistics) == "not_found"
