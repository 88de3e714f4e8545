"""`tracker work`: the consumer of jobs by itself, for a machine where others serve the pages."""

from __future__ import annotations

import click

from tracker.cli.words import _
from tracker.config import Settings


@click.command(help=_("Do the jobs that the pages leave to be done (mail, long exports)."))
def work() -> None:
    """Run until Ctrl-C or SIGTERM."""
    from tracker.jobs import run_consumer

    run_consumer(Settings())
