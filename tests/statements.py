"""How many SQL statements a block of code sends: what a screen costs must not grow with its rows."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Recorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.statements: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, tuple):
            self.statements.append(record.msg[0])


@contextmanager
def recorded_statements() -> Iterator[list[str]]:
    """The statements that peewee sends while the block runs."""
    logger, recorder = logging.getLogger("peewee"), _Recorder()
    level = logger.level
    logger.addHandler(recorder)
    logger.setLevel(logging.DEBUG)
    try:
        yield recorder.statements
    finally:
        logger.removeHandler(recorder)
        logger.setLevel(level)
