"""`tracker roster …`: look at a school's file, apply it, take an import back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.roster_report import lines_of, said
from tracker.cli.store import migrated, readable
from tracker.cli.words import Stop, _
from tracker.config import Settings
from tracker.rules.calendar import local_date
from tracker.rules.identifiers import is_uai
from tracker.rules.rosters import Origin
from tracker.rules.rosters import Stop as NeedsYes

if TYPE_CHECKING:
    from tracker.models.schools import School
    from tracker.operations.rosters import Reading

REFUSED = 1
"""Exit code: the file is refused, or waits for a yes."""


def _uai(_context: click.Context, _option: click.Parameter, value: str) -> str:
    uai = value.strip().upper()
    if not is_uai(uai):
        raise click.BadParameter(_("%(found)s is no UAI: seven digits and their letter are expected.", found=value))
    return uai


def _about_a_file(command: Callable[..., None]) -> Callable[..., None]:
    """What preview and apply are told."""
    options = (
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option("--school", "uai", required=True, callback=_uai, metavar="UAI", help=_("The school’s UAI.")),
        click.option(
            "--today", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
            help=_("The day it is taken to be, as 2026-09-01.")
        ),
        click.option("--json", "as_json", is_flag=True, help=_("Print JSON instead of lines.")),
        click.option(
            "--accept", "stops", multiple=True, type=click.Choice([stop.value for stop in NeedsYes]),
            help=_("Say yes to what holds the file up; may be repeated."),
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.group(help=_("Rosters of schools: look at a file, apply it, undo it."))
def roster() -> None:
    """The group of commands about rosters."""


@roster.command(help=_("Say what a file would do; writes nothing. Ends with 1 when it could not be applied."))
@_about_a_file
def preview(file: Path, uai: str, today: datetime | None, as_json: bool, stops: tuple[str, ...]) -> None:
    """The school need not be known yet, and there need not be a table yet."""
    with readable(Settings()):
        reading = _read(file, uai, _day(today), stops)
        _show(reading, as_json=as_json)
    _end(reading)


@roster.command(help=_("Apply a file to its school. Ends with 1, and writes nothing, when it is refused."))
@_about_a_file
def apply(file: Path, uai: str, today: datetime | None, as_json: bool, stops: tuple[str, ...]) -> None:
    """The file is kept and on record, as one that was uploaded."""
    from tracker.queries.rosters import school_by_uai
    from tracker.rosters import LIMITS

    settings, day = Settings(), _day(today)
    with migrated(settings):
        school = school_by_uai(uai)
        if school and file.stat().st_size <= LIMITS.file:
            import_id, reading = _apply(file, school, settings, day, stops)
        else:  # refused without being kept
            import_id, reading = None, _read(file, uai, day, stops)
            reading.to_apply = True
        _show(reading, as_json=as_json, applied={"import_id": import_id})
    _end(reading)


def _read(file: Path, uai: str, today: date, stops: tuple[str, ...]) -> Reading:
    from tracker.operations import rosters
    from tracker.queries.rosters import school_by_uai

    return rosters.read(file, school_by_uai(uai), uai, today, _accepted(stops))


def _accepted(stops: tuple[str, ...]) -> dict[str, Any]:
    return {"stops": list(stops), "identities": {}}


def _apply(file: Path, school: School, settings: Settings, day: date, stops: tuple[str, ...]) -> tuple[int, Reading]:
    from tracker.operations import rosters
    from tracker.rosters import LIMITS
    from tracker.rules.access import SYSTEM
    from tracker.storage.choice import open_storage

    storage = open_storage(settings)
    with file.open("rb") as stream:
        kept = storage.put_stream(stream, kind="rosters", suffix=".roster", limit=LIMITS.file)
    with storage.open(kept.key) as source:
        made, reading = rosters.apply_at_once(
            kept, source, file.name, school.id, _accepted(stops),
            origin=Origin.TERMINAL, actor=SYSTEM, now=datetime.now(UTC), today=day,
        )  # fmt: skip
    return made.id, reading


def _show(reading: Reading, *, as_json: bool, applied: dict[str, int | None] | None = None) -> None:
    from tracker.operations import rosters

    if as_json:
        click.echo(json.dumps(rosters.report(reading, said) | (applied or {}), ensure_ascii=False, indent=2))
        return
    for line in lines_of(reading, rosters.summary(reading)):
        click.echo(line)
    if reading.refused:
        click.echo(_("Refused: nothing was written."))
    elif applied:
        click.echo(_("Applied. To take it back: tracker roster undo %(number)s", number=applied["import_id"]))
    elif reading.is_of_unknown_school:
        click.echo(_("Could be applied, once the school is known."))
    else:
        click.echo(_("Could be applied."))


def _end(reading: Reading) -> None:
    if reading.refused:
        raise click.exceptions.Exit(REFUSED)


def _day(today: datetime | None) -> date:
    return today.date() if today else local_date(datetime.now(UTC))


@roster.command(help=_("Take one import back whole, while nothing rests on it."))
@click.argument("import_id", type=int)
def undo(import_id: int) -> None:
    """The number is the one that apply printed."""
    from tracker.app import create_app
    from tracker.operations import rosters
    from tracker.rules.access import SYSTEM
    from tracker.rules.refusals import Refused
    from tracker.web.sentences import refusal_sentence

    settings = Settings()
    with migrated(settings), create_app(settings).test_request_context(base_url=settings.public_url):
        try:
            rosters.undo(import_id, actor=SYSTEM, now=datetime.now(UTC))
        except Refused as refused:
            raise Stop(refusal_sentence(refused), REFUSED) from None
    click.echo(_("Import %(number)s is undone.", number=import_id))
