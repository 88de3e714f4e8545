"""`tracker mail …`: the outbox from the terminal."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from tracker.cli.words import Stop, _
from tracker.config import Settings

if TYPE_CHECKING:
    from tracker.mail.bounces import Bounce

TRY_LATER = 75
"""EX_TEMPFAIL of sysexits.h: the only code with which a mail server keeps the mail and tries again."""


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


@mail.command(help=_("Read one returned mail from standard input and note it; for a mail server's pipe."))
def bounced() -> None:
    """Whatever mail comes in, it is taken: a pipe that refuses would have the report itself sent back."""
    from tracker.mail.bounces import read_bounce

    bounce = read_bounce(_read_mail())
    if bounce is None:
        click.echo(_("This is no report about a mail of ours: nothing was noted."))
    elif number := _note(bounce):
        click.echo(_("Noted on mail %(number)s.", number=number))
    else:
        click.echo(_("The mail that it is about is not known (any more)."))


def _read_mail() -> bytes:
    """The beginning of standard input; the rest is read too, for the server must be able to write it all."""
    from tracker.mail.bounces import MOST_BYTES

    beginning = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(1 << 20):
        pass
    return beginning


def _note(bounce: Bounce) -> int | None:
    """The number of the mail. What goes wrong here is for now only: the server is asked to come back later."""
    from tracker.models.database import connected, open_database
    from tracker.operations.mail import note_bounce

    try:
        open_database(Settings().database)
        with connected():
            noted = note_bounce(bounce, now=datetime.now(UTC))
    except Exception as error:
        raise Stop(_("Nothing could be noted, try again later: %(reason)s.", reason=error), TRY_LATER) from error
    return noted.id if noted else None


def _say_what_waits() -> None:
    from tracker.models.database import connected
    from tracker.queries.mail import given_up, waiting

    with connected():
        click.echo(_("Mails that wait: %(number)s.", number=waiting()))
        for error, number in given_up():
            click.echo(_("Mails given up: %(number)s (%(error)s).", number=number, error=error))
