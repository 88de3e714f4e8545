"""A folder for each subject of the screens, and what all screens share: access, rendering, errors, language."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from flask import Flask, g
from flask_wtf import CSRFProtect
from htmx_flask import Htmx

from tracker.config import Settings
from tracker.models.database import database
from tracker.web import access, errors, headers, intake, language, limits, navigation, render
from tracker.web.headers import static_headers

BLUEPRINTS = (
    "accounts.screens",
    "home",
    "search",
    "handover.desk",
    "returns.desk",
    "returns.papers",
    "returns.noted",
    "devices",
    "pupils",
    "rosters.screens",
    "work",
    "departures.screens",
    "returns.screens",
    "families.returns",
    "cases.screens",
    "cases.reports",
    "cases.files",
    "families.cases",
    "parcels.screens",
    "parcels.sending",
    "parcels.scan_out",
    "parcels.reception",
    "parcels.addresses",
    "departures.classes",
    "agreements.screens",
    "agreements.unsigned",
    "agreements.sending",
    "agreements.piles",
    "agreements.scanned_pages",
    "agreements.validation",
    "stocktakes.screens",
    "stocktakes.start",
    "stocktakes.desk",
    "reuse.screens",
    "reuse.report",
    "batches.screens",
    "batches.desk",
    "batches.lists",
    "batches.papers",
    "rosters.codes",
    "scanning",
    "printing.screens",
    "accounts.users",
    "campaign.screens",
    "schools",
    "agreements.texts",
    "families.signing",
)
"""Modules below this folder that hold a blueprint `bp`, in the order of their routes."""

_LARGEST_REQUEST = 20 * 1024 * 1024  # a photograph of a phone is 4 to 12 MB


def flask_configuration(settings: Settings) -> dict[str, Any]:
    """What Flask and its extensions need to know of the settings."""
    return {
        "SECRET_KEY": settings.signing_key(),
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": _LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,  # a form may stay open all day in a school hall
        "BABEL_DEFAULT_LOCALE": "fr",
        "RATELIMIT_ENABLED": settings.rate_limits,
    }


def init_app(app: Flask) -> None:
    """Everything that stands between a request and a view, then the views."""
    _lend_connections(app)
    Htmx(app)
    for extension in (access, intake, CSRFProtect(), limits, language, render, headers, errors, navigation):
        extension.init_app(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"tracker.web.{name}").bp)


def _lend_connections(app: Flask) -> None:
    """A connection from the pool for each request; it goes back at the end and stays open."""

    @app.before_request
    def lend() -> None:
        g.lent_connection = database.connect(reuse_if_open=True)

    @app.teardown_request
    def give_back(_error: BaseException | None) -> None:
        if g.pop("lent_connection", False) and not database.is_closed():
            database.close()


__all__ = ["flask_configuration", "init_app", "static_headers"]
