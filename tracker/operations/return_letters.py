"""What families get by mail about a device that must come back: in French, then in English."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.operations.letters import Letter, bilingual, device_line
from tracker.queries.return_families import OwingFamily
from tracker.rules.campaign import CampaignSettings


@dataclass(frozen=True)
class ToSendBack:
    """One pupil in a letter, with the personal link."""

    family: OwingFamily
    link: str


def _(message: str) -> str:
    """Marks a sentence for the catalogue."""
    return message


def return_letter(
    pupils: Sequence[ToSendBack], *, reminder: bool, today: date, until: date, settings: CampaignSettings
) -> Letter:
    """Rules L2, L7. What must come back, by when, and the link to the label; never the schools' line (I1).

    `reminder`: it is late, and not for the first time written about. `until`: the last day of the links.
    """
    subject = _("Reminder: a laptop or hotspot to send back") if reminder else _("A laptop or hotspot to send back")
    return bilingual(
        subject, _REMINDER if reminder else _FIRST, settings, until=until,
        in_language=lambda language: {"devices": "\n\n".join(_listed(each, today, language) for each in pupils)},
    )  # fmt: skip


def _listed(to_send: ToSendBack, today: date, language: str) -> str:
    family = to_send.family
    lines = [device_line(each, today, language) for each in family.devices]
    return "\n".join([f"{family.name} ({family.school})", *lines, to_send.link])


_FIRST = _(
    "Hello,\n\n"
    "the device named below was lent by the Région Normandie and is to come back. Sending it costs nothing: the "
    "Région pays the postage.\n\n"
    "The personal page tells how, makes the label to stick on the parcel, and takes your answer if the device was "
    "given to the school:\n\n%(devices)s\n\n"
    "Each link is personal: do not pass it on. It works until %(until)s."
)
_REMINDER = _(
    "Hello,\n\n"
    "the device named below has not come back yet. Sending it costs nothing: the Région pays the postage. If it is "
    "on its way already, there is nothing more to do.\n\n"
    "The personal page tells how, makes the label to stick on the parcel, and takes your answer if the device was "
    "given to the school:\n\n%(devices)s\n\n"
    "Each link is personal: do not pass it on. It works until %(until)s. If anything is in the way, call us: we look "
    "for a way together."
)
