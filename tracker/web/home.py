"""The page after signing in: three figures by role, each a list, and the one thing to do next."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, url_for
from flask_login import current_user

from tracker.queries import figures
from tracker.queries.campaigns import current_campaign
from tracker.queries.devices import DeviceFilter
from tracker.queries.pupils import PupilFilter, Year
from tracker.rules.access import Permission
from tracker.web.access import current_scope, requires
from tracker.web.clock import today
from tracker.web.pupils import filters_in_address
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
    counted = figures.figures(current_scope(), Year(campaign.school_year, today()))
    return page("home/index.html", counted=counted, to_pupils=to_pupils, **context)


def to_pupils(filters: PupilFilter) -> str:
    """The address of the list of exactly these pupils."""
    return url_for("pupils.index", **filters_in_address(filters))


def to_devices(filters: DeviceFilter) -> str:
    """The address of the list of exactly these devices."""
    return url_for("devices.index", **{name: value for name, value in asdict(filters).items() if value})
