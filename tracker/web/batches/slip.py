"""The slip of a batch in the person's language, as a PDF to print."""

from typing import Any

from flask import Response
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from tracker.documents.batches import BatchSlip, SlipLine, batch_slip
from tracker.queries.batches import code_of
from tracker.typesetting import PageCaptions
from tracker.web.batches.words import SLIPS
from tracker.web.clock import today
from tracker.web.files import pdf_response
from tracker.web.language import day


def slip_pdf(batch: dict[str, Any], contents: list[dict[str, Any]]) -> Response:
    """The list of what is in the batch; no name of any pupil is on it."""
    code = code_of(batch["id"])
    facts = (
        (_("Batch opened on"), day(batch["opened_at"])),
        (_("Batch sent on"), day(batch["sent_at"]) or "—"),
        (_("Data"), _("to be erased by the partner, with a certificate") if batch["partner_erases"] else _data(batch)),
    )
    slip = BatchSlip(
        code=code, partner=batch["partner"], kind=str(SLIPS[batch["kind"]]), facts=facts,
        lines=[SlipLine(row["serial"], row["tag"], f"{row['maker']} {row['model']}") for row in contents],
        headings=(_("No."), _("Serial number"), _("Tag"), _("Model")),
        total=ngettext("%(num)s device", "%(num)s devices", len(contents)), note=batch["note"],
        signatures=(_("Handed over by (name, date, signature)"), _("Received by (name, date, signature)")),
    )  # fmt: skip
    captions = PageCaptions(
        title=_("Slip of a batch"), printed_on=_("Printed on %(date)s", date=day(today())),
        page=_("page {page} of {pages}"), note=_("Région Normandie · Pack Numérique Lycéen"),
        language=str(get_locale()),
    )  # fmt: skip
    return pdf_response(batch_slip(slip, captions=captions), f"lot-{code}")


def _data(batch: dict[str, Any]) -> str:
    """What goes to repair comes back to its pupil with its data."""
    return _("stay on the devices") if batch["kind"] == "repair" else _("erased")
