"""How far long work is: kept by the queue, since the work's own transaction would hide it until its end."""

import json
import time

from huey import Huey

_EVERY = 0.3
"""Seconds between two notes: more often nobody looks."""


class Progress:
    """Called with what is done and what there is in all; notes it from time to time."""

    def __init__(self, queue: Huey, work_id: int) -> None:
        self._queue, self._key, self._noted = queue, _key(work_id), 0.0

    def __call__(self, done: int, total: int) -> None:
        """Note it, unless that was just done."""
        moment = time.monotonic()
        if moment - self._noted >= _EVERY or done >= total:
            self._noted = moment
            self._queue.storage.put_data(self._key, json.dumps([done, total]).encode())

    def forget(self) -> None:
        """The work has ended."""
        self._queue.storage.pop_data(self._key)


def progress_of(queue: Huey, work_id: int) -> tuple[int, int] | None:
    """What is done and what there is in all; None while nothing was noted."""
    noted = queue.storage.peek_data(_key(work_id))
    return tuple(json.loads(bytes(noted))) if isinstance(noted, bytes | memoryview) else None


def _key(work_id: int) -> str:
    return f"progress-{work_id}"
