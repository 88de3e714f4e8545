"""The sample data: complete, plausible, the same from the same seed, and in step with the ledger."""

from datetime import UTC, datetime
from random import Random

import pytest
from stdnum import ean, imei, luhn

from tests.factories import make_school
from tracker.models.agreements import Agreement
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Allocation, Loan
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import Campaign, School
from tracker.models.users import SchoolMembership, User
from tracker.operations import ledger, sample
from tracker.operations.passwords import is_password
from tracker.operations.sample import hardware
from tracker.operations.sample.schools import SCHOOLS
from tracker.queries.code_rules import rules_in_force
from tracker.queries.scanned import ScannedText, classified
from tracker.rules.identifiers import has_ine_form, is_norman_uai
from tracker.rules.refusals import Refused
from tracker.scanning.classification import CodeKind

NOW = datetime(2026, 10, 8, 14, 30, tzinfo=UTC)


def test_it_is_whole(db):
    loaded = sample.load(now=NOW)
    assert (loaded.schools, loaded.devices) == (12, 2620)
    assert 1900 <= loaded.pupils <= 2200
    assert 30 <= loaded.hand_overs == Loan.select().count()
    assert_the_ledger_holds()
    assert_the_mix_is_realistic()
    assert_accounts_can_sign_in(loaded)
    with pytest.raises(Refused, match="not_empty"):
        sample.load(now=NOW)


def assert_the_ledger_holds() -> None:
    proof = ledger.verify()
    assert (proof.broken, proof.devices, proof.checkpoints) == (None, 2620, 1)
    assert list(ledger.differences()) == []
    assert CustodyEvent.select().where(CustodyEvent.at > NOW).count() == 0


def assert_the_mix_is_realistic() -> None:
    assert Campaign.get().school_year == 2026
    assert School.select().where(School.member_until.is_null(False)).count() == 1
    assert Agreement.select().count() > 800
    validated = Agreement.select().where(Agreement.state == "validated").count()
    assert 0.80 < validated / Agreement.select().count() < 0.90
    conditions = (
        Enrolment.repeats_year, Enrolment.arrived_mid_course, Enrolment.left_on.is_null(False),
        Enrolment.level == "cap_of_3", Enrolment.eligible == "check", Enrolment.regime == "3",
    )  # fmt: skip
    for condition in conditions:
        assert Enrolment.select().where(condition).exists()
    assert Guardian.select().where(~Guardian.legal).exists()
    assert {row.state for row in Device.select(Device.state).distinct()} == {
        "in_stock", "lent", "lost", "stolen", "in_repair", "returned", "quarantined", "to_refurbish", "to_recycle"
    }  # fmt: skip
    in_stock_aside = Allocation.select().join(Device).where(Device.state == "in_stock", Allocation.ended_at.is_null())
    assert in_stock_aside.count() > 20
    assert {row.maker for row in DeviceModel.select().where(DeviceModel.kind == "laptop")} >= {"Lenovo", "HP", "Dell"}
    assert all(has_ine_form(row.ine) for row in Pupil.select(Pupil.ine).where(Pupil.ine.is_null(False)))


def assert_accounts_can_sign_in(loaded: sample.Loaded) -> None:
    assert {account.role for account in loaded.accounts} == {"admin", "logistics", "staff", "school"}
    for account in loaded.accounts:
        assert is_password(User.get(User.email == account.email).password_hash, account.password)
    schools = [len(account.schools) for account in loaded.accounts if account.role == "school"]
    assert (len(schools), max(schools)) == (3, 2)
    assert SchoolMembership.select().count() == sum(schools)


@pytest.mark.parametrize("moment", [datetime(2027, 1, 4, 8, tzinfo=UTC), datetime(2026, 8, 29, 8, tzinfo=UTC)])
def test_it_is_of_the_school_year_in_force(sqlite_db, moment):
    sample.load(now=moment)
    assert Campaign.get().school_year == 2026
    assert ledger.verify().broken is None


def test_the_same_seed_invents_the_same(sqlite_db):
    one, two = (list(hardware.pieces(Random(5))) for _ in range(2))
    assert one == two
    assert len({piece.serial for piece in one}) == len(one)


def test_a_database_that_holds_anything_is_left_alone(sqlite_db):
    make_school()
    with pytest.raises(Refused, match="not_empty"):
        sample.load(now=NOW)
    assert School.select().count() == 1


def test_every_school_has_a_norman_uai():
    assert all(is_norman_uai(school.uai) for school in SCHOOLS)
    assert len({school.uai for school in SCHOOLS}) == len(SCHOOLS)


def test_identifiers_have_right_check_digits_and_serials_are_read_as_serials(sqlite_db):
    rules = rules_in_force()
    for piece in list(hardware.pieces(Random(3)))[::7]:
        if not piece.imei:
            kinds = {code.kind: code.value for code in classified([ScannedText(piece.serial)], rules)}
            assert kinds.get(CodeKind.SERIAL) == piece.serial
        else:
            assert imei.is_valid(piece.imei)
            assert luhn.is_valid(piece.iccid)
            assert len(piece.iccid) == 19
    assert all(ean.is_valid(model.article) for model in hardware.MODELS)
