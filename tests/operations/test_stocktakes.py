"""A place counted on both engines: nothing lost or doubled, no custody changed but by a decision, then a record."""

import json
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import (
    NOW,
    SCHOOL_YEAR,
    TODAY,
    actor,
    make_campaign,
    make_device,
    make_pupil,
    make_school,
    make_user,
)
from tests.lending import lend
from tests.parcels import addressed_school, prepared, with_return_address
from tests.statements import recorded_statements
from tracker.models.cases import DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.parcels import Parcel
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.operations import allocations, custody, ledger, stocktakes
from tracker.operations.custody import Received
from tracker.operations.stocktake_ends import close, keep_record, resolve
from tracker.operations.stocktakes import Sight
from tracker.queries.pupils import Year
from tracker.queries.stocktakes import counts
from tracker.rules.access import SYSTEM
from tracker.rules.codes import OwnKind, own_code
from tracker.rules.custody import DeviceState, Holder, Movement
from tracker.rules.parcels import ParcelKind, ParcelState
from tracker.rules.refusals import Refused
from tracker.rules.stocktakes import WAYS, Finding, Place, Resolution, StocktakePlace
from tracker.storage.local import LocalStorage

ROOT = Path(__file__).parents[2]
YEAR = Year(SCHOOL_YEAR, TODAY)
WAREHOUSE = Place(StocktakePlace.WAREHOUSE)
LATER = NOW + timedelta(hours=1)


class Count:
    """A stocktake with the people who do it."""

    def __init__(self, place, who=None):
        self.who = who or actor("logistics", user=make_user("logistics"))
        self.id = stocktakes.start(place, year=YEAR, actor=self.who, now=NOW).id

    def see(self, device=None, code="", action=None, who=None):
        sight = Sight(device.serial if device else code, device.id if device else None)
        action = action or uuid.uuid4()
        return stocktakes.see(self.id, sight, action_id=action, year=YEAR, actor=who or self.who, now=LATER)

    def line(self, code):
        return StocktakeLine.get(StocktakeLine.stocktake == self.id, StocktakeLine.code == code)

    def resolve(self, code, way, reason="", who=None):
        return resolve(self.id, self.line(code).id, way, reason, actor=who or self.who, now=LATER)

    def close(self, reason=""):
        return close(self.id, reason, year=YEAR, actor=self.who, now=LATER)

    @property
    def counts(self):
        return counts(self.id)


@pytest.fixture
def school(db):
    make_campaign()
    return make_school(name="Lycée Malherbe")


def at_school(school):
    return Place(StocktakePlace.SCHOOL, school.id)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.code


def events():
    return CustodyEvent.select().count()


def test_each_place_expects_what_it_holds_and_a_class_what_its_pupils_answer_for(school):
    stock, cupboard, lent, other = make_device(), make_device(school), make_device(school), make_device(school)
    lend(lent, make_pupil(school, class_name="2DE1"), school)
    lend(other, make_pupil(school, class_name="2DE2"), school)
    made = [Count(WAREHOUSE), Count(at_school(school)), Count(Place(StocktakePlace.CLASS, school.id, "2DE1"))]
    found = [[line.code for line in StocktakeLine.select().where(StocktakeLine.stocktake == each.id)] for each in made]
    assert found == [[stock.serial], [cupboard.serial], [lent.serial]]


def test_seeing_says_what_it_is_and_writes_nothing_into_the_ledger(school):
    here, missing, elsewhere, lost = (make_device(each) for each in (school, school, None, school))
    custody.append(lost, Movement.DECLARED_LOST, _lost(school), actor=SYSTEM, now=NOW)
    count, before = Count(at_school(school)), events()
    outcomes = [count.see(each).outcome for each in (here, elsewhere, lost, here)] + [count.see(code="chair").outcome]
    assert outcomes == ["found", "elsewhere", "unexpected", "already", "unknown"]
    assert events() == before
    assert [(case.kind, case.device_id) for case in DeviceCase.select()] == [("sighting", lost.id)]
    line = count.line(elsewhere.serial)
    assert (line.holder, line.holder_school) == (Holder.WAREHOUSE, None)
    assert count.line("CHAIR").device is None
    found = count.counts
    assert (found.expected, found.found, found.missing, found.seen, found.open) == (2, 1, 1, 4, 4)
    assert count.line(missing.serial).seen_at is None


def _lost(school):
    return custody.Custody(DeviceState.LOST, Holder.UNKNOWN, school.id)


def test_what_came_since_the_start_is_no_difference_and_what_left_is_missing_to_nobody(school):
    leaves = make_device(school)
    count = Count(at_school(school))
    came = make_device(school)
    assert count.see(came).outcome == Finding.FOUND
    lend(leaves, make_pupil(school), school)
    stocktakes.pause(count.id, actor=count.who, now=LATER)
    assert refused(count.see, leaves) == "stocktake_paused"
    assert stocktakes.go_on(count.id, year=YEAR, actor=count.who, now=LATER) == 1
    assert count.line(leaves.serial).resolution == Resolution.MOVED_AWAY
    assert count.close().reason == ""
    assert refused(count.see, leaves) == "stocktake_closed"


