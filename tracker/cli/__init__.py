"""`tracker …`: the same operations from a terminal; each command is imported when it is called."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "ledger": "tracker.cli.ledger:ledger",
    "mail": "tracker.cli.mail:mail",
    "migrate": "tracker.cli.migrate:migrate",
    "roster": "tracker.cli.roster:roster",
    "sample": "tracker.cli.sample:sample",
    "scan": "tracker.cli.scan:scan",
    "school": "tracker.cli.school:school",
    "serve": "tracker.cli.serve:serve",
    "user": "tracker.cli.user:user",
    "work": "tracker.cli.work:work",
}
"""Name of each sub-command → `module:attribute`. A new command adds its line here and nothing else."""


class LazyGroup(click.Group):
    """A group whose commands are imported only when they are needed: `tracker scan` starts no web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name that can be typed, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        return getattr(import_module(module), attribute)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a full disk, an absent database or a wrong setting ends it with one sentence."""
        try:
            return super().invoke(ctx)
        except click.exceptions.Exit:
            raise
        except Exception as error:
            from tracker.cli.failures import sentence_for

            if sentence := sentence_for(error):
                raise sentence from None
            raise


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tracker")
def main() -> None:
    """Follow every laptop and 4G hotspot lent to pupils."""
    os.umask(0o077)  # what is written here is about pupils: for its owner's eyes only
