"""How often one address may ask: for sign-in and for what costs the server much."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user

# Counted in each worker's memory: the lock-out of accounts is in the database, this only slows a flood down.
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)

SIGN_IN = "30 per minute"
SIGNING = "30 per minute"  # the codes themselves are counted with their invitation
FRAMES = "120 per minute"  # of one person: a whole school hall may share one address


def person() -> str:
    """Who is counted: the signed-in person, else the address."""
    return f"user {current_user.id}" if current_user.is_authenticated else get_remote_address()


def photos(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that decodes photographs: they count like camera frames; a form that brings none never counts."""
    return limiter.limit(FRAMES, key_func=person, exempt_when=_brings_no_photo)(view)


def _brings_no_photo() -> bool:
    return not any(sent.filename for sent in request.files.values())


def init_app(app: Flask) -> None:
    """Count from now on."""
    limiter.init_app(app)
