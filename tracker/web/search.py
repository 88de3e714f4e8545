"""One search box: an exact code opens its page, anything else is looked for by its beginning."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from tracker.operations.noted_devices import desks_of
from tracker.queries import search
from tracker.queries.batches import batch_of_code
from tracker.rules.access import Permission
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import year_in_force
from tracker.web.destinations import go_to
from tracker.web.render import page

bp = Blueprint("search", __name__)


@bp.get("/search")
@requires(Permission.SIGNED_IN)
def results() -> Response:
    """What the text of the address names or begins."""
    text = request.args.get("q", "").strip()[:200]
    sees_pupils, scope = current_user.may(Permission.SEE_PUPILS), current_scope()
    values = search.readings(text) if text else ()
    if current_user.may(Permission.MANAGE_REUSE) and (batch := next(filter(None, map(batch_of_code, values)), None)):
        return go_to(url_for("batches.show", batch_id=batch.id))
    sees_parcels = current_user.may(Permission.RECEIVE_PARCELS)
    desks = desks_of(current_actor()) if current_user.may(Permission.SEND_RETURNS) else None
    sees = {"sees_pupils": sees_pupils, "desks": desks}
    hit = search.exact(values, scope, sees_parcels=sees_parcels, **sees) if values else None
    if hit:
        return go_to(_page_of(hit))
    found = search.beginning_with(text, scope, year_in_force(), **sees) if text else None
    return page(
        "search/results.html",
        text=text,
        found=found,
        slip=search.is_slip(values),
        values=values,
    )


def _page_of(hit: search.Hit) -> str:
    if hit.parcel_id:
        return url_for("parcels.show", parcel_id=hit.parcel_id)
    if hit.record_id:
        return url_for("return_papers.show", record_id=hit.record_id)
    if hit.device_id:
        return url_for("devices.show", device_id=hit.device_id)
    if hit.stocktake_id:
        return url_for("stocktakes.show", stocktake_id=hit.stocktake_id)
    return url_for("pupils.show", pupil_id=hit.pupil_id)
