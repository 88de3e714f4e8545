"""One search box: an exact code opens its page, anything else is looked for by its beginning."""

from flask import Blueprint, Response, redirect, request, url_for
from flask_login import current_user

from tracker.queries import search
from tracker.rules.access import Permission
from tracker.web.access import current_scope, requires
from tracker.web.pupils import year_in_force
from tracker.web.render import page
from tracker.web.sentences import tone, words

bp = Blueprint("search", __name__)


@bp.get("/search")
@requires(Permission.SIGNED_IN)
def results() -> Response:
    """What the text of the address names or begins."""
    text = request.args.get("q", "").strip()[:200]
    sees_pupils, scope = current_user.may(Permission.SEE_PUPILS), current_scope()
    values = search.readings(text) if text else ()
    sees_parcels = current_user.may(Permission.RECEIVE_PARCELS)
    hit = search.exact(values, scope, sees_pupils=sees_pupils, sees_parcels=sees_parcels) if values else None
    if hit:
        return redirect(_page_of(hit))  # type: ignore[return-value]
    found = search.beginning_with(text, scope, year_in_force(), sees_pupils=sees_pupils) if text else None
    return page(
        "search/results.html",
        text=text,
        found=found,
        slip=search.is_slip(values),
        values=values,
        words=words,
        tone=tone,
    )


def _page_of(hit: search.Hit) -> str:
    if hit.parcel_id:
        return url_for("parcels.show", parcel_id=hit.parcel_id)
    if hit.device_id:
        return url_for("devices.show", device_id=hit.device_id)
    return url_for("pupils.show", pupil_id=hit.pupil_id)
