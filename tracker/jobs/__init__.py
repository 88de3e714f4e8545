"""The queue of what is done later, and thin tasks that call operations."""

from tracker.jobs.consumer import run_consumer
from tracker.jobs.queue import deliver_soon, progress_of, work_soon

__all__ = ["deliver_soon", "progress_of", "run_consumer", "work_soon"]
