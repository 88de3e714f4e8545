"""`tracker user …`: accounts from the terminal, the first one above all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TextIO

import click

from tracker.cli.application import REFUSED, application
from tracker.cli.words import Stop, _
from tracker.config import Settings


@click.group(help=_("Accounts: add one, list them."))
def user() -> None:
    """The group of commands about accounts."""


@user.command(help=_("Open an account; without a password a link to choose one is mailed."))
@click.argument("email")
@click.option("--name", required=True, help=_("The person's name."))
@click.option("--role", required=True, type=click.Choice(["admin", "logistics", "staff", "school"]))
@click.option("--school", "uais", multiple=True, metavar="UAI", help=_("A school of the person; may be repeated."))
@click.option("--password-file", type=click.File(encoding="utf-8"), help=_("File whose first line is the password."))
def add(email: str, name: str, role: str, uais: tuple[str, ...], password_file: TextIO | None) -> None:
    """Make the account, then invite the person unless the password was given."""
    from tracker.operations import users
    from tracker.rules.access import SYSTEM

    settings = Settings()
    password = password_file.readline().rstrip("\r\n") if password_file else None
    with application(settings):
        made = users.create_user(
            email=email, name=name, role=role, school_ids=_school_ids(uais), password=password, actor=SYSTEM, now=_now()
        )
        if password is None:
            _invite(made.id, settings)
    click.echo(_("The account of %(email)s is open.", email=made.email))
    if password is None:
        click.echo(_("A link to choose a password is in the outbox; `tracker mail send` delivers it now."))


@user.command("list", help=_("Every account: address, role, name, schools."))
def list_users() -> None:
    """One line an account, tabs between the columns."""
    from tracker.queries import pages, users

    with application(Settings()):
        for closed in (False, True):
            for row in pages.every_row(users.listing(users.UserFilter(closed=closed)), users.ORDER):
                schools = ", ".join(users.schools_of_users([row["id"]]).get(row["id"], []))
                state = _("closed") if closed else _("open")
                click.echo("\t".join((row["email"], row["role"], row["name"], schools, state)))


def _school_ids(uais: tuple[str, ...]) -> list[int]:
    from tracker.queries.users import schools_of_uais

    found = schools_of_uais(uais)
    unknown = [uai for uai in uais if uai.upper() not in found]
    if unknown:
        raise Stop(_("No school has the UAI %(uai)s.", uai=unknown[0]), REFUSED)
    return list(found.values())


def _invite(user_id: int, settings: Settings) -> None:
    from tracker.operations import users
    from tracker.rules.access import SYSTEM
    from tracker.web.accounts.letters import invitation_letter

    users.invite(user_id, letter=invitation_letter, key=settings.signing_key(), actor=SYSTEM, now=_now())


def _now() -> datetime:
    return datetime.now(UTC)
