"""What families get by mail about an agreement: each letter in French, then in English."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.operations.words import LANGUAGES, said
from tracker.queries.return_families import Owed
from tracker.rules.campaign import CampaignSettings
from tracker.rules.expected_returns import is_overdue

InLanguage = Callable[[str], dict[str, object]]
_RULE = "\n\n" + "- " * 20 + "\n\n"
_LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Letter:
    """Subject and body of a mail."""

    subject: str
    body: str


@dataclass(frozen=True)
class ToSign:
    """One agreement in a letter: of which pupil of which school, and the personal link."""

    pupil: str
    school: str
    link: str


def _(message: str) -> str:
    """Marks a sentence for the catalogue."""
    return message


def request_letter(
    agreements: Sequence[ToSign], *, reminder: bool, until: date, school_year: str, settings: CampaignSettings
) -> Letter:
    """Rule A1. The mail that asks to sign, with one link for each child; never the schools' own line (I1)."""
    listed = "\n\n".join(f"{each.pupil} ({each.school})\n{each.link}" for each in agreements)
    subject = _("Reminder: loan agreement to sign") if reminder else _("Loan agreement to sign")
    return bilingual(
        subject, _REMINDER if reminder else _REQUEST, settings, agreements=listed, until=until, school_year=school_year
    )


def code_letter(code: str, *, good_until: datetime, settings: CampaignSettings) -> Letter:
    """Rule A2. The code that confirms a signature."""
    return bilingual(_("Your code to sign"), _CODE, settings, code=code, time=good_until)


def signed_letter(pupil: str, signer: str, *, school_year: str, settings: CampaignSettings) -> Letter:
    """Rule A2. The signed agreement, in the mail's attachment."""
    return bilingual(
        _("Your signed loan agreement"), _SIGNED, settings, pupil=pupil, signer=signer, school_year=school_year
    )


@dataclass(frozen=True)
class Received:
    """One device that came back: what was missing with it, and what its pupil must still send back."""

    serial: str
    returned_on: date
    missing: Sequence[str]
    still_owed: Sequence[Owed]


def receipt_letter(received: Received, *, today: date, settings: CampaignSettings) -> Letter:
    """Rule L7. The receipt of a returned device, in the mail's attachment; no name: the paper has it."""
    return bilingual(
        _("Your device was received"), _RECEIVED, settings, serial=received.serial, day=received.returned_on,
        in_language=lambda language: {"rest": _rest(received, today, language)},
    )  # fmt: skip


def _rest(received: Received, today: date, language: str) -> str:
    """What is not done with this return; that nothing is left is said only where that is so."""
    missing = ", ".join(said(language, each) for each in received.missing)
    devices = "\n".join(device_line(each, today, language) for each in received.still_owed)
    left = [said(language, _MISSING, missing=missing)] if missing else []
    left += [said(language, _STILL_EXPECTED, devices=devices)] if devices else []
    return "\n\n".join(left or [said(language, _NOTHING_ELSE)])


def device_line(owed: Owed, today: date, language: str) -> str:
    """One device that must come back, and until when; or since when it is late."""
    late = is_overdue(owed.due_on, today)
    return said(
        language, _LATE_DEVICE if late else _DEVICE, device=owed.label, serial=owed.serial, due=owed.due_on
    )  # fmt: skip


_REQUEST = _(
    "Hello,\n\n"
    "the Région Normandie lends a laptop to the pupil named below, for the whole time at the lycée. Before it is "
    "handed over, the loan agreement of the school year %(school_year)s has to be signed by one legal guardian, or by "
    "the pupil who is of age.\n\n"
    "Read it and sign it here, on a phone or a computer, without an account:\n\n%(agreements)s\n\n"
    "Each link is personal: do not pass it on. It works until %(until)s. A code will be sent to this address to "
    "confirm the signature."
)
_REMINDER = _(
    "Hello,\n\n"
    "the loan agreement of the school year %(school_year)s is not signed yet. Without it no laptop can be handed "
    "over. One signature is enough: of one legal guardian, or of the pupil who is of age.\n\n"
    "Read it and sign it here, on a phone or a computer, without an account:\n\n%(agreements)s\n\n"
    "Each link is personal: do not pass it on. It works until %(until)s. If you prefer paper, ask the school for the "
    "printed agreement."
)
_CODE = _(
    "Hello,\n\n"
    "here is the code to confirm your signature:\n\n%(code)s\n\n"
    "It works until %(time)s (Paris time). If you did not ask for it, do nothing: nothing is signed without it. "
    "Nobody will ever ask you for this code by telephone."
)
_SIGNED = _(
    "Hello,\n\n"
    "the loan agreement of %(pupil)s for the school year %(school_year)s was signed by %(signer)s. You find it "
    "attached, with the evidence of the signature: please keep it."
)
_RECEIVED = _(
    "Hello,\n\n"
    "the device with the serial number %(serial)s was received on %(day)s. You find the receipt attached: please keep "
    "it.\n\n%(rest)s"
)
_NOTHING_ELSE = _("Nothing else is expected of you.")
_MISSING = _("This was missing: %(missing)s. If you still have it, give it to the school or call us.")
_STILL_EXPECTED = _(
    "This is still expected of you:\n%(devices)s\nIf it is on its way or at the school already, there is nothing more "
    "to do."
)
_DEVICE = _("%(device)s, serial number %(serial)s, to be back by %(due)s")
_LATE_DEVICE = _("%(device)s, serial number %(serial)s, was to be back by %(due)s")
_HELP = _("Help for families: %(phone)s (free call), %(email)s")
_SIGN_OFF = _("Pack Numérique Lycéen, Région Normandie")


def bilingual(
    subject: str, body: str, settings: CampaignSettings, in_language: InLanguage = lambda language: {}, **facts: object
) -> Letter:
    """The letter in both languages, with whom to ask; `in_language`: facts that each language says in its own way."""
    contacts = {"phone": settings["families_phone"], "email": settings["families_email"]}
    subjects = [said(language, subject) for language in LANGUAGES]
    bodies = [
        "\n\n".join(
            (
                said(language, body, **facts, **in_language(language)),
                said(language, _HELP, **contacts),
                said(language, _SIGN_OFF),
            )
        )
        for language in LANGUAGES
    ]
    return Letter(" · ".join(dict.fromkeys(subjects))[:_LONGEST_SUBJECT], _RULE.join(dict.fromkeys(bodies)) + "\n")
