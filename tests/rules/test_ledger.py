"""Chains and seals: any change is noticed, and only movements that can follow one another pass."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.rules import ledger
from tracker.rules.custody import GENESIS, Custody, DeviceState, Holder, Movement, custody_facts, event_hash
from tracker.rules.ledger import Flaw, Link, Seal, Sealed, broken_link, broken_seal

AT_SCHOOL = Custody(DeviceState.IN_STOCK, Holder.SCHOOL, 1)
WITH_PUPIL = Custody(DeviceState.LENT, Holder.PUPIL, 1, 7, 7, 7)
NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)


def chain(*steps: tuple[Movement, Custody]) -> list[Link]:
    """A chain of these movements with right numbers and hashes; event ids 10, 20, …"""
    links: list[Link] = []
    for movement, custody in steps:
        undoes = links[-1].id if movement in (Movement.HAND_OVER_UNDONE, Movement.RETURN_UNDONE) else None
        facts = {"movement": movement.value, "undoes": undoes, "reason": ""} | custody_facts(custody)
        previous = links[-1].hash if links else GENESIS
        number = len(links) + 1
        links.append(Link(number * 10, 3, number, previous, event_hash(previous, facts), facts))
    return links


STORY = chain(
    (Movement.RECEIVED, AT_SCHOOL),
    (Movement.ALLOCATED, replace(AT_SCHOOL, allocated_to=7)),
    (Movement.HANDED_OVER, WITH_PUPIL),
    (Movement.HAND_OVER_UNDONE, replace(AT_SCHOOL, allocated_to=7)),
    (Movement.UNALLOCATED, AT_SCHOOL),
    (Movement.HANDED_OVER, WITH_PUPIL),
    (Movement.DECLARED_LOST, Custody(DeviceState.LOST, Holder.UNKNOWN)),
)


IN_HALL = Custody(DeviceState.RETURNED, Holder.SCHOOL, 1)
IN_QUARANTINE = Custody(DeviceState.QUARANTINED, Holder.WAREHOUSE)


def test_collected_at_a_school_looked_at_in_the_warehouse_and_both_undone():
    lent = [(Movement.RECEIVED, AT_SCHOOL), (Movement.HANDED_OVER, WITH_PUPIL)]
    back = [*lent, (Movement.RETURNED, IN_HALL), (Movement.TRIAGED, IN_QUARANTINE)]
    assert first_break(chain(*back, (Movement.RETURN_UNDONE, IN_HALL), (Movement.RETURN_UNDONE, WITH_PUPIL))) is None
    elsewhere = Custody(DeviceState.QUARANTINED, Holder.SCHOOL, 2)
    for wrong in (elsewhere, replace(WITH_PUPIL, allocated_to=None), Custody(DeviceState.LENT, Holder.WAREHOUSE)):
        assert first_break(chain(*back, (Movement.TRIAGED, wrong))).flaw is Flaw.MOVEMENT
    assert first_break(chain(*lent, (Movement.TRIAGED, IN_HALL))).flaw is Flaw.MOVEMENT
    assert first_break(chain(*lent, (Movement.RETURN_UNDONE, AT_SCHOOL))).flaw is Flaw.MOVEMENT


def first_break(links: list[Link]) -> ledger.Break | None:
    pairs = zip(links, [None, *links], strict=False)
    return next((found for link, before in pairs if (found := broken_link(link, before))), None)


def test_a_story_that_can_happen_is_whole():
    assert first_break(STORY) is None


@given(st.integers(0, len(STORY) - 1))
def test_a_missing_event_is_a_gap_unless_it_was_the_last(place):
    found = first_break(STORY[:place] + STORY[place + 1 :])
    if place == len(STORY) - 1:
        assert found is None
    else:
        assert (found.flaw, found.sequence, found.expected) == (Flaw.SEQUENCE, place + 2, str(place + 1))


@given(st.integers(0, len(STORY) - 1), st.sampled_from(sorted(STORY[0].facts)), st.none() | st.integers() | st.text())
def test_any_changed_fact_is_named_at_its_event(place, name, value):
    link = STORY[place]
    assume(link.facts[name] != value)
    found = first_break([*STORY[:place], replace(link, facts=link.facts | {name: value}), *STORY[place + 1 :]])
    assert (found.flaw, found.sequence) == (Flaw.HASH, place + 1)


@given(st.integers(0, len(STORY) - 1))
def test_a_forged_hash_breaks_at_the_event_or_at_the_one_after(place):
    facts = STORY[place].facts | {"reason": "forged"}
    forged = replace(STORY[place], facts=facts, hash=event_hash(STORY[place].previous_hash, facts))
    found = first_break([*STORY[:place], forged, *STORY[place + 1 :]])
    if place == len(STORY) - 1:
        assert found is None  # a seal alone can tell: see below
    else:
        assert (found.flaw, found.sequence) == (Flaw.PREVIOUS_HASH, place + 2)


IN_WAREHOUSE_FOR_7 = Custody(DeviceState.IN_STOCK, Holder.WAREHOUSE, allocated_to=7)
RETURNED = Custody(DeviceState.RETURNED, Holder.SCHOOL, 1)
TO_REFURBISH = Custody(DeviceState.TO_REFURBISH, Holder.WAREHOUSE)
IN_PARCEL = Custody(DeviceState.IN_STOCK, Holder.PARCEL, 1, allocated_to=7)
BACK_AND_OUT_AGAIN = (
    (Movement.RECEIVED, AT_SCHOOL),
    (Movement.HANDED_OVER, WITH_PUPIL),
    (Movement.RETURNED, RETURNED),
    (Movement.RETURN_UNDONE, WITH_PUPIL),
    (Movement.RETURNED, RETURNED),
    (Movement.PACKED, replace(RETURNED, holder=Holder.PARCEL)),
    (Movement.ARRIVED, replace(RETURNED, holder=Holder.WAREHOUSE, school_id=None)),
    (Movement.TRIAGED, TO_REFURBISH),
    (Movement.SENT_TO_REFURBISHER, replace(TO_REFURBISH, holder=Holder.REFURBISHER)),
    (Movement.CAME_FROM_PARTNER, Custody(DeviceState.IN_STOCK, Holder.WAREHOUSE)),
    (Movement.ALLOCATED, IN_WAREHOUSE_FOR_7),
    (Movement.PACKED, IN_PARCEL),
    (Movement.UNPACKED, IN_WAREHOUSE_FOR_7),
    (Movement.PACKED, IN_PARCEL),
    (Movement.ARRIVED, replace(IN_PARCEL, holder=Holder.SCHOOL)),
    (Movement.RELOCATED, replace(IN_PARCEL, holder=Holder.SCHOOL, school_id=2)),
    (Movement.HANDED_OVER, replace(WITH_PUPIL, school_id=2)),
    (Movement.DECLARED_STOLEN, replace(WITH_PUPIL, state=DeviceState.STOLEN, holder=Holder.UNKNOWN, pupil_id=None)),
    (Movement.LOAN_ENDED, Custody(DeviceState.STOLEN, Holder.UNKNOWN, 1, allocated_to=7)),
    (Movement.FOUND, Custody(DeviceState.QUARANTINED, Holder.WAREHOUSE)),
    (Movement.TRIAGED, Custody(DeviceState.TO_RECYCLE, Holder.WAREHOUSE)),
    (Movement.SENT_TO_RECYCLER, Custody(DeviceState.TO_RECYCLE, Holder.RECYCLER)),
    (Movement.RECYCLED, Custody(DeviceState.RETIRED, Holder.RECYCLER)),
)


def test_a_device_that_comes_back_and_goes_out_again_is_a_story_that_can_happen():
    assert first_break(chain(*BACK_AND_OUT_AGAIN)) is None


@pytest.mark.parametrize(
    "steps",
    [
        [(Movement.ALLOCATED, replace(AT_SCHOOL, allocated_to=7))],
        [(Movement.RECEIVED, WITH_PUPIL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.RECEIVED, AT_SCHOOL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.ALLOCATED, IN_WAREHOUSE_FOR_7)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.ALLOCATED, AT_SCHOOL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.HANDED_OVER, WITH_PUPIL), (Movement.HANDED_OVER, WITH_PUPIL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.HANDED_OVER, replace(WITH_PUPIL, answerable=8))],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.HAND_OVER_UNDONE, AT_SCHOOL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.DECLARED_STOLEN, AT_SCHOOL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.RETURNED, RETURNED)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.HANDED_OVER, WITH_PUPIL), (Movement.RETURNED, WITH_PUPIL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.HANDED_OVER, WITH_PUPIL), (Movement.TRIAGED, WITH_PUPIL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.ARRIVED, AT_SCHOOL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.PACKED, replace(IN_PARCEL, allocated_to=8))],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.CAME_FROM_PARTNER, IN_WAREHOUSE_FOR_7)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.RELOCATED, replace(AT_SCHOOL, allocated_to=7))],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.LOAN_ENDED, AT_SCHOOL)],
        [(Movement.RECEIVED, AT_SCHOOL), (Movement.FOUND, AT_SCHOOL)],
    ],
)  # fmt: skip
def test_a_movement_that_cannot_follow_is_named_although_every_hash_is_right(steps):
    found = first_break(chain(*steps))
    assert (found.flaw, found.sequence) == (Flaw.MOVEMENT, len(steps))


def test_an_undo_must_name_the_event_that_it_undoes():
    steps = ((Movement.RECEIVED, AT_SCHOOL), (Movement.HANDED_OVER, WITH_PUPIL), (Movement.HAND_OVER_UNDONE, AT_SCHOOL))
    links = chain(*steps)
    facts = links[2].facts | {"undoes": 10}
    wrong = replace(links[2], facts=facts, hash=event_hash(links[2].previous_hash, facts))
    assert first_break([*links[:2], wrong]).flaw is Flaw.UNDOES


def test_an_event_older_than_the_one_before_is_named():
    assert first_break([STORY[0], replace(STORY[1], id=5)]).flaw is Flaw.ORDER


def test_every_movement_says_what_it_may_follow():
    assert set(ledger._POSSIBLE) == set(Movement)


heads = st.lists(st.tuples(st.integers(1, 99), st.text("0123456789abcdef", min_size=64, max_size=64)), max_size=5)


def sealed(entries, previous=GENESIS, at=NOW, up_to=5) -> Seal:
    seal = Seal(previous, date(2026, 10, 5), at, up_to)
    for device_id, head in entries:
        seal.add(device_id, head)
    return seal


@given(heads, heads)
def test_a_seal_is_the_same_for_the_same_heads_and_no_others(one, other):
    assert (sealed(one).text() == sealed(other).text()) is (one == other)


@given(heads)
def test_a_seal_covers_its_own_facts_and_the_seal_before(entries):
    texts = {
        sealed(entries).text(), sealed(entries, previous="1" * 64).text(), sealed(entries, up_to=6).text(),
        sealed(entries, at=NOW.replace(hour=10)).text(),
    }  # fmt: skip
    assert len(texts) == 4


def test_a_checkpoint_that_does_not_hold_is_named():
    computed = sealed([(1, "a" * 64)])
    good = Sealed(date(2026, 10, 5), NOW, 5, 1, computed.text())
    assert broken_seal(good, computed) is None
    assert broken_seal(replace(good, devices=2), computed).flaw is Flaw.SEALED_DEVICES
    assert broken_seal(replace(good, seal="0" * 64), computed).flaw is Flaw.SEAL
    assert broken_seal(replace(good, day=date(2026, 10, 6)), computed).flaw is Flaw.SEALED_DAY
