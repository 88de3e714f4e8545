"""The mail with the receipt of a return says what was missing and what is still expected; on both engines."""

from datetime import date

import pytest

from tests.factories import NOW, actor, make_campaign, make_guardian, make_pupil, make_school
from tests.returning import expect, with_hotspot
from tracker.models.mail import OutboxMail
from tracker.models.parcels import Parcel
from tracker.models.returns import ExpectedReturn, ReturnRecord
from tracker.operations.expected_returns import stop_expecting
from tracker.operations.return_receipts import mail_receipt
from tracker.storage.local import LocalStorage

NOTHING_ELSE = ("Vous n’avez plus rien à faire.", "Nothing else is expected of you.")


class Family:
    """A pupil whose laptop came back."""

    def __init__(self, storage):
        make_campaign()
        self.storage, self.school = storage, make_school()
        self.pupil = make_pupil(self.school)
        make_guardian(self.pupil, "mother@example.org")
        self.laptop = expect(self.school, self.pupil)
        stop_expecting(self.laptop.device_id, came_back=True, actor=actor(), now=NOW)

    def told(self, missing=()) -> str:
        """The mail of the receipt."""
        record = ReturnRecord.create(
            device=self.laptop.device, serial=self.laptop.device.serial, pupil=self.pupil, school=self.school,
            condition="good", missing=list(missing), received_at=NOW,
        )  # fmt: skip
        mail_receipt(record.id, storage=self.storage, actor=actor(), now=NOW)
        return OutboxMail.get().body


@pytest.fixture
def family(db, tmp_path):
    return Family(LocalStorage(tmp_path))


def test_that_nothing_else_is_expected_is_said_where_nothing_is(family):
    body = family.told()
    assert all(sentence in body for sentence in NOTHING_ELSE)
    assert "Il manquait" not in body


def test_what_was_missing_is_named_in_both_languages(family):
    body = family.told(["charger", "box"])
    assert "Il manquait\u00a0: chargeur, boîte d’origine." in body
    assert "This was missing: charger, original box." in body
    assert not any(sentence in body for sentence in NOTHING_ELSE)


def test_what_is_still_expected_is_named_with_its_day(family):
    hotspot = with_hotspot(family.school, family.laptop)
    ExpectedReturn.update(due_on=date(2026, 12, 11)).where(ExpectedReturn.id == hotspot.id).execute()
    body = family.told(["charger"])
    assert f"numéro de série {hotspot.device.serial}, à rendre au plus tard le 11 décembre 2026" in body
    assert f"serial number {hotspot.device.serial}, to be back by 11 December 2026" in body
    assert family.laptop.device.serial + ", à rendre" not in body
    assert not any(sentence in body for sentence in NOTHING_ELSE)


def test_of_what_is_on_its_way_nothing_more_is_expected(family):
    hotspot = with_hotspot(family.school, family.laptop)
    parcel = Parcel.create(
        reference="0" * 18, kind="return", state="shipped", school=family.school, pupil=family.pupil, carrier="own",
        sender={}, recipient={}, created_at=NOW,
    )  # fmt: skip
    ExpectedReturn.update(parcel=parcel).where(ExpectedReturn.id == hotspot.id).execute()
    body = family.told()
    assert all(sentence in body for sentence in NOTHING_ELSE)
