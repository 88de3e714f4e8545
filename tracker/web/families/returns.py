"""What a family opens by its personal link to send a device back: what, why, until when, the label, its answer."""

from typing import Any

from flask import Response, current_app, url_for

from tracker.models.family_links import FamilyLink
from tracker.operations.expected_returns import note_handed_in
from tracker.operations.family_links import open_family_link, read_family_link
from tracker.operations.return_post import prepare_from_link
from tracker.queries.expected_returns import family_page, parcels_of_family
from tracker.rules.families import LinkPurpose
from tracker.rules.refusals import Refused
from tracker.web.access import public
from tracker.web.clock import now
from tracker.web.destinations import see_other
from tracker.web.families.pages import family_blueprint, only_looks
from tracker.web.families.words import CLOSED, RETURN_REASONS
from tracker.web.limits import SIGNING, limiter
from tracker.web.render import page
from tracker.web.returns.labels import return_labels, sending_steps
from tracker.web.sentences import refusal_sentence

bp = family_blueprint("family_returns", "/return", CLOSED)

_ON_ITS_WAY = frozenset({"shipped", "received", "closed"})


@bp.get("/")
@public
def incomplete() -> Response:
    """A link that a mail program cut off."""
    raise Refused("family_link_unknown")


@bp.get("/<return_link>")
@public
def show(return_link: str) -> Response:
    """Rules L2, L7. What must come back and how; the label once it is made."""
    return _page(return_link, _read(return_link) if only_looks() else _open(return_link))


@bp.post("/<return_link>/label")
@public
@limiter.limit(SIGNING)
def make_label(return_link: str) -> Response:
    """Make the label; pressed again it is the same one."""
    link = _read(return_link)
    try:
        prepare_from_link(link, now=now())
    except Refused as refused:
        return _page(return_link, link, refused)
    return see_other(url_for(".show", return_link=return_link, _anchor="label"))


@bp.get("/<return_link>/label/<form>")
@public
@limiter.limit(SIGNING)
def label(return_link: str, form: str) -> Response:
    """The label that was made, as a file; nothing is made by looking."""
    link = _read(return_link)
    parcels = parcels_of_family(link.pupil_id)
    if not parcels:
        return see_other(url_for(".show", return_link=return_link))
    return return_labels(parcels, form)


@bp.post("/<return_link>/handed-in")
@public
@limiter.limit(SIGNING)
def handed_in(return_link: str) -> Response:
    """Rule L6. The family says that the school has it."""
    note_handed_in(_read(return_link), now=now())
    return see_other(url_for(".show", return_link=return_link))


def _page(return_link: str, link: FamilyLink, refused: Refused | None = None) -> Response:
    devices = family_page(link.pupil_id)
    return page(
        "family_returns/show.html", status=422 if refused else 200, return_link=return_link, devices=devices,
        pupil=f"{link.pupil.first_name} {link.pupil.last_name}", reasons=RETURN_REASONS,
        message=refusal_sentence(refused) if refused else "", **_how_far(devices),
    )  # fmt: skip


def _how_far(devices: list[dict[str, Any]]) -> dict[str, Any]:
    """`to_pack`: something is in no parcel yet; `made`: a label waits; `said_on`: when all was said to be given."""
    waiting = [each for each in devices if each["parcel_state"] not in _ON_ITS_WAY]
    said = [each["handed_in_at"] for each in waiting]
    return {
        "waiting": waiting,
        "steps": sending_steps({each["kind"] for each in waiting}),
        "to_pack": any(each["parcel_state"] != "prepared" for each in waiting),
        "made": any(each["parcel_state"] == "prepared" for each in waiting),
        "said_on": max(said) if said and all(said) else None,
    }


def _open(return_link: str) -> FamilyLink:
    return open_family_link(return_link, LinkPurpose.RETURN, key=_key(), now=now())


def _read(return_link: str) -> FamilyLink:
    return read_family_link(return_link, LinkPurpose.RETURN, key=_key(), now=now())


def _key() -> str:
    return current_app.extensions["settings"].signing_key()
