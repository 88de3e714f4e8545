"""Several desks at once, as real processes: one loan, one event, whatever is sent at the same moment."""

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from bench.hall import Hall, fill
from tests.factories import NOW
from tracker.models.custody import CustodyEvent
from tracker.models.loans import Loan
from tracker.models.scans import ScanAction
from tracker.operations import ledger
from tracker.rules.custody import Movement

AT_ONCE = 8
ROOT = Path(__file__).parents[2]

# Each process gets ready, waits until all are, then hands over; what it got is its only output.
_DESK = """
import json, sys, uuid
from datetime import datetime
from tracker.models.database import connected, open_database
from tracker.models.schools import Campaign
from tracker.operations import loans
from tracker.rules.access import Actor, Role
from tracker.rules.refusals import Refused

job = json.loads(sys.argv[1])
open_database(job["url"])
with connected():
    campaign = Campaign.get()
    requests = [
        loans.Request(each["device"], each["pupil"], job["school"], uuid.UUID(each["action"])) for each in job["scans"]
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    for request in requests:
        try:
            answer = loans.hand_over(
                request, campaign=campaign, actor=Actor(job["user"], Role.STAFF), now=datetime.fromisoformat(job["now"])
            )
            print(json.dumps([answer.outcome, answer.event_id, answer.repeated]), flush=True)
        except Refused as refused:
            print(json.dumps([refused.code, None, False]), flush=True)
"""


def all_at_once(url: str, hall: Hall, desks: list[tuple[int, list[dict]]]) -> list[list]:
    """Run each desk (user id, its scans) in a process of its own, started together; every answer of all of them."""
    processes = [_start(url, hall, user, scans) for user, scans in desks]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return [json.loads(line) for text in said for line in text.splitlines()]


def _start(url: str, hall: Hall, user: int, scans: list[dict]) -> subprocess.Popen:
    job = {"url": url, "school": hall.school_id, "user": user, "now": NOW.isoformat(), "scans": scans}
    command = [sys.executable, "-c", _DESK, json.dumps(job)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def scan(device_id: int, pupil_id: int, action: uuid.UUID | None = None) -> dict:
    return {"device": device_id, "pupil": pupil_id, "action": str(action or uuid.uuid4())}


def proved() -> None:
    assert ledger.verify().broken is None
    assert list(ledger.differences()) == []


def handed_over() -> int:
    return CustodyEvent.select().where(CustodyEvent.movement == Movement.HANDED_OVER).count()


@pytest.fixture
def hall(db) -> Hall:
    return fill(AT_ONCE, now=NOW, people=AT_ONCE)


def test_eight_desks_that_hand_over_one_device_make_one_loan(db_url, hall):
    device = hall.pairs[0].device_id
    desks = [(user, [scan(device, pair.pupil_id)]) for (user, _email), pair in zip(hall.staff, hall.pairs, strict=True)]
    answers = all_at_once(db_url, hall, desks)
    assert sorted(outcome for outcome, _event, _repeated in answers) == ["device_lent"] * (AT_ONCE - 1) + ["done"]
    assert Loan.select().count() == handed_over() == ScanAction.select().count() == 1
    proved()


def test_eight_devices_for_one_pupil_make_one_loan(db_url, hall):
    pupil = hall.pairs[0].pupil_id
    desks = [(user, [scan(pair.device_id, pupil)]) for (user, _email), pair in zip(hall.staff, hall.pairs, strict=True)]
    answers = all_at_once(db_url, hall, desks)
    assert sorted(outcome for outcome, _event, _repeated in answers) == ["done"] + ["pupil_has_laptop"] * (AT_ONCE - 1)
    assert Loan.select().count() == handed_over() == 1
    proved()


def test_one_action_sent_eight_times_at_once_is_one_event_and_one_answer(db_url, hall):
    action, pair = uuid.uuid4(), hall.pairs[0]
    user = hall.staff[0][0]
    answers = all_at_once(db_url, hall, [(user, [scan(pair.device_id, pair.pupil_id, action)])] * AT_ONCE)
    assert {(outcome, event) for outcome, event, _repeated in answers} == {
        ("done", CustodyEvent.select().order_by(CustodyEvent.id.desc()).first().id)
    }
    assert sorted(repeated for _outcome, _event, repeated in answers) == [False] + [True] * (AT_ONCE - 1)
    assert Loan.select().count() == handed_over() == ScanAction.select().count() == 1
    proved()


def test_desks_that_fight_over_the_same_devices_and_pupils_leave_a_whole_ledger(db_url, hall):
    """Every desk tries every device, each with another pupil first: locks are taken in every order."""
    desks = [
        (
            user,
            [
                scan(hall.pairs[place].device_id, hall.pairs[(place * 3 + number) % AT_ONCE].pupil_id)
                for place in _order(number)
            ],
        )
        for number, (user, _email) in enumerate(hall.staff)
    ]
    answers = all_at_once(db_url, hall, desks)
    done = [answer for answer in answers if answer[0] == "done"]
    known = {"done", "already", "device_lent", "pupil_has_laptop", "device_allocated"}
    assert {answer[0] for answer in answers} <= known
    assert len(answers) == AT_ONCE**2
    assert Loan.select().count() == handed_over() == len(done) >= AT_ONCE // 2
    proved()


def _order(number: int) -> list[int]:
    forwards = [(place + number) % AT_ONCE for place in range(AT_ONCE)]
    return forwards if number % 2 else forwards[::-1]
