"""Two desks that take the same devices back at the same moment, as real processes: one return each, one answer."""

import json
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path

from bench.hall import fill
from tests.factories import NOW, actor, make_user
from tests.lending import lend
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.pupils import Pupil
from tracker.models.returns import ReturnRecord
from tracker.models.schools import School
from tracker.operations import ledger

DEVICES = 3
ROOT = Path(__file__).parents[2]

# Each process gets ready, waits until both are, then takes every device back; what it got is its only output.
_DESK = """
import json, sys, uuid
from datetime import datetime
from tracker.models.database import connected, open_database
from tracker.models.schools import Campaign
from tracker.operations.taking_back import Look, Request, take_back
from tracker.rules.access import Actor, Role
from tracker.rules.returns import Condition, ReturnReason

job = json.loads(sys.argv[1])
open_database(job["url"])
with connected():
    campaign, now = Campaign.get(), datetime.fromisoformat(job["now"])
    print("ready", flush=True)
    sys.stdin.readline()
    for device, action in job["scans"]:
        request = Request(device, None, uuid.UUID(action), reason=ReturnReason.OTHER, look=Look(Condition.GOOD))
        answer = take_back(request, campaign=campaign, actor=Actor(job["user"], Role.LOGISTICS), now=now)
        print(json.dumps([device, answer.outcome]), flush=True)
"""


def test_two_desks_take_the_same_devices_back_once(db, db_url):
    hall = fill(DEVICES, now=NOW, people=1)
    school = School.get_by_id(hall.school_id)
    for pair in hall.pairs:
        lend(Device.get_by_id(pair.device_id), Pupil.get_by_id(pair.pupil_id), school, who=actor(user=make_user()))
    devices = [pair.device_id for pair in hall.pairs]
    desks = [_start(db_url, order) for order in (devices, devices[::-1])]
    for desk in desks:
        assert desk.stdout.readline() == "ready\n"
    for desk in desks:
        desk.stdin.write("go\n")
        desk.stdin.flush()
    said = [json.loads(line) for desk in desks for line in desk.communicate()[0].splitlines()]
    assert sorted(said) == sorted([each, outcome] for each in devices for outcome in ("already", "returned"))
    assert ReturnRecord.select().count() == Loan.select().where(Loan.ended_at.is_null(False)).count() == DEVICES
    assert ledger.verify().broken is None
    assert list(ledger.differences()) == []


def _start(url: str, devices: list[int]) -> subprocess.Popen:
    scans = [(each, str(uuid.uuid4())) for each in devices]
    later = (NOW + timedelta(hours=1)).isoformat()
    job = {"url": url, "user": make_user("logistics").id, "now": later, "scans": scans}
    command = [sys.executable, "-c", _DESK, json.dumps(job)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
