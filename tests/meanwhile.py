"""Two people at once: the second begins while the transaction of the first is not over."""

import threading
from collections.abc import Callable
from typing import Any

from tracker.models.database import connected, database
from tracker.rules.refusals import Refused


def refused_meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> list[str]:
    """Both are done, `second` on a connection of its own; the code of what it was refused, or nothing."""
    codes: list[str] = []

    def other() -> None:
        with connected():
            try:
                second()
            except Refused as found:
                codes.append(found.code)

    somebody_else = threading.Thread(target=other)
    with database.atomic():
        first()
        somebody_else.start()
        somebody_else.join(0.3)
    somebody_else.join()
    return codes
