"""The process that does what is queued, until it is asked to end."""

import signal
from typing import Any

from huey.consumer import Consumer

from tracker import logs
from tracker.config import Settings
from tracker.jobs.queue import open_queue
from tracker.models.database import connected, open_database
from tracker.operations import works

_PATIENCE = 20
"""Seconds that a task under way may take to end."""


class _Consumer(Consumer):
    """Ends its tasks first, whatever signal asks it to stop."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # huey would cut its tasks off at SIGTERM and start anew at SIGHUP.
        self._signal_actions = dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), (False, True))


def run_consumer(settings: Settings) -> None:
    """Do what is queued and what is due, until SIGINT, SIGTERM or SIGHUP; a task under way is ended first."""
    logs.configure(as_json=settings.log_json)
    open_database(settings.database)
    queue = open_queue(settings)
    with connected():
        works.start_again()
    _Consumer(queue, workers=2, initial_delay=0.2, max_delay=1.0, shutdown_timeout=_PATIENCE).run()
