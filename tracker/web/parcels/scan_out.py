"""The scan-out desk: labels one after the other onto a manifest, which the carrier gets as PDF."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from tracker.carriers.choice import open_carriers
from tracker.documents.manifests import ManifestLine, ManifestWords, manifest_pdf
from tracker.operations import parcels, scan_out
from tracker.queries import parcel_scans
from tracker.queries.parcel_scans import LAST, OnManifest, Seen
from tracker.rules.access import Permission
from tracker.rules.addresses import Address, printed_lines
from tracker.rules.refusals import Refused
from tracker.rules.sscc import spelled
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now
from tracker.web.desks.frame import Verdict, desk_answer, refusal
from tracker.web.desks.readings import scanned_texts, sent_action_id
from tracker.web.destinations import see_other
from tracker.web.files import pdf_response
from tracker.web.intake import row_id
from tracker.web.language import moment, on_paper
from tracker.web.limits import photos
from tracker.web.parcels.words import CARRIERS, carrier_name
from tracker.web.render import page

bp = Blueprint("scan_out", __name__, url_prefix="/parcels/scan-out")


@bp.get("/")
@requires(Permission.MANAGE_PARCELS)
def index() -> Response:
    """Which carrier, and the manifests of the last days."""
    known = open_carriers(current_app.extensions["settings"])
    carriers = [(name, carrier_name(name), parcel_scans.waiting_for(name)) for name in known]
    return page("scan_out/index.html", carriers=carriers, manifests=parcel_scans.manifests(), carrier_name=carrier_name)


@bp.post("/")
@requires(Permission.MANAGE_PARCELS)
def start() -> Response:
    """Open this person's manifest for the carrier, or go on with it."""
    carrier = request.form.get("carrier", "")
    if carrier not in CARRIERS:
        raise Refused("carrier_unknown")
    manifest = scan_out.open_manifest(carrier, actor=current_actor(), now=now())
    return see_other(url_for("scan_out.desk", manifest_id=manifest.id))


@bp.get("/<int:manifest_id>")
@requires(Permission.MANAGE_PARCELS)
def desk(manifest_id: int) -> Response:
    """The desk, ready for the first label."""
    manifest = _manifest(manifest_id)
    ready = Verdict("info", _("Scan the label of a parcel"), (_("Ours, or the carrier’s own."),))
    if manifest.closed_at:
        ready = Verdict("info", _("This manifest is closed"), (_("The carrier has these parcels. Nothing is added."),))
    return _answer(manifest_id, ready)


@bp.post("/<int:manifest_id>/scan")
@requires(Permission.MANAGE_PARCELS)
@photos
def scan(manifest_id: int) -> Response:
    """One label."""
    _manifest(manifest_id)
    try:
        seen = parcel_scans.seen(scanned_texts(request), current_scope())
        return _answer(manifest_id, _scanned(manifest_id, seen))
    except Refused as refused:
        return _answer(manifest_id, _refusal(refused))


def _scanned(manifest_id: int, seen: Seen) -> Verdict:
    if not seen.parcels:
        raise Refused("parcel_unknown" if seen.looked_like == "parcel" else "scan_a_parcel", text=seen.text)
    if len(seen.parcels) > 1:
        raise Refused("several_parcels")
    parcel = seen.parcels[0]
    answer = scan_out.scan_out(
        parcel.id, manifest_id, action_id=sent_action_id(request), actor=current_actor(), now=now()
    )
    whom = ", ".join((parcel.recipient["name"], parcel.recipient["city"]))
    if answer.outcome == "done":
        return Verdict("done", spelled(parcel.reference), (whom,), record_id=parcel.id, written=True)
    return Verdict("already", _("Already scanned"), (f"{spelled(parcel.reference)} · {whom}",))


@bp.post("/<int:manifest_id>/undo")
@requires(Permission.MANAGE_PARCELS)
def undo(manifest_id: int) -> Response:
    """One of the last was a mistake: it is prepared again."""
    _manifest(manifest_id)
    try:
        parcel_id = request.form.get("parcel", 0, type=row_id)
        taken = parcels.take_back(parcel_id, actor=current_actor(), now=now())
    except Refused as refused:
        return _answer(manifest_id, _refusal(refused))
    return _answer(manifest_id, Verdict("info", _("Undone"), (spelled(taken.reference),), written=True))


@bp.post("/<int:manifest_id>/close")
@requires(Permission.MANAGE_PARCELS)
def close(manifest_id: int) -> Response:
    """The carrier takes the parcels away."""
    try:
        scan_out.close_manifest(manifest_id, actor=current_actor(), now=now())
    except Refused as refused:
        if refused.code == "not_found":
            abort(404)
        return _answer(manifest_id, _refusal(refused))
    flash(_("The manifest is closed: print it for the carrier."), "success")
    return see_other(url_for("scan_out.index"))


@bp.get("/<int:manifest_id>/manifest.pdf")
@requires(Permission.MANAGE_PARCELS)
def manifest_file(manifest_id: int) -> Response:
    """What the carrier signs, in French."""
    manifest = _manifest(manifest_id)
    rows = parcel_scans.on_manifest(manifest_id)
    if not rows:
        raise Refused("manifest_empty")
    lines = [
        ManifestLine(
            spelled(row["reference"]), row["tracking"], row["recipient"]["name"],
            f"{row['recipient']['postcode']} {row['recipient']['city']}", row["devices"],
        )
        for row in reversed(rows)
    ]  # fmt: skip
    senders = dict.fromkeys(printed_lines(Address(**row["sender"])) for row in reversed(rows))
    with on_paper():
        words = _words(manifest, rows)
    return pdf_response(manifest_pdf(lines, list(senders), words=words), f"bordereau-{manifest_id}")


def _words(manifest: OnManifest, rows: list[dict[str, Any]]) -> ManifestWords:
    return ManifestWords(
        title=_("Manifest %(number)s · %(carrier)s", number=manifest.id, carrier=carrier_name(manifest.carrier)),
        lead=_("Région Normandie · Pack Numérique Lycéen"),
        total=ngettext("%(num)s parcel", "%(num)s parcels", len(rows)),
        when=moment(manifest.closed_at or manifest.created_at),
        sender=_("From"),
        headings=(_("No."), _("Reference (SSCC)"), _("Tracking number"), _("To"), _("Devices")),
        signature=_("Taken by the carrier: name, date, signature"),
        page=_("page {page} of {pages}"),
        language=str(get_locale()),
    )


def _refusal(refused: Refused) -> Verdict:
    return refusal(_("Not scanned out"), refused)


def _answer(manifest_id: int, verdict: Verdict) -> Response:
    manifest = _manifest(manifest_id)

    def beside() -> dict[str, Any]:
        recent = parcel_scans.on_manifest(manifest_id, LAST)
        return {"waiting": parcel_scans.waiting_for(manifest.carrier), "recent": recent}

    return desk_answer("scan_out/desk.html", verdict, beside, manifest=manifest, carrier_name=carrier_name)


def _manifest(manifest_id: int) -> OnManifest:
    found = parcel_scans.manifest_of(manifest_id)
    return found or abort(404)
