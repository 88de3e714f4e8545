"""Shipping labels in the words of the page: from rows of parcels to PDF and ZPL."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import peewee
from flask import Response
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from tracker.labels import Paper, ShippingCaptions, ShippingLabel, shipping_labels, zpl_labels
from tracker.queries.campaigns import current_campaign, settings_in_force
from tracker.queries.parcels import inside_of, labels_of
from tracker.rules.access import Scope
from tracker.rules.addresses import Address, printed_lines
from tracker.rules.custody import DeviceKind
from tracker.rules.parcels import ParcelKind
from tracker.web.clock import today
from tracker.web.files import file_response, pdf_response
from tracker.web.language import on_paper
from tracker.web.parcels.words import carrier_name

MOST_LABELS = 1_000
MOST_SERIALS = 2
ZPL = "zpl"
FORMS = (*(paper.value for paper in Paper), ZPL)


def labels_file(condition: peewee.Expression, form: str, scope: Scope, name: str) -> Response | None:
    """The labels of the parcels that meet the condition, in French, as `form` of FORMS; None where there is none."""
    campaign = current_campaign(today())
    rows = labels_of(condition, scope, campaign.school_year if campaign else None, MOST_LABELS)
    if not rows:
        return None
    inside = inside_of([row["id"] for row in rows])
    with on_paper():
        labels, captions = [_label(row, inside[row["id"]]) for row in rows], _captions()
    if form == ZPL:
        zpl = zpl_labels(labels, captions=captions)
        return file_response(zpl, "text/plain; charset=utf-8", f"{name}.zpl", to_save=True)
    return pdf_response(shipping_labels(labels, Paper(form), captions=captions), name)


def _label(row: dict[str, Any], inside: Mapping[str, str]) -> ShippingLabel:
    """Rule D4: a named parcel bears its pupil's name and class, that the school finds whom to give it to; no INE.

    A return bears nobody's name: its serial number says into which of thirty boxes it goes. `inside`: kinds by serial.
    """
    is_return = row["kind"] == ParcelKind.RETURN
    named = row["kind"] == ParcelKind.NAMED and row["last_name"]
    whom = f"{row['last_name']} {row['first_name']}" if named else ""
    return ShippingLabel(
        reference=row["reference"],
        kind=_kind_words(row["kind"]),
        sender=printed_lines(Address(**row["sender"])),
        recipient=printed_lines(Address(**row["recipient"])),
        contents=_contents_words(list(inside), named=is_return),
        whom=" · ".join(part for part in (whom, row["class_name"] or "") if part) if whom else "",
        route=_route_words(row, postage=is_return),
        steps_title=_("To send the device back") if is_return else _("To send the parcel"),
        steps=_returning_steps(set(inside.values())) if is_return else _sending_steps(),
    )


def _contents_words(serials: Sequence[str], *, named: bool) -> str:
    """How many devices, and which ones where these are few enough to be read."""
    words = ngettext("%(num)s device", "%(num)s devices", len(serials))
    return " · ".join((words, *serials)) if named and len(serials) <= MOST_SERIALS else words


def _route_words(row: dict[str, Any], *, postage: bool) -> str:
    """Rule L2: who pays; then the carrier's own number."""
    carrier = f"{carrier_name(row['carrier'])} {row['tracking']}" if row["tracking"] else ""
    return " · ".join(filter(None, (_("Postage paid by the Région") if postage else "", carrier)))


def _kind_words(kind: str) -> str:
    words = {"outbound": _("Parcel for a school"), "named": _("Named parcel"), "return": _("Return of devices")}
    return words[kind].upper()


def _captions() -> ShippingCaptions:
    """Rule I1: the families' telephone, never the schools' own line. Rule I4: who pays."""
    settings = settings_in_force(today())
    return ShippingCaptions(
        title=_("Shipping labels"),
        programme=_("Région Normandie · Pack Numérique Lycéen"),
        sender=_("From"),
        recipient=_("To"),
        contents=_("Contents"),
        contact=_("Assistance: %(contact)s", contact=f"{settings['families_phone']} · {settings['families_email']}"),
        funding=settings["funding_mention"],
        cut=_("Cut along the dashes"),
        language=str(get_locale()),
    )  # fmt: skip


def packing_steps(kinds: Collection[str]) -> tuple[str, ...]:
    """Rule L2. What comes before the label for whoever sends devices of these kinds; on paper and the family's page.

    The SIM card of a hotspot is the Région's (C4).
    """
    packing = _("Put the device, its charger and its cable into the original box. Keep what is yours, as a USB key.")
    if DeviceKind.HOTSPOT in kinds:
        packing += " " + _("Leave the SIM card in the hotspot: it belongs to the Région.")
    return _("Copy your files elsewhere and sign out of your accounts: everything on the device is erased."), packing


def giving_steps() -> tuple[str, ...]:
    """Rule L2. What they do once it is stuck."""
    return (
        _("Give the box to the carrier, or to your school. The Région pays the postage: you have nothing to pay."),
        _("Keep the number below the bars: it says where the box is."),
    )


def _returning_steps(kinds: Collection[str]) -> tuple[str, ...]:
    return (*packing_steps(kinds), *_sticking_steps(), *giving_steps())


def _sending_steps() -> tuple[str, ...]:
    return (
        _("Check that the box holds what the label says."),
        *_sticking_steps(),
        _("Scan the label at the scan-out desk when the carrier takes the box."),
    )


def _sticking_steps() -> tuple[str, ...]:
    return (
        _("Print this page at 100 %: the frame of the label is then 10 cm wide. Cut or fold it along the dashes."),
        _("Stick the label flat on the largest side of the box, over any older label. No adhesive tape over the bars."),
    )
