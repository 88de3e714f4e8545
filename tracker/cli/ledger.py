"""`tracker ledger …`: prove the custody ledger, seal it, rebuild from it."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from tracker.cli.store import migrated
from tracker.cli.words import Stop, _
from tracker.config import Settings
from tracker.operations.ledger import Difference, Proof

SHOWN = 50
"""Differences that are printed; the rest is counted."""


@click.group(help=_("Prove the custody ledger, seal it, rebuild from it."))
def ledger() -> None:
    """Hold the three sub-commands."""


@ledger.command(help=_("Recompute every chain and every seal; ends with 1 at the first break, and names it."))
def verify() -> None:
    """Print the proof, or Stop with the first break."""
    from tracker.operations.ledger import verify

    with migrated(Settings()):
        proof = verify()
        if proof.broken:
            raise Stop(break_sentence(proof))
    click.echo(
        _(
            "The ledger is whole: %(events)s events, %(devices)s devices, %(checkpoints)s checkpoints.",
            events=proof.events,
            devices=proof.devices,
            checkpoints=proof.checkpoints,
        )
    )


def break_sentence(proof: Proof) -> str:
    """Where the ledger is broken, what was expected there, and what stands there."""
    from tracker.queries.ledger import serial_of

    broken = proof.broken
    assert broken is not None
    facts = {"flaw": broken.flaw, "expected": broken.expected, "found": broken.found}
    if broken.device_id is None:
        return _(
            "The ledger is broken at the checkpoint of %(day)s (%(flaw)s): expected %(expected)s, found %(found)s.",
            day=broken.day,
            **facts,
        )
    return _(
        "The ledger is broken at device %(serial)s, event %(sequence)s (%(flaw)s): "
        "expected %(expected)s, found %(found)s.",
        serial=serial_of(broken.device_id),
        sequence=broken.sequence,
        **facts,
    )


@ledger.command(help=_("Bring devices, open allocations and open loans to what the ledger says."))
@click.option("--check", is_flag=True, help=_("Only compare; ends with 1 when something differs."))
def rebuild(check: bool) -> None:
    """Print each difference; write unless only a comparison is asked for."""
    from tracker.operations.ledger import differences, rebuild, verify

    with migrated(Settings()):
        proof = verify()
        if proof.broken:
            raise Stop(break_sentence(proof))
        found = list(differences()) if check else rebuild(now=datetime.now(UTC))
    for each in found[:SHOWN]:
        click.echo(_difference(each))
    if len(found) > SHOWN:
        click.echo(_("… and %(count)s more.", count=len(found) - SHOWN))
    _conclude(len(found), proof.devices, check)


def _difference(each: Difference) -> str:
    told = {"ledger": _or_nothing(each.ledger), "found": _or_nothing(each.found)}
    return _(
        "%(serial)s, %(fact)s: the ledger says %(ledger)s, the table %(found)s.",
        serial=each.serial,
        fact=each.fact,
        **told,
    )


def _or_nothing(value: str | int | None) -> str:
    return _("nothing") if value is None else str(value)


def _conclude(count: int, devices: int, check: bool) -> None:
    if not count:
        click.echo(_("The tables say what the ledger says: %(devices)s devices.", devices=devices))
    elif check:
        raise Stop(_("%(count)s differences: `tracker ledger rebuild` writes what the ledger says.", count=count))
    else:
        click.echo(_("%(count)s differences: the tables now say what the ledger says.", count=count))


@ledger.command(help=_("Seal the heads of all chains; the same day again gives the first seal."))
def checkpoint() -> None:
    """Print the day's seal."""
    from tracker.operations.ledger import checkpoint

    with migrated(Settings()):
        sealed = checkpoint(now=datetime.now(UTC))
    click.echo(
        _("%(day)s: %(devices)s chains sealed, %(seal)s", day=sealed.day, devices=sealed.devices, seal=sealed.seal)
    )
