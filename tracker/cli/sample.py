"""`tracker sample load`: schools, invented pupils and devices to try the program with."""

from __future__ import annotations

import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.store import migrated
from tracker.cli.words import Stop, _
from tracker.config import Settings
from tracker.rules.refusals import Refused

if TYPE_CHECKING:
    from tracker.operations.sample import Loaded

ACCOUNTS = "sample-accounts.txt"
ROSTERS = "sample-rosters"


@click.group(help=_("Data to try the program with."))
def sample() -> None:
    """Hold the sub-command."""


@sample.command(help=_("Load sample data into an empty database."))
def load() -> None:
    """Load, and say where the passwords are."""
    settings = Settings()
    with migrated(settings):
        try:
            loaded = load_sample(settings)
        except Refused:
            raise Stop(
                _("This database is not empty: sample data are loaded into an empty one only. Nothing was changed.")
            ) from None
    click.echo(
        _(
            "Loaded: %(schools)s schools, %(pupils)s pupils, %(devices)s devices, %(hand_overs)s hand-overs.",
            schools=loaded.schools,
            pupils=loaded.pupils,
            devices=loaded.devices,
            hand_overs=loaded.hand_overs,
        )
    )
    click.echo(_("Accounts and their passwords: %(path)s", path=accounts_file(settings)))
    click.echo(_("Rosters of a school, to try an import with: %(path)s", path=settings.var_dir / ROSTERS))


def accounts_file(settings: Settings) -> Path:
    """Where the accounts of the sample data and their passwords are written, for their owner's eyes only."""
    return settings.var_dir / ACCOUNTS


def load_sample(settings: Settings) -> Loaded:
    """Load the sample data and write the accounts' file (mode 600). Raises Refused when the database is not empty.

    The file is opened first: a folder that cannot be written stops everything before anything is loaded.
    """
    from tracker.operations.sample import load

    path = accounts_file(settings)
    new = path.with_suffix(".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    new.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            loaded = load(now=datetime.now(UTC))
            file.write(accounts_text(loaded))
        new.replace(path)
        _write_rosters(settings)
        _scan_agreements(settings)
    finally:
        new.unlink(missing_ok=True)
    return loaded


def _write_rosters(settings: Settings) -> None:
    """The files that a sample school would send today, to try an import with."""
    from tracker.operations.sample.rosters import ROSTERS_OF, example_files

    folder = settings.var_dir / ROSTERS
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, content in example_files(now=datetime.now(UTC)).items():
        (folder / f"{ROSTERS_OF}-{name}").write_bytes(content)


def _scan_agreements(settings: Settings) -> None:
    """A few agreements on paper, scanned and filed for real: the validation queue is not empty."""
    from tracker.operations.sample.agreements import scan_some
    from tracker.operations.sample.rosters import ROSTERS_OF
    from tracker.storage.choice import open_storage

    scan_some(ROSTERS_OF, storage=open_storage(settings), now=datetime.now(UTC))


def load_when_empty(settings: Settings) -> None:
    """Load the sample data at the very first start; a database that holds anything is left alone.

    In a process of its own: the sample prints agreements, and the threads that typst starts for that would be
    missing in every process forked afterwards, where the first print would wait for them for ever.
    """
    from tracker.operations.sample import is_empty

    if is_empty():
        click.echo(_("The database is empty: loading the sample data…"))
        context = multiprocessing.get_context("spawn")
        loading = context.Process(target=_load_alone, args=(settings,))
        loading.start()
        loading.join()
        if loading.exitcode:
            raise SystemExit(loading.exitcode)
        click.echo(_("Rosters of a school, to try an import with: %(path)s", path=settings.var_dir / ROSTERS))


def _load_alone(settings: Settings) -> None:
    """Load, from a process that has nothing open yet."""
    from tracker.cli.failures import sentence_for

    os.umask(0o077)
    try:
        with migrated(settings):
            load_sample(settings)
    except Exception as error:
        sentence = sentence_for(error)
        if sentence is None:
            raise
        sentence.show()
        raise SystemExit(sentence.exit_code) from None


def announce_accounts(settings: Settings) -> None:
    """Print who can sign in to the sample data and where their passwords are, while that file is there."""
    path = accounts_file(settings)
    if not path.exists():
        return
    click.echo(_("Sample accounts, with their passwords in %(path)s:", path=path))
    for line in path.read_text(encoding="utf-8").splitlines():
        role, email, _password, *schools = line.split(maxsplit=3)
        click.echo(f"  {role:<10} {email:<26} {' '.join(schools)}".rstrip())


def accounts_text(loaded: Loaded) -> str:
    """One line an account: role, address, password, schools."""
    lines = [
        f"{each.role:<10} {each.email:<26} {each.password:<22} {', '.join(each.schools)}".rstrip()
        for each in loaded.accounts
    ]
    return "\n".join([*lines, ""])
