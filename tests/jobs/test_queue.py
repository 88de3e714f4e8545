"""The queue: its tasks, and the consumer as a process of its own, under real signals; on both engines."""

import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tests import factories
from tests.conftest import make_settings
from tests.operations.departing_pupils import equip, make_departure
from tracker import jobs
from tracker.jobs import tasks
from tracker.jobs.queue import open_queue
from tracker.models.custody import LedgerCheckpoint
from tracker.models.mail import OutboxMail
from tracker.operations import mail

RUN = (
    "from pathlib import Path; from tracker.config import Settings; from tracker.jobs import run_consumer; import sys; "
)
RUN += "run_consumer(Settings(_env_file=None, database_url=sys.argv[1], var_dir=Path(sys.argv[2])))"


@pytest.fixture
def settings(db, db_url, tmp_path):
    return make_settings(db_url, tmp_path)


def post() -> None:
    mail.post("lea@example.org", "Subject", "Body", factories.NOW)


def test_the_outbox_is_emptied_by_its_task(settings):
    post()
    post()
    assert tasks.deliver_outbox(settings) == 2
    assert len(list((settings.var_dir / "mail").glob("*.eml"))) == 2
    assert tasks.deliver_outbox(settings) == 0


def test_the_ledger_is_sealed_once_a_day_however_often_the_task_runs(settings):
    factories.make_device()
    tasks.seal_ledger()
    tasks.seal_ledger()
    assert [isinstance(row.day, date) for row in LedgerCheckpoint.select()] == [True]


def test_the_devices_of_who_left_for_nobody_knows_where_are_expected_by_the_daily_task_once(settings):
    factories.make_campaign()
    school = factories.make_school()
    pupil = factories.make_pupil(school)
    equip(pupil, school)
    make_departure(pupil, school, left_on=date(2026, 1, 5))
    assert (tasks.end_waiting(), tasks.end_waiting()) == (1, 0)


def test_what_is_asked_for_waits_in_the_queue_for_the_consumer(settings):
    jobs.deliver_soon(settings)
    queue = open_queue(settings)
    assert queue.pending_count() == 1
    post()
    queue.execute(queue.dequeue())
    assert OutboxMail.get().sent_at is not None


def test_a_queue_that_does_not_answer_does_not_stop_the_page(tmp_path):
    (tmp_path / "var").write_text("a file in its place")
    jobs.deliver_soon(make_settings("sqlite:///x", tmp_path / "var", secret_key="k"))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_consumer_delivers_what_was_posted_and_ends_when_it_is_asked_to(settings, stop):
    post()
    jobs.deliver_soon(settings)
    arguments = [sys.executable, "-c", RUN, settings.database_url, str(settings.var_dir)]
    folder = Path(__file__).parents[2]
    with subprocess.Popen(arguments, cwd=folder, stderr=subprocess.PIPE, text=True) as consumer:
        wait_for(lambda: OutboxMail.get().sent_at is not None)
        consumer.send_signal(stop)
        _, said = consumer.communicate(timeout=60)
    assert consumer.returncode == 0
    assert "Traceback" not in said
    assert "lea@example.org" not in said


def wait_for(condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "the consumer did not do it within a minute"
        time.sleep(0.1)
