"""The application around a command that acts: its language, its database, and a sentence for what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tracker.cli.words import Stop
from tracker.config import Settings

REFUSED = 65
"""Exit code, as in sysexits.h: what was given cannot be taken."""


@contextmanager
def application(settings: Settings) -> Iterator[None]:
    """The application with a connection; a refusal ends the command with its sentence."""
    from tracker.app import create_app
    from tracker.models.database import connected
    from tracker.rules.refusals import Refused
    from tracker.web.sentences import refusal_sentence

    app = create_app(settings)
    with app.test_request_context(base_url=settings.public_url), connected():
        try:
            yield
        except Refused as refused:
            raise Stop(refusal_sentence(refused), REFUSED) from None
