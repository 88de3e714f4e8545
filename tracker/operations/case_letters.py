"""The mail that brings a family the personal link to report a breakdown, theft or loss: in French, then in English."""

from datetime import date

from tracker.models.pupils import Pupil
from tracker.operations.letters import Letter, bilingual
from tracker.rules.campaign import CampaignSettings


def _(message: str) -> str:
    """Marks a sentence for the catalogue."""
    return message


def report_letter(pupil: Pupil, link: str, *, until: date, settings: CampaignSettings) -> Letter:
    """Rules R1, R2. How to report and to add documents; never the schools' line (I1)."""
    name = f"{pupil.first_name} {pupil.last_name}"
    return bilingual(
        _("Breakdown, theft or loss: your personal page"), _BODY, settings, pupil=name, link=link, until=until
    )


_BODY = _(
    "Hello,\n\n"
    "on your personal page you report what happened to the laptop or hotspot that the Région Normandie lent to "
    "%(pupil)s: breakdown, damage, theft or loss. There you also see how far it is, and add a photo or the declaration "
    "to the police or gendarmerie, which a theft or loss needs:\n\n%(link)s\n\n"
    "The link is personal: do not pass it on. It works until %(until)s."
)
