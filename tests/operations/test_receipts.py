"""The short-lived address of a signature; on both engines."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_pupil, make_school
from tracker.models.agreements import Agreement
from tracker.models.pupils import Pupil
from tracker.operations.receipts import GOOD_FOR, open_receipt, receipt_for
from tracker.rules.refusals import Refused

KEY = "key"
EVIDENCE = {"signer": "Camille Martin", "email": "mother@example.org", "reference": "2026-1-1"}


@pytest.fixture
def agreement(db) -> Agreement:
    make_pupil(make_school(), last_name="Martin")
    Agreement.update(
        signed_at=NOW, evidence=EVIDENCE, document="agreements/ab/cd.pdf", document_digest="1" * 64
    ).execute()
    return Agreement.get()


def is_over(receipt: str, now=NOW, key=KEY) -> bool:
    with pytest.raises(Refused) as refused:
        open_receipt(receipt, key=key, now=now)
    return refused.value.code == "receipt_over"


def test_it_shows_who_signed_what_until_its_time_is_over(agreement):
    receipt = receipt_for(agreement, key=KEY, now=NOW)
    shown = open_receipt(receipt, key=KEY, now=NOW + GOOD_FOR - timedelta(seconds=1))
    assert (shown.pupil, shown.signer, shown.year_label) == ("Léa Martin", "Camille Martin", "2026-2027")
    assert (shown.recipient, shown.document) == ("mother@example.org", agreement.document)
    assert is_over(receipt, NOW + GOOD_FOR)


def test_nobody_makes_one_without_the_key(agreement):
    receipt = receipt_for(agreement, key=KEY, now=NOW)
    assert is_over(receipt, key="other")
    assert is_over(receipt[:-1])
    assert is_over("")


def test_it_shows_this_signature_and_no_other_of_the_same_agreement(agreement):
    receipt = receipt_for(agreement, key=KEY, now=NOW)
    Agreement.update(document_digest="2" * 64).execute()
    assert is_over(receipt)


@pytest.mark.parametrize(
    "happens",
    [
        lambda: Agreement.update(state="withdrawn").execute(),
        lambda: Pupil.update(deceased=True).execute(),
        lambda: Agreement.delete().execute(),
    ],
)
def test_what_is_not_in_force_any_more_is_not_shown(agreement, happens):
    receipt = receipt_for(agreement, key=KEY, now=NOW)
    happens()
    assert is_over(receipt)