def test_one_action_counts_once_and_gives_its_first_answer_even_after_an_undo(school):
    device, count, action = make_device(school), Count(at_school(school)), uuid.uuid4()
    first, again = count.see(device, action=action), count.see(device, action=action)
    assert (first.outcome, again.outcome, again.written) == ("found", "found", False)
    stocktakes.unsee(count.id, first.line_id, actor=count.who, now=LATER)
    assert not count.see(device, action=action).written
    assert count.counts.found == 0
    assert count.see(device).written


def test_an_undone_scan_of_something_unexpected_leaves_no_line(school):
    count = Count(at_school(school))
    seen = count.see(code="a chair")
    someone = actor("school", [school], make_user("school"))
    assert refused(stocktakes.unsee, count.id, seen.line_id, actor=someone, now=LATER) == "stocktake_not_yours"
    assert stocktakes.unsee(count.id, seen.line_id, actor=count.who, now=LATER) == "A CHAIR"
    assert count.counts.seen == 0


def test_recorded_here_from_now_on_and_declared_lost_are_movements_and_are_settled_once(school):
    stray, missing = make_device(), make_device(school)
    allocations.allocate(missing.id, make_pupil(school).id, actor=SYSTEM, now=NOW)
    count = Count(at_school(school))
    count.see(stray)
    count.resolve(stray.serial, Resolution.MOVED_HERE, "stood in the library")
    count.resolve(missing.serial, Resolution.DECLARED_LOST, "looked for twice")
    assert (Device.get_by_id(stray.id).holder, Device.get_by_id(stray.id).school_id) == (Holder.SCHOOL, school.id)
    assert Device.get_by_id(missing.id).state == DeviceState.LOST
    assert refused(count.resolve, stray.serial, Resolution.STAYS, "no") == "stocktake_settled"
    assert refused(stocktakes.unsee, count.id, count.line(stray.serial).id, actor=count.who, now=LATER) == (
        "stocktake_settled"
    )
    assert count.counts.open == 0
    assert ledger.verify().broken is None
    assert list(ledger.differences()) == []


def test_what_a_pupil_answers_for_is_never_lost_by_a_stocktake_nor_by_a_school(school):
    lent, mine = make_device(school), make_device(school)
    lend(lent, make_pupil(school, class_name="2DE1"), school)
    count = Count(Place(StocktakePlace.CLASS, school.id, "2DE1"))
    assert refused(count.resolve, lent.serial, Resolution.DECLARED_LOST, "gone") == "stocktake_lent"
    count.resolve(lent.serial, Resolution.STAYS, "the pupil is ill")
    cupboard = Count(at_school(school), actor("school", [school], make_user("school")))
    assert refused(cupboard.resolve, mine.serial, Resolution.DECLARED_LOST, "gone") == "stocktake_loss_not_yours"
    cupboard.see(stray := make_device())
    assert refused(cupboard.resolve, stray.serial, Resolution.MOVED_HERE) == "stocktake_move_not_yours"


def test_whatever_the_way_a_difference_is_settled_only_with_a_reason_and_nothing_moves_without(school):
    stray, missing = make_device(), make_device(school)
    count = Count(at_school(school))
    count.see(stray)
    count.see(code="chair")
    before = events()
    for code, finding in ((missing.serial, "missing"), (stray.serial, "elsewhere"), ("CHAIR", "unknown")):
        for way in WAYS[Finding(finding)]:
            assert refused(count.resolve, code, way, "  ") == "stocktake_reason_missing"
            assert refused(count.resolve, code, way, "x" * 301) == "reason_too_long"
    assert (count.counts.open, events()) == (3, before)
    count.resolve(stray.serial, Resolution.MOVED_HERE, "stood in the library")
    assert CustodyEvent.get(device=stray, movement="relocated").reason == "stood in the library"


def test_a_missing_device_that_is_scanned_after_all_is_found(school):
    device, count = make_device(school), Count(at_school(school))
    count.resolve(device.serial, Resolution.FOUND_LATER, "behind the printer")
    assert count.counts.open == 0
    assert count.see(device).outcome == Finding.FOUND
    assert count.line(device.serial).resolution is None


def test_a_school_finds_neither_the_warehouse_nor_another_school(school):
    theirs = actor("school", [make_school()], make_user("school"))
    for place in (WAREHOUSE, at_school(school)):
        assert refused(stocktakes.start, place, year=YEAR, actor=theirs, now=NOW) == "school_not_found"
        assert refused(Count(place).see, code="X", who=theirs) == "not_found"


