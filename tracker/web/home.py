"""The page after signing in: three figures by role, each a list, and the one thing to do next."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, url_for
from flask_login import current_user

from tracker.queries import figures
from tracker.queries.campaigns import current_campaign
from tracker.queries.devices import DeviceFilter
from tracker.queries.pupils import PupilFilter, Year
from tracker.queries.roster_codes import open_codes
from tracker.rules.access import Permission, Scope
from tracker.web.access import current_scope, requires
from tracker.web.agreements.screens import percent, rate_words
from tracker.web.clock import now, today
from tracker.web.lists import in_address
from tracker.web.render import page

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index() -> Response:
    """Figures of the person's schools, as of today."""
    campaign = current_campaign(today())
    context: dict[str, Any] = {"campaign": campaign, "to_devices": to_devices, "lists": figures}
    if campaign is None:
        return page("home/index.html", **context)
    if not current_user.may(Permission.SEE_PUPILS):
        return page("home/index.html", stock=figures.device_figures(current_scope()), **context)
    counted, as_of = _counted(current_scope(), Year(campaign.school_year, today()))
    codes = open_codes() if current_user.may(Permission.MANAGE_CAMPAIGN) else 0
    return page(
        "home/index.html", counted=counted, as_of=as_of, to_pupils=to_pupils, open_codes=codes, rate_words=rate_words,
        percent=percent, **context,
    )  # fmt: skip


SLOW = timedelta(seconds=0.25)
KEPT_FOR = timedelta(minutes=1)


def _counted(scope: Scope, year: Year) -> tuple[figures.Figures, datetime]:
    """The figures and the moment they are of: those of a country take long to count and are kept for a minute."""
    kept = current_app.extensions.setdefault("figures", {})
    started = now()
    if scope in kept and kept[scope][1] > started - KEPT_FOR:
        return kept[scope]
    counted = figures.figures(scope, year)
    if now() - started > SLOW:
        kept[scope] = (counted, started)
    return counted, started


def to_pupils(filters: PupilFilter) -> str:
    """The address of the list of exactly these pupils."""
    return url_for("pupils.index", **in_address(filters))


def to_devices(filters: DeviceFilter) -> str:
    """The address of the list of exactly these devices."""
    return url_for("devices.index", **{name: value for name, value in asdict(filters).items() if value})
