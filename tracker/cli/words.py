"""What the terminal says: French, from the same catalogue as the pages."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import Any

import click

TRANSLATIONS = Path(__file__).parents[1] / "translations"


@cache
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation("messages", TRANSLATIONS, ["fr"], fallback=True)


def _(message: str, **facts: Any) -> str:
    """The sentence in French, `%(name)s` replaced by the facts; English until the catalogue is compiled."""
    sentence = _catalogue().gettext(message)
    return sentence % facts if facts else sentence


class Stop(click.ClickException):
    """Ends a command with one sentence and its exit code; no trace."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = code  # type: ignore[misc] # click reads it from the instance

    def show(self, file: Any = None) -> None:
        """The sentence and the code, on standard error."""
        click.echo(f"{self.message} (code {self.exit_code})", err=True, file=file)
