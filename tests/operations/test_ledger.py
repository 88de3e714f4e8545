"""The ledger proves itself, names what was tampered with, and the tables can be rebuilt from it."""

import itertools
import uuid
from datetime import timedelta

import peewee
import pytest

from tests.factories import NOW, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tracker.models.custody import CustodyEvent, LedgerCheckpoint
from tracker.models.database import database, is_postgres
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.operations import allocations, ledger, loans
from tracker.operations.scans import Answer
from tracker.operations.undo import undo_hand_over
from tracker.queries import ledger as ledger_queries
from tracker.rules.ledger import Flaw

pytestmark = pytest.mark.usefixtures("db")

DROP = {
    "custody_event": ("custody_event_no_update", "custody_event_no_delete", "custody_event_append_only"),
    "ledger_checkpoint": (
        "ledger_checkpoint_no_update",
        "ledger_checkpoint_no_delete",
        "ledger_checkpoint_append_only",
    ),
}


class Story:
    """A day of hand-overs, one of them undone; then the day's seal, and one more hand-over after it."""

    def __init__(self) -> None:
        self.campaign, self.school = make_campaign(), make_school()
        self.devices = [make_device(self.school) for _ in range(4)]
        self.pupils = [make_pupil(self.school) for _ in range(4)]
        self.who = actor("logistics", user=make_user("logistics"))
        allocations.allocate(self.devices[1].id, self.pupils[1].id, actor=self.who, now=NOW)
        answers = [self.hand_over(number) for number in range(3)]
        undo_hand_over(answers[1].event_id, action_id=uuid.uuid4(), actor=self.who, now=NOW)
        self.seal = ledger.checkpoint(now=NOW)
        self.hand_over(3)

    def hand_over(self, number: int) -> Answer:
        request = loans.Request(
            self.devices[number].id, self.pupils[number].id, self.school.id, uuid.uuid4(), scanned="PNDX", swap=True
        )
        return loans.hand_over(request, campaign=self.campaign, actor=self.who, now=NOW)


@pytest.fixture
def story(db) -> Story:
    return Story()


def tamper(statement: str, *values: object, table: str = "custody_event") -> None:
    """Change the table behind the triggers' back, as somebody with the database's password could."""
    for trigger in DROP[table]:
        on = f' ON "{table}"' if is_postgres() else ""
        database.execute_sql(f'DROP TRIGGER IF EXISTS "{trigger}"{on}')
    database.execute_sql(statement.replace("?", database.param), values)


def test_a_ledger_that_nobody_touched_is_whole(story):
    proof = ledger.verify()
    assert proof.broken is None
    assert (proof.devices, proof.events, proof.checkpoints) == (4, CustodyEvent.select().count(), 1)


def test_an_empty_ledger_is_whole_and_can_be_sealed(db):
    ledger.checkpoint(now=NOW)
    assert ledger.verify() == ledger.Proof(checkpoints=1)


TAMPERED = {
    "movement": "received",
    "at": "2026-10-05 08:59:59.000000",
    "actor_id": None,
    "action_id": None,
    "scanned": "another",
    "reason": "because",
    "rule": "A4",
    "overridden": "agreement_missing",
    "desk_school_id": 999,
    "undoes": 1,
    "state": "lost",
    "holder": "unknown",
    "school_id": 999,
    "pupil_id": 999,
    "allocated_to": 999,
    "answerable": 999,
    "previous_hash": "0" * 64,
    "hash": "f" * 64,
    "sequence": 7,
    "id": 9_999,
}


def test_every_column_of_an_event_is_guarded():
    assert {field.column_name for field in CustodyEvent._meta.sorted_fields} == {*TAMPERED, "device_id"}


@pytest.mark.parametrize("column", TAMPERED)
def test_a_changed_column_is_named_with_its_device_and_event(story, column):
    device_id = story.devices[2].id
    tamper(f'UPDATE custody_event SET "{column}" = ? WHERE device_id = ? AND sequence = 2', TAMPERED[column], device_id)
    broken = ledger.verify().broken
    expected = {"sequence": Flaw.SEQUENCE, "previous_hash": Flaw.PREVIOUS_HASH}
    if column == "id":  # its chain still holds: the day's seal does not
        assert (broken.flaw, broken.day) == (Flaw.SEAL, story.seal.day)
    else:
        number = 7 if column == "sequence" else 2
        assert (broken.device_id, broken.sequence) == (device_id, number)
        assert broken.flaw is expected.get(column, Flaw.HASH)


