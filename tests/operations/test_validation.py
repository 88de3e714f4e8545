"""A signed paper takes effect once somebody has looked at it; on both engines."""

from datetime import timedelta

import pytest

from tests.factories import NOW, actor, make_pupil, make_school, make_user
from tracker.models.agreements import Agreement, ScannedPage, ScanPile
from tracker.operations import validation
from tracker.rules.agreements import AgreementState
from tracker.rules.refusals import Refused

pytestmark = pytest.mark.usefixtures("db")
LATER = NOW + timedelta(days=1)


def waiting(**changes) -> Agreement:
    make_pupil(make_school(), agreement="signed")
    values = {"signed_by": "paper", "signed_at": NOW, "validated_at": None} | changes
    Agreement.update(**values).execute()
    return Agreement.get()


def test_an_accepted_paper_is_validated_by_whom_and_when():
    user = make_user("logistics")
    found = validation.accept(waiting().id, actor=actor("logistics", user=user), now=LATER)
    assert (found.state, found.validated_at, found.decided_by) == (AgreementState.VALIDATED, LATER, user.id)
    assert found.signed_at == NOW


def test_a_refused_one_keeps_its_reason_and_is_not_validated():
    found = validation.refuse(waiting().id, " not\n signed ", actor=actor("logistics"), now=LATER)
    assert (found.state, found.refusal, found.decided_at) == (AgreementState.REFUSED, "not signed", LATER)
    assert found.validated_at is None


@pytest.mark.parametrize(("reason", "code"), [("  ", "refusal_reason_missing"), ("x" * 301, "refusal_reason_too_long")])
def test_a_refusal_needs_a_reason(reason, code):
    with pytest.raises(Refused, match=code):
        validation.refuse(waiting().id, reason, actor=actor("logistics"), now=LATER)


@pytest.mark.parametrize("changes", [{"state": "validated"}, {"state": "sent"}, {"signed_by": None}])
def test_only_a_paper_that_waits_is_decided(changes):
    agreement = waiting(**changes)
    for decide in (lambda: validation.accept(agreement.id, actor=actor(), now=LATER),
                   lambda: validation.refuse(agreement.id, "why", actor=actor(), now=LATER)):  # fmt: skip
        with pytest.raises(Refused, match="not_waiting"):
            decide()


def test_a_school_does_not_validate_its_own():
    school_user = actor("school", [make_school()])
    with pytest.raises(Refused, match="not_allowed"):
        validation.accept(waiting().id, actor=school_user, now=LATER)


def test_an_agreement_out_of_sight_is_not_found():
    with pytest.raises(Refused, match="not_found"):
        validation.accept(waiting().id, actor=actor("logistics", []), now=LATER)
    with pytest.raises(Refused, match="not_found"):
        validation.accept(0, actor=actor(), now=LATER)


def test_what_was_seen_is_what_is_decided():
    agreement = waiting()
    pile = ScanPile.create(school=make_school(), file_name="scan.pdf", digest="0" * 64, uploaded_at=NOW)
    page = ScannedPage.create(pile=pile, number=1, image="k", agreement=agreement, page_number=2, filed_at=NOW)
    for shown in ([], [page.id + 1], [page.id, page.id + 1]):
        with pytest.raises(Refused, match="scans_changed"):
            validation.accept(agreement.id, shown=shown, actor=actor("logistics"), now=LATER)
        with pytest.raises(Refused, match="scans_changed"):
            validation.refuse(agreement.id, "why", shown=shown, actor=actor("logistics"), now=LATER)
    assert validation.accept(agreement.id, shown=[page.id], actor=actor("logistics"), now=LATER).state == "validated"
