"""`tracker migrate`: the database's tables, brought forward to this version or taken back."""

from __future__ import annotations

import click
import peewee
from playhouse.migrations import MigrationError

from tracker.cli.store import opened
from tracker.cli.words import Stop, _
from tracker.config import Settings
from tracker.models import migrations

NEWEST = ""


@click.command(help=_("Bring the database to the tables of this version."))
@click.option(
    "--down",
    metavar="[TARGET]",
    is_flag=False,
    flag_value=NEWEST,
    help=_("Take the newest migration back, or all down to and including TARGET; their data is lost."),
)
@click.option("--status", is_flag=True, help=_("Only list the migrations; ends with 1 while one is pending."))
def migrate(down: str | None, status: bool) -> None:
    """Apply, revert or list; a second `tracker migrate` at the same time waits for the first."""
    with opened(Settings()) as database:
        if status:
            _list(database)
        elif down is not None:
            _revert(database, down or None)
        else:
            _apply(database)


def _apply(database: peewee.Database) -> None:
    applied = migrations.migrate(database)
    for name in applied:
        click.echo(_("Applied: %(name)s", name=name))
    if not applied:
        click.echo(_("The tables are up to date."))


def _revert(database: peewee.Database, target: str | None) -> None:
    try:
        reverted = migrations.revert(database, target)
    except MigrationError:
        raise Stop(_("%(name)s is not an applied migration of this version.", name=target or "")) from None
    for name in reverted:
        click.echo(_("Taken back: %(name)s", name=name))
    if not reverted:
        click.echo(_("There is no migration to take back."))


def _list(database: peewee.Database) -> None:
    left = 0
    for name, applied in migrations.history(database):
        left += applied is None
        click.echo(f"{applied:%Y-%m-%d %H:%M}  {name}" if applied else f"{_('pending'):16}  {name}")
    if left:
        raise click.exceptions.Exit(1)
