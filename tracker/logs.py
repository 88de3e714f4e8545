"""What the program writes down about itself: one line an event, without personal data."""

import logging
import re
import sys

import structlog

_QUOTED = re.compile(r"^(\s*(?:DETAIL|CONTEXT|PARAMETERS):).*$", re.MULTILINE)


def _without_values(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """PostgreSQL's errors quote the row that was refused: a name or a number of a pupil is no part of a log."""
    if "exception" in event:
        event["exception"] = _QUOTED.sub(r"\1 …", event["exception"])
    return event


def configure(*, as_json: bool) -> None:
    """Send the program's own events and the libraries' warnings to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, _without_values, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Standard error as it is at the time of writing, not as it was at the start.
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
