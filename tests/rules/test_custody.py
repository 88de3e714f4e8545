"""The hash of an event: canonical, so that it is the same from memory and from either database."""

import enum

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.custody import GENESIS, DeviceState, Movement, event_hash

facts = st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=12), max_size=6)


@given(facts, facts)
def test_two_hashes_are_equal_for_equal_facts_only(one, other):
    assert (event_hash(GENESIS, one) == event_hash(GENESIS, other)) is (one == other)


@given(facts)
def test_the_order_of_the_facts_does_not_matter_the_event_before_does(one):
    backwards = dict(reversed(one.items()))
    assert event_hash(GENESIS, one) == event_hash(GENESIS, backwards) != event_hash("1" * 64, one)


def test_a_word_of_the_domain_is_hashed_as_the_text_that_the_database_keeps():
    assert issubclass(Movement, enum.StrEnum)
    kept = {"movement": "received", "state": "in_stock", "reason": "écran fêlé"}
    assert event_hash(GENESIS, kept) == event_hash(
        GENESIS, {"movement": Movement.RECEIVED, "state": DeviceState.IN_STOCK, "reason": "écran fêlé"}
    )


def test_the_hash_of_a_known_event_never_changes():
    """A ledger of years ago must still verify: this literal is never brought up to date."""
    known = "38a32675bef43a6b9ff1f929418c564e2604f73e60b44b45a26d4b0867f9745e"
    assert event_hash(GENESIS, {"movement": "received", "sequence": 1}) == known
