"""What a runner of long work has at hand."""

from dataclasses import dataclass
from datetime import datetime

from tracker.config import Settings
from tracker.jobs.progress import Progress
from tracker.models.work import Work
from tracker.rules.access import Actor
from tracker.storage.storage import Storage


@dataclass(frozen=True)
class Shift:
    """What a runner has at hand."""

    settings: Settings
    storage: Storage
    work: Work
    actor: Actor
    now: datetime
    progress: Progress
