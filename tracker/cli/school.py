"""`tracker school …`: the schools of the programme from the terminal; their pupils come with their rosters."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from tracker.cli.application import application
from tracker.cli.words import _
from tracker.config import Settings
from tracker.rules.calendar import local_date

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(help=_("Schools: add one, list them."))
def school() -> None:
    """The group of commands about schools."""


@school.command(help=_("Add a school of the programme; its roster can be applied from then on."))
@click.argument("uai", metavar="UAI")
@click.argument("name")
@click.option("--city", required=True, help=_("The school's town."))
@click.option("--member-from", type=DAY, help=_("First day in the programme, as 2026-09-01; without it today."))
def add(uai: str, name: str, city: str, member_from: datetime | None) -> None:
    """Say that it is there."""
    from tracker.operations.schools import add_school
    from tracker.rules.access import SYSTEM

    with application(Settings()):
        since = member_from.date() if member_from else _today()
        made = add_school(uai, name, city, member_from=since, actor=SYSTEM)
        click.echo(_("%(name)s, %(uai)s, is in the programme.", name=made.name, uai=made.uai))


@school.command("list", help=_("Every school: UAI, name, town, first and last day in the programme."))
def list_schools() -> None:
    """One line a school, tabs between the columns."""
    from tracker.queries.schools import registered

    with application(Settings()):
        for each in registered():
            days = (str(day or "") for day in (each.member_from, each.member_until))
            click.echo("\t".join((each.uai, each.name, each.city, *days)))


def _today() -> date:
    return local_date(datetime.now(UTC))