def test_a_place_is_counted_once_at_a_time(school):
    count = Count(at_school(school))
    with pytest.raises(Refused) as caught:
        Count(at_school(school))
    assert caught.value.facts["stocktake_id"] == count.id
    count.close()
    assert Count(at_school(school)).id != count.id
    nowhere = Place(StocktakePlace.SCHOOL, 999_999)
    assert refused(stocktakes.start, nowhere, year=YEAR, actor=count.who, now=NOW) == "school_not_found"


def test_one_that_was_started_by_mistake_is_gone_while_nothing_was_scanned(school):
    device, count = make_device(school), Count(at_school(school))
    line = count.see(device).line_id
    assert refused(stocktakes.discard, count.id, actor=count.who, now=LATER) == "stocktake_has_scans"
    stocktakes.unsee(count.id, line, actor=count.who, now=LATER)
    stocktakes.discard(count.id, actor=count.who, now=LATER)
    assert Stocktake.select().count() == StocktakeLine.select().count() == 0


def test_it_closes_with_open_differences_only_for_a_reason_and_its_record_is_drawn_once(school, tmp_path):
    make_device(school)
    count, storage = Count(at_school(school)), LocalStorage(tmp_path)
    assert refused(count.close) == "stocktake_open_differences"
    kept = {"storage": storage, "actor": count.who, "now": LATER}
    assert refused(keep_record, count.id, lambda: b"", **kept) == "stocktake_not_closed"
    assert count.close("the cupboard is locked").reason == "the cupboard is locked"
    key = keep_record(count.id, lambda: b"%PDF-1", **kept)
    assert keep_record(count.id, lambda: b"%PDF-2", **kept) == key
    assert storage.read(key) == b"%PDF-1"


# Each process scans every device, in an order of its own; what it got is its only output.
_DESK = """
import json, sys, uuid
from datetime import datetime
from tests.operations.test_stocktakes import YEAR
from tracker.models.database import connected, open_database
from tracker.operations import stocktakes
from tracker.rules.access import Actor, Role

job = json.loads(sys.argv[1])
open_database(job["url"])
with connected():
    print("ready", flush=True)
    sys.stdin.readline()
    for device, serial in job["scans"]:
        seen = stocktakes.see(
            job["stocktake"], stocktakes.Sight(serial, device), action_id=uuid.uuid4(), year=YEAR,
            actor=Actor(job["user"], Role.LOGISTICS), now=datetime.fromisoformat(job["now"]),
        )
        print(seen.outcome, flush=True)
"""


def test_two_people_who_scan_the_same_shelf_lose_and_double_nothing(db_url, school):
    devices = [make_device(school) for _ in range(4)] + [make_device() for _ in range(3)]
    count = Count(at_school(school))
    scans = [(each.id, each.serial) for each in devices] + [(None, "CHAIR")]
    running = [_desk(db_url, count, order) for order in (scans, scans[::-1])]
    for each in running:
        assert each.stdout.readline() == "ready\n"
    for each in running:
        each.stdin.write("go\n")
        each.stdin.flush()
    said = sorted(word for each in running for word in each.communicate()[0].split())
    assert [each.returncode for each in running] == [0, 0]
    assert said == sorted(["already"] * 8 + ["found"] * 4 + ["elsewhere"] * 3 + ["unknown"])
    assert (count.counts.found, count.counts.seen, StocktakeLine.select().count()) == (4, 8, 8)


def _desk(url, count, scans):
    user = make_user("logistics")
    job = {"url": url, "stocktake": count.id, "user": user.id, "now": LATER.isoformat(), "scans": scans}
    command = [sys.executable, "-c", _DESK, json.dumps(job)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_ten_thousand_devices_start_in_few_statements_and_a_scan_costs_the_same(sqlite_db):
    """The snapshot is one statement; a scan asks as many as in an empty place, each by an index."""
    make_campaign()
    one, model = make_device(), make_device().model
    with recorded_statements() as few:
        Count(WAREHOUSE, actor("logistics", user=make_user())).see(one)
    Stocktake.update(state="closed").execute()
    custody.receive_many(
        [Received(f"BIG{n:05d}", model, own_code(OwnKind.DEVICE_TAG, n)) for n in range(10_000)], actor=SYSTEM, now=NOW
    )
    with recorded_statements() as many:
        count = Count(WAREHOUSE, actor("logistics", user=make_user()))
        count.see(Device.get(Device.serial == "BIG09999"))
    assert count.counts.expected == 10_002
    assert len(many) == len(few) + 1  # the device itself was looked up


def test_what_is_recorded_in_the_warehouse_has_arrived_there_by_its_return(db):
    make_campaign()
    with_return_address()
    school = addressed_school()
    device = make_device(school)
    parcel = prepared(ParcelKind.RETURN, school, device)
    count = Count(WAREHOUSE)
    count.see(device)
    count.resolve(device.serial, Resolution.MOVED_HERE, "came without its label")
    assert Parcel.get_by_id(parcel.id).state == ParcelState.RECEIVED
