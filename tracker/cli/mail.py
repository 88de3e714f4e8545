"""`tracker mail …`: the outbox from the terminal."""

from __future__ import annotations

import click

from tracker.cli.words import _
from tracker.config import Settings


@click.group(help=_("The outbox: deliver it now, see what waits."))
def mail() -> None:
    """The group of commands about mail."""


@mail.command(help=_("Deliver now every mail that is due."))
def send() -> None:
    """What the consumer does each minute."""
    from tracker.jobs.tasks import deliver_outbox
    from tracker.models.database import open_database

    settings = Settings()
    open_database(settings.database)
    delivered = deliver_outbox(settings)
    click.echo(_("Mails delivered: %(number)s.", number=delivered))
    _say_what_waits()


@mail.command(help=_("How many mails wait, and how many were given up, with the last error of each."))
def status() -> None:
    """Figures only: neither an address nor a word of any mail."""
    from tracker.models.database import open_database

    open_database(Settings().database)
    _say_what_waits()


def _say_what_waits() -> None:
    from tracker.models.database import connected
    from tracker.queries.mail import given_up, waiting

    with connected():
        click.echo(_("Mails that wait: %(number)s.", number=waiting()))
        for error, number in given_up():
            click.echo(_("Mails given up: %(number)s (%(error)s).", number=number, error=error))
