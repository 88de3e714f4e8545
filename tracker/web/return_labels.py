"""Return labels as files: PDF on A4 with what to do, PDF of 10 × 15 cm, ZPL; always in French, which the post reads."""

from collections.abc import Sequence

from flask import Response, abort
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from tracker.labels import Paper, ShippingCaptions, ShippingLabel, shipping_labels, zpl_labels
from tracker.models.parcels import Parcel
from tracker.operations.parcel_addresses import settings_at
from tracker.queries.parcel_contents import serials_of
from tracker.rules.addresses import Address, printed_lines
from tracker.rules.campaign import CampaignSettings
from tracker.web.clock import now

ZPL = "zpl"
FORMS = (*Paper, ZPL)


def labels_file(parcels: Sequence[Parcel], form: str) -> Response:
    """The labels of these return parcels, `form` one of FORMS. Raises Refused where an address cannot be printed."""
    if form not in FORMS:
        abort(404)
    with force_locale("fr"):
        captions, listed = _captions(settings_at(now())), _labels(parcels)
    name = f"etiquette-retour-{parcels[0].reference}" if len(parcels) == 1 else "etiquettes-retour"
    if form == ZPL:
        return _file(zpl_labels(listed, captions=captions), f"{name}.zpl", "application/zpl", "attachment")
    return _file(shipping_labels(listed, Paper(form), captions=captions), f"{name}.pdf", "application/pdf", "inline")


def _file(data: bytes, name: str, kind: str, how: str) -> Response:
    headers = {"Content-Disposition": f'{how}; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, mimetype=kind, headers=headers)


def _labels(parcels: Sequence[Parcel]) -> list[ShippingLabel]:
    """Whose the device was is nobody's business on the way: the sender is the school, the reference says the rest."""
    serials = serials_of([parcel.id for parcel in parcels])
    return [
        ShippingLabel(
            reference=parcel.reference, kind=_("Return"),
            sender=printed_lines(Address(**parcel.sender)), recipient=printed_lines(Address(**parcel.recipient)),
            contents=ngettext("%(num)s device: %(serials)s", "%(num)s devices: %(serials)s", len(serials[parcel.id]),
                              serials=", ".join(serials[parcel.id])),
            route=" · ".join(filter(None, (_("Postage paid by the Région"), parcel.tracking))),
        )
        for parcel in parcels
    ]  # fmt: skip


def _captions(settings: CampaignSettings) -> ShippingCaptions:
    """Rules I1, I4: the families' line and the funding mention; never the schools' own line."""
    return ShippingCaptions(
        title=_("Return labels"), programme=_("Pack Numérique Lycéen, Région Normandie"), sender=_("Sender"),
        recipient=_("Recipient"), contents=_("Contents"),
        contact=_("Assistance: %(phone)s", phone=settings["families_phone"]), funding=settings["funding_mention"],
        steps_title=_("To send it back"), steps=packing_steps(), cut=_("Cut out along the dashes"), language="fr",
    )  # fmt: skip


def packing_steps() -> tuple[str, ...]:
    """Rule L2. What the sender does, in order; the same on the paper and on the family's page."""
    return (
        _("Copy your files elsewhere and sign out of your accounts: everything on the device is erased."),
        _("Put the device, its charger and its cable into their original box. No box any more? Any solid one will do."),
        _("Stick the label on the box, its bars flat and whole, and take off any older label."),
        _("Bring the parcel to the post office, or to the school, which sends it. It costs nothing: the Région pays."),
        _("Keep the receipt of the post office until the return is confirmed."),
    )