def test_an_event_moved_to_another_device_is_named(story):
    other = make_device(story.school)
    tamper("UPDATE custody_event SET device_id = ? WHERE device_id = ? AND sequence = 2", other.id, story.devices[2].id)
    broken = ledger.verify().broken
    assert (broken.device_id, broken.sequence, broken.flaw) == (other.id, 2, Flaw.PREVIOUS_HASH)


def test_a_removed_event_in_the_middle_is_a_gap(story):
    tamper("DELETE FROM custody_event WHERE device_id = ? AND sequence = 2", story.devices[1].id)
    broken = ledger.verify().broken
    assert (broken.flaw, broken.sequence, broken.expected) == (Flaw.SEQUENCE, 3, "2")


def test_a_removed_head_is_seen_by_the_seal_of_the_day(story):
    tamper("DELETE FROM custody_event WHERE device_id = ? AND sequence = 2", story.devices[0].id)
    assert ledger.verify().broken.flaw is Flaw.SEAL


def test_a_chain_that_was_removed_whole_is_named(story):
    tamper("DELETE FROM custody_event WHERE device_id = ?", story.devices[3].id)
    broken = ledger.verify().broken
    assert (broken.flaw, broken.device_id) == (Flaw.EMPTY_CHAIN, story.devices[3].id)


def test_a_chain_rewritten_with_right_hashes_is_seen_by_the_seal_of_the_day(story):
    event = CustodyEvent.get(CustodyEvent.device == story.devices[0].id, CustodyEvent.sequence == 2)
    facts = ledger.hashed_facts(event.__data__ | {"device_id": event.device_id, "scanned": "another"})
    forged = ledger.Link(event.id, event.device_id, 2, event.previous_hash, "", facts)
    from tracker.rules.custody import event_hash

    tamper(
        "UPDATE custody_event SET scanned = 'another', hash = ? WHERE id = ?",
        event_hash(forged.previous_hash, forged.facts), event.id,
    )  # fmt: skip
    broken = ledger.verify().broken
    assert (broken.flaw, broken.day) == (Flaw.SEAL, story.seal.day)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("day", "2026-10-06"), ("at", "2026-10-05 10:00:00.000000"), ("up_to", 3), ("up_to", 99), ("devices", 3),
        ("seal", "0" * 64),
    ],
)  # fmt: skip
def test_a_changed_checkpoint_is_named(story, column, value):
    tamper(f"UPDATE ledger_checkpoint SET {column} = ?", value, table="ledger_checkpoint")
    broken = ledger.verify().broken
    assert broken.device_id is None
    assert broken.flaw in (Flaw.SEAL, Flaw.SEALED_DEVICES, Flaw.SEALED_DAY)


def test_a_removed_checkpoint_breaks_the_next_one(story):
    ledger.checkpoint(now=NOW + timedelta(days=1))
    tamper("DELETE FROM ledger_checkpoint WHERE id = ?", story.seal.id, table="ledger_checkpoint")
    assert ledger.verify().broken.flaw is Flaw.SEAL


def test_the_same_day_again_gives_the_first_seal(story):
    again = ledger.checkpoint(now=NOW + timedelta(hours=3))
    assert (again.id, again.seal) == (story.seal.id, story.seal.seal)


def test_old_seals_hold_while_the_chains_grow(story):
    for day in range(1, 4):
        make_device(story.school)
        ledger.checkpoint(now=NOW + timedelta(days=day))
    assert ledger.verify().checkpoints == 4
    assert [each.devices for each in LedgerCheckpoint.select().order_by(LedgerCheckpoint.day)] == [4, 5, 6, 7]


def test_reading_in_pages_proves_the_same(story, monkeypatch):
    whole = ledger.verify()
    for size in (1, 2, 3):
        monkeypatch.setattr(ledger_queries, "PAGE", size)
        assert ledger.verify() == whole
        assert list(ledger.differences()) == []


