"""What may follow what in the life of an agreement; paper; codes; the rate."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.ages import is_of_age, latest_birth_of_age
from tracker.rules.agreements import FOLLOWS, TO_BE_SIGNED, AgreementState, lets_hand_over, may_become
from tracker.rules.mail import mail_address
from tracker.rules.paper import PaperBecause, PaperCase, is_signature_page, may_print, missing_pages
from tracker.rules.refusals import Refused
from tracker.rules.signature_rate import Rate
from tracker.rules.signing import CODE_GOOD_FOR, CODES_WITHIN, MOST_CODES, MOST_TRIES, Codes, code_refusal, one_more

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
TODAY = date(2026, 10, 5)
rates = st.integers(0, 500).flatmap(lambda eligible: st.builds(Rate, st.integers(0, eligible), st.just(eligible)))


def test_every_state_says_what_may_follow_and_a_validated_agreement_only_ends():
    assert set(FOLLOWS) == set(AgreementState)
    assert FOLLOWS[AgreementState.VALIDATED] == {AgreementState.WITHDRAWN}
    assert not any(may_become(state, state) for state in AgreementState)
    assert not FOLLOWS[AgreementState.WITHDRAWN]


@given(st.sampled_from(AgreementState))
def test_only_a_validated_agreement_lets_a_device_go_and_nobody_is_asked_to_sign_it_again(state):
    assert lets_hand_over(state) == (state is AgreementState.VALIDATED)
    assert (state in TO_BE_SIGNED) == (may_become(state, AgreementState.SIGNED))


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.dates(date(1970, 1, 1), date(2090, 12, 31)))
def test_the_latest_birth_of_age_is_the_same_answer(on, birth):
    assert is_of_age(birth, on) == (birth <= latest_birth_of_age(on))


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 2, 28), date(2028, 3, 1)])
def test_around_the_end_of_february_too(day):
    for birth in (latest_birth_of_age(day) + timedelta(days=step) for step in range(-3, 4)):
        assert is_of_age(birth, day) == (birth <= latest_birth_of_age(day))


def test_paper_from_the_fifteenth_day_on_not_the_fourteenth():
    for days, allowed in ((14, False), (15, True), (16, True)):
        case = PaperCase(AgreementState.SENT, TODAY - timedelta(days=days), reachable=True)
        found = may_print(case, today=TODAY, after_days=15)
        assert (found is PaperBecause.UNSIGNED) == allowed
        if not allowed:
            assert found.facts["first_day"] == TODAY + timedelta(days=1)


def test_paper_at_once_where_no_mail_reaches_anybody_or_a_paper_was_refused():
    for state in (None, AgreementState.PREPARED, AgreementState.SENT):
        unreachable = PaperCase(state, TODAY, reachable=False)
        assert may_print(unreachable, today=TODAY, after_days=15) is PaperBecause.UNREACHABLE
    refused = PaperCase(AgreementState.REFUSED, TODAY, reachable=True)
    assert may_print(refused, today=TODAY, after_days=15) is PaperBecause.REFUSED


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (None, "agreement_not_sent"),
        (AgreementState.VALIDATED, "agreement_signed"),
        (AgreementState.SIGNED, "paper_waiting"),
        (AgreementState.WITHDRAWN, "withdrawn"),
    ],
)
def test_no_paper_says_why(state, code):
    found = may_print(PaperCase(state, None, reachable=True), today=TODAY, after_days=15)
    assert isinstance(found, Refused)
    assert (found.code, found.rule) == (code, "A3")


def test_the_last_page_bears_the_signature_and_missing_ones_are_named():
    assert [is_signature_page(number, 3) for number in (1, 2, 3)] == [False, False, True]
    assert missing_pages(3, [2, None, 2]) == (1, 3)


def test_no_more_than_a_few_codes_a_day():
    codes, now = Codes(0, None), NOW
    for _ in range(MOST_CODES):
        codes = one_more(codes, now)
        now += timedelta(minutes=1)
    assert one_more(codes, now) is None
    assert one_more(codes, NOW + CODES_WITHIN) == Codes(1, NOW + CODES_WITHIN)


def test_a_code_dies_of_age_and_of_tries():
    assert code_refusal(None, 0, NOW) == "code_missing"
    assert code_refusal(NOW, 0, NOW + CODE_GOOD_FOR) is None
    assert code_refusal(NOW, 0, NOW + CODE_GOOD_FOR + timedelta(seconds=1)) == "code_expired"
    assert code_refusal(NOW, MOST_TRIES - 1, NOW) is None
    assert code_refusal(NOW, MOST_TRIES, NOW) == "code_dead"


@given(rates, rates)
def test_rates_add_up_and_are_exact(one, other):
    both = one + other
    assert (both.signed, both.eligible) == (one.signed + other.signed, one.eligible + other.eligible)
    if both.eligible:
        assert both.fraction == Fraction(both.signed, both.eligible)
        assert both.reaches(85) == (both.signed * 100 >= 85 * both.eligible)


def test_nobody_eligible_is_no_rate_and_85_percent_exactly_is_enough():
    assert Rate(0, 0).fraction is None
    assert not Rate(0, 0).reaches(0)
    assert Rate(17, 20).reaches(85)
    assert not Rate(849_999, 1_000_000).reaches(85)


@pytest.mark.parametrize(("text", "address"), [
    (" Lea.Martin@Example.ORG ", "lea.martin@example.org"), ("é@exemple.fr", "é@exemple.fr"), ("", ""), ("lea", ""),
    ("lea@", ""), ("@x.fr", ""), ("lea@x", ""), ("a@x.fr, b@x.fr", ""), ("a@x.fr\nBcc: b@x.fr", ""), ("a@b@x.fr", ""),
    ("<a@x.fr>", ""), ("a" * 250 + "@x.fr", ""),
])  # fmt: skip
def test_only_one_plain_address_is_one(text, address):
    assert mail_address(text) == address
