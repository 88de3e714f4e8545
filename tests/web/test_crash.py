"""A server killed outright in the middle of a distribution: nothing that a desk was told is lost."""

import http.client
import os
import signal
import threading
import time
import uuid
from pathlib import Path

import pytest

from bench.desk_client import DeskClient
from bench.hall import Hall, Pair, fill
from bench.server import served
from tracker.models.custody import CustodyEvent
from tracker.models.database import connected, database, open_database
from tracker.models.loans import Loan
from tracker.models.scans import ScanAction
from tracker.operations import ledger
from tracker.web.clock import now

DESKS, EACH = 4, 30
ENOUGH = 12
"""Hand-overs acknowledged before the kill."""


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


class Distribution:
    """Desks that hand over until the server is gone; what each was told is kept."""

    def __init__(self, port: int, hall: Hall) -> None:
        self.hall, self.told, self.sent = hall, [], []
        self._lock = threading.Lock()
        self._desks = [DeskClient(port, hall.school_id) for _ in range(DESKS)]
        for desk, (_user, email) in zip(self._desks, hall.staff, strict=True):
            desk.sign_in(email)
        shares = [hall.pairs[number::DESKS] for number in range(DESKS)]
        self._threads = [
            threading.Thread(target=self._work, args=each) for each in zip(self._desks, shares, strict=True)
        ]

    def _work(self, desk: DeskClient, pairs: list[Pair]) -> None:
        for pair in pairs:
            action = uuid.uuid4()
            with self._lock:
                self.sent.append((action, pair))
            try:
                verdict = desk.hand_over(pair, action)
            except (OSError, http.client.HTTPException):
                return
            assert verdict == "done"
            with self._lock:
                self.told.append((action, pair))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        while len(self.told) < ENOUGH and any(thread.is_alive() for thread in self._threads):
            time.sleep(0.005)

    def end(self) -> None:
        for thread in self._threads:
            thread.join()


@pytest.fixture
def hall(sqlite_url) -> Hall:
    open_database(sqlite_url)
    with connected():
        made = fill(DESKS * EACH, now=now(), people=DESKS)
    database.close_all()
    return made


def assert_nothing_is_lost(day: Distribution) -> None:
    """What was acknowledged is there; what was not is there whole or not at all."""
    told = {action for action, _pair in day.told}
    kept = {row.id: row.answer["event_id"] for row in ScanAction.select()}
    assert len(told) >= ENOUGH
    assert told <= set(kept)
    assert set(kept) <= {action for action, _pair in day.sent}
    events = {row.id: row for row in CustodyEvent.select().where(CustodyEvent.movement == "handed_over")}
    assert set(kept.values()) == set(events)
    lent = {(row.device_id, row.pupil_id) for row in Loan.select().where(Loan.ended_at.is_null())}
    assert lent == {(event.device_id, event.pupil_id) for event in events.values()}
    assert {(pair.device_id, pair.pupil_id) for _action, pair in day.told} <= lent
    assert ledger.verify().broken is None
    assert list(ledger.differences()) == []


@pytest.mark.parametrize("victim", ["worker", "everything"])
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(sqlite_url, hall, tmp_path, victim):
    with served(sqlite_url, tmp_path) as (port, process):
        day = Distribution(port, hall)
        day.start()
        master = children_of(process.pid)[0]
        workers = children_of(master)
        kill(*(workers[:1] if victim == "worker" else (process.pid, master, *workers)))
        day.end()
    with connected():
        assert_nothing_is_lost(day)


def test_a_desk_that_sends_again_after_the_crash_gets_the_first_answer(sqlite_url, hall, tmp_path):
    with served(sqlite_url, tmp_path) as (port, process):
        day = Distribution(port, hall)
        day.start()
        master = children_of(process.pid)[0]
        kill(process.pid, master, *children_of(master))
        day.end()
    with served(sqlite_url, tmp_path) as (port, _process):
        for number, (_user, email) in enumerate(hall.staff):
            desk = DeskClient(port, hall.school_id)
            desk.sign_in(email)
            mine = [sent for sent in day.sent if sent[1] in hall.pairs[number::DESKS]]
            assert [desk.hand_over(pair, action) for action, pair in mine] == ["done"] * len(mine)
    with connected():
        assert Loan.select().count() == len(day.sent)
        assert ScanAction.select().count() == len(day.sent)
        assert ledger.verify().broken is None