REFUSED = [
    "UPDATE custody_event SET reason = 'x'",
    "DELETE FROM custody_event",
    "UPDATE ledger_checkpoint SET devices = 0",
    "DELETE FROM ledger_checkpoint",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses_to_change_what_is_written(story, statement):
    with pytest.raises(peewee.IntegrityError, match="append only"):
        database.execute_sql(statement)
    assert ledger.verify().broken is None


@pytest.mark.parametrize("table", [CustodyEvent, LedgerCheckpoint])
def test_the_database_refuses_to_write_over_a_row(story, table):
    name = table._meta.table_name
    if is_postgres():
        statement = f'TRUNCATE "{name}"'
    else:
        statement = f'INSERT OR REPLACE INTO "{name}" SELECT * FROM "{name}" LIMIT 1'
    with pytest.raises(peewee.IntegrityError, match="append only"):
        database.execute_sql(statement)


def test_an_upsert_does_not_pass_either(story):
    name = "custody_event"
    with pytest.raises(peewee.IntegrityError, match="append only"):
        database.execute_sql(
            f"INSERT INTO {name} SELECT * FROM {name} WHERE true LIMIT 1 ON CONFLICT (id) DO UPDATE SET reason = 'x'"
        )


def test_the_database_itself_refuses_a_second_open_loan_of_a_device(story):
    values = {"device": story.devices[0].id, "school": story.school, "school_year": 2026, "kind": "laptop"}
    with pytest.raises(peewee.IntegrityError):
        Loan.create(**values, pupil=make_pupil(story.school), started_at=NOW)


def test_the_database_itself_refuses_a_second_open_loan_of_a_pupil(story):
    values = {"pupil": story.pupils[0].id, "school": story.school, "school_year": 2026, "kind": "laptop"}
    with pytest.raises(peewee.IntegrityError):
        Loan.create(**values, device=make_device(story.school), started_at=NOW)


def test_the_same_event_cannot_be_written_twice(story):
    head = CustodyEvent.select().order_by(CustodyEvent.id.desc()).first()
    with pytest.raises(peewee.IntegrityError):
        CustodyEvent.insert({name: value for name, value in head.__data__.items() if name != "id"}).execute()


def test_tables_that_follow_the_ledger_show_no_difference(story):
    assert list(ledger.differences()) == []


def unsettle(story: Story) -> None:
    """Four devices whose tables went their own way: a wrong row, a lost loan, a loan too many, another's allocation."""
    first, second, third, fourth = (device.id for device in story.devices)
    Device.update(state="lost", holder="unknown", pupil=None).where(Device.id == first).execute()
    Loan.update(ended_at=NOW).where(Loan.device == third).execute()
    stranger = make_pupil(story.school)
    Loan.create(device=second, pupil=stranger, school=story.school, school_year=2026, kind="laptop", started_at=NOW)
    Allocation.update(pupil=stranger).where(Allocation.device == fourth).execute()


def test_each_difference_is_named(story):
    unsettle(story)
    found = {(each.device_id, each.fact) for each in ledger.differences()}
    first, second, third, fourth = (device.id for device in story.devices)
    assert found == {
        (first, "state"), (first, "holder"), (first, "pupil_id"), (second, "loan"), (third, "loan"),
        (fourth, "allocation"),
    }  # fmt: skip


def test_a_rebuild_brings_every_table_back(story):
    loan = Loan.get(Loan.device == story.devices[2].id)
    unsettle(story)
    changed = ledger.rebuild(now=NOW + timedelta(hours=1))
    assert len(changed) == 6
    assert list(ledger.differences()) == []
    again = Loan.get(Loan.device == story.devices[2].id, Loan.ended_at.is_null())
    kept = ("pupil_id", "school_id", "school_year", "kind", "started_at")
    assert [getattr(again, name) for name in kept] == [getattr(loan, name) for name in kept]
    assert ledger.rebuild(now=NOW) == []


def test_a_rebuild_exchanges_the_loans_of_two_pupils(story):
    one, two = Loan.get(Loan.device == story.devices[0].id), Loan.get(Loan.device == story.devices[2].id)
    mine, theirs = one.pupil_id, two.pupil_id
    Loan.update(ended_at=NOW).where(Loan.id == one.id).execute()
    Loan.update(pupil=mine).where(Loan.id == two.id).execute()
    Loan.update(ended_at=None, pupil=theirs).where(Loan.id == one.id).execute()
    ledger.rebuild(now=NOW)
    open_ones = Loan.select().where(Loan.ended_at.is_null())
    assert {(loan.device_id, loan.pupil_id) for loan in open_ones} >= {(one.device_id, mine), (two.device_id, theirs)}
    assert list(ledger.differences()) == []


def test_events_and_heads_come_in_the_order_of_the_chains(story):
    keys = [(row["device_id"], row["sequence"]) for row in ledger_queries.events()]
    assert keys == sorted(keys)
    last = {device: max(numbers) for device, numbers in _grouped(keys)}
    assert {row["device_id"]: row["sequence"] for row in ledger_queries.heads()} == last


def _grouped(keys):
    for device, group in itertools.groupby(keys, key=lambda key: key[0]):
        yield device, [sequence for _device, sequence in group]
