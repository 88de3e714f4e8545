"""Return parcels: one for each pupil, made once, whoever asks; on both engines."""

import pytest

from tests.factories import NOW, actor, make_campaign, make_guardian, make_pupil, make_school, make_user
from tests.parcels import addressed_school, with_return_address
from tests.returning import expect, fresh, with_hotspot
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.models.returns import ExpectedReturn
from tracker.operations import parcels
from tracker.operations.expected_returns import stop_expecting
from tracker.operations.family_links import make_family_link
from tracker.operations.return_post import prepare_from_link, prepare_return, prepare_returns
from tracker.rules.custody import Holder
from tracker.rules.families import LinkPurpose
from tracker.rules.parcels import ParcelKind
from tracker.rules.refusals import Refused


@pytest.fixture
def school(db):
    make_campaign()
    with_return_address()
    return addressed_school()


def at(school, role="school"):
    return actor(role, [school], make_user())


def link_of(expected):
    make_guardian(expected.pupil, "mother@example.org")
    return make_family_link(
        LinkPurpose.RETURN, expected.pupil, "mother@example.org", expires_at=NOW, actor=actor(), now=NOW
    )


def refusal_of(call, *arguments, **options) -> str:
    with pytest.raises(Refused) as refused:
        call(*arguments, now=NOW, **options)
    return refused.value.code


def test_one_click_makes_the_parcel_and_the_next_one_finds_it(school):
    expected = expect(school)
    parcel = prepare_return(expected.id, actor=at(school), now=NOW)
    assert (parcel.kind, parcel.state, parcel.pupil_id) == ("return", "prepared", expected.pupil_id)
    assert fresh(expected).parcel_id == parcel.id
    assert Device.get_by_id(expected.device_id).holder == Holder.PUPIL
    assert prepare_return(expected.id, actor=at(school), now=NOW) == parcel
    assert prepare_from_link(link_of(expected), now=NOW) == [parcel]
    assert prepare_returns([expected.id], actor=at(school), now=NOW).parcels == [parcel]
    assert Parcel.select().count() == 1


def test_all_that_a_pupil_must_send_goes_into_one_parcel(school):
    laptop = expect(school)
    hotspot = with_hotspot(school, laptop)
    (parcel,) = prepare_from_link(link_of(laptop), now=NOW)
    held = {row.device_id for row in ParcelDevice.select().where(ParcelDevice.parcel == parcel)}
    assert held == {laptop.device_id, hotspot.device_id}


def test_what_is_expected_later_goes_into_a_parcel_of_its_own(school):
    laptop = expect(school)
    first = prepare_return(laptop.id, actor=at(school), now=NOW)
    hotspot = with_hotspot(school, laptop)
    second = prepare_return(hotspot.id, actor=at(school), now=NOW)
    assert second != first
    assert prepare_from_link(link_of(laptop), now=NOW) == [first, second]


def test_a_parcel_that_somebody_else_made_is_taken_and_a_cancelled_one_is_not(school):
    expected = expect(school)
    made = parcels.prepare(ParcelKind.RETURN, [expected.device_id], school_id=school.id, actor=actor(), now=NOW)
    assert prepare_return(expected.id, actor=at(school), now=NOW) == made
    parcels.cancel(made.id, actor=actor(), now=NOW)
    again = prepare_return(expected.id, actor=at(school), now=NOW)
    assert again != made
    assert fresh(expected).parcel_id == again.id


def test_a_class_gets_its_parcels_and_what_cannot_be_sent_is_named(school):
    expected = [expect(school) for _ in range(3)]
    gone = expected[1].device
    Loan.update(ended_at=NOW).where(Loan.device == gone).execute()
    made = parcels.prepare(ParcelKind.RETURN, [gone.id], school_id=school.id, actor=actor(), now=NOW)
    parcels.ship([made.id], actor=actor(), now=NOW)
    Parcel.update(state="cancelled").execute()  # as if lost on its way: the device is in no one's hands
    done = prepare_returns([each.id for each in expected], actor=at(school), now=NOW)
    assert {each.pupil_id for each in done.parcels} == {expected[0].pupil_id, expected[2].pupil_id}
    assert {serial: refused.code for serial, refused in done.refused.items()} == {gone.serial: "device_not_to_pack"}


def test_nothing_is_half_made_where_an_address_is_missing(school):
    other = make_school()
    whole, lacking = expect(school), expect(other)
    wanted = [whole.id, lacking.id]
    assert refusal_of(prepare_returns, wanted, actor=actor(user=make_user())) == "address_incomplete"
    assert Parcel.select().count() == 0


def test_a_school_sends_only_what_is_expected_of_its_own(school):
    expected = expect(school)
    other = addressed_school()
    assert refusal_of(prepare_return, expected.id, actor=at(other)) == "return_not_open"
    assert refusal_of(prepare_returns, [expected.id], actor=at(other)) == "nothing_to_send_back"
    assert refusal_of(prepare_return, expected.id, actor=at(school, "staff")) == "not_allowed"
    assert refusal_of(prepare_returns, range(201), actor=at(school)) == "too_many_returns"


def test_what_came_back_has_no_label_any_more(school):
    expected = expect(school)
    link = link_of(expected)
    stop_expecting(expected.device_id, came_back=True, actor=actor(), now=NOW)
    assert refusal_of(prepare_from_link, link) == "nothing_to_send_back"
    assert refusal_of(prepare_return, expected.id, actor=at(school)) == "return_not_open"


def test_a_pupil_who_is_not_known_any_more_leaves_a_device_to_be_sent(school):
    expected = expect(school, make_pupil(school))
    ExpectedReturn.update(pupil=None).execute()
    assert prepare_return(expected.id, actor=at(school), now=NOW).pupil_id is None
