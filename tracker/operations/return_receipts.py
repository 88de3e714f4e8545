"""The receipt of a return: on paper for whoever brought the device, by mail to the family (never in L5's case)."""

from datetime import datetime

from tracker import documents
from tracker.documents import ReturnReceipt
from tracker.models.database import database
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Guardian, Pupil
from tracker.models.returns import ReturnRecord
from tracker.models.schools import School
from tracker.operations import mail
from tracker.operations.agreement_texts import contacts_on
from tracker.operations.letters import Received, receipt_letter
from tracker.operations.words import said
from tracker.queries.campaigns import current_campaign, settings_in_force
from tracker.queries.return_families import still_owed
from tracker.queries.returns_desk import record_of
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import TIME_ZONE, local_date
from tracker.rules.recipients import Contact, Unreachable, reach
from tracker.rules.refusals import Refused
from tracker.storage.storage import Storage

KIND = "receipts"


def _(message: str) -> str:
    """Marks a sentence for the catalogue."""
    return message


_CONDITIONS = {"good": _("good"), "worn": _("worn"), "damaged": _("damaged"), "broken": _("broken")}
_ACCESSORIES = {"charger": _("charger"), "box": _("original box"), "sleeve": _("sleeve")}


def seen_record(record_id: int, actor: Actor) -> ReturnRecord:
    """The record, where the person may see it. Raises Refused not_found."""
    found = record_of(record_id, actor.scope, warehouse=actor.may(Permission.TRIAGE))
    if found is None:
        raise Refused("not_found")
    return found


def draw_receipt(record_id: int, *, actor: Actor, now: datetime) -> bytes:
    """The receipt as PDF, in French. Raises Refused: not_found, receipt_of_nothing (undone, or not on record)."""
    record = seen_record(record_id, actor)
    if record.undone_at is not None or record.device is None:
        raise Refused("receipt_of_nothing")
    contacts = contacts_on(current_campaign(local_date(now)), now)
    return documents.return_receipt(_receipt(record, contacts.families_phone, now), contacts=contacts)


def _receipt(record: ReturnRecord, phone: str, now: datetime) -> ReturnReceipt:
    facts = {"date": local_date(now)}
    return ReturnReceipt(
        title=said("fr", _("Receipt of a returned device")),
        programme=said("fr", _("Pack Numérique Lycéen, Région Normandie")),
        code=record.device.tag,
        code_caption=said("fr", _("Label of the device")),
        facts=tuple((said("fr", label), value) for label, value in _facts(record) if value),
        note=said("fr", _("The device named here was received. The pupil does not have to give it back any more.")),
        assistance=said("fr", _("Help for families: %(phone)s (free call)"), phone=phone),
        printed_on=said("fr", _("Printed on %(date)s"), **facts),
        page="{page} / {pages}",
    )


def _facts(record: ReturnRecord) -> list[tuple[str, str]]:
    at = record.received_at.astimezone(TIME_ZONE)
    school = School.get_or_none(School.id == record.school_id)
    place = f"{school.name}, {school.city}" if school else said("fr", _("Warehouse of the Région"))
    missing = ", ".join(said("fr", _ACCESSORIES[each]) for each in record.missing)
    return [
        (_("Device"), f"{record.device.model.label} · {record.serial}"),
        (_("Returned by"), record.pupil.full_name if record.pupil else ""),
        (_("Received on"), f"{at:%d/%m/%Y %H:%M}"),
        (_("Received at"), place),
        (_("Condition"), said("fr", _CONDITIONS[record.condition]) if record.condition else ""),
        (_("Missing"), missing),
    ]


def mail_receipt(record_id: int, *, storage: Storage, actor: Actor, now: datetime) -> list[str]:
    """Post the receipt to the pupil's legal guardians, or to the pupil of age, each once; to which addresses.

    Rule L5. Raises Refused: those of `draw_receipt`, receipt_not_sent (the pupil has died), receipt_without_address,
    receipt_sent.
    """
    record = seen_record(record_id, actor)
    known = _addresses(record.pupil, now) if record.pupil else []
    if not known:
        raise Refused("receipt_without_address")
    name = f"recu-{record.serial}.pdf"
    addresses = [each for each in known if each not in _written_to(record, name)]
    if not addresses:
        raise Refused("receipt_sent")
    kept = storage.put(draw_receipt(record_id, actor=actor, now=now), kind=KIND, suffix=".pdf")
    letter = receipt_letter(_received(record), today=local_date(now), settings=settings_in_force(local_date(now)))
    try:
        with database.atomic():
            for address in addresses:
                mail.post(
                    address, letter.subject, letter.body, now, pupil=record.pupil_id,
                    attachment=kept.key, attachment_name=name,
                )  # fmt: skip
    except BaseException:
        storage.delete(kept.key)
        raise
    return addresses


def _received(record: ReturnRecord) -> Received:
    missing = [_ACCESSORIES[each] for each in record.missing]
    return Received(record.serial, local_date(record.received_at), missing, still_owed(record.pupil_id))


def _written_to(record: ReturnRecord, name: str) -> set[str]:
    """The addresses that this return's receipt went to already, or is on its way to."""
    this = (OutboxMail.pupil == record.pupil_id) & (OutboxMail.attachment_name == name)
    since = (OutboxMail.created_at >= record.received_at) & OutboxMail.failed_at.is_null()
    return {address for (address,) in OutboxMail.select(OutboxMail.recipient).where(this, since).tuples()}


def _addresses(pupil: Pupil, now: datetime) -> list[str]:
    guardians = Guardian.select().where(Guardian.pupil == pupil)
    contacts = [Contact(each.id, each.email, each.legal, each.rank) for each in guardians]
    found = reach(pupil.birth_date, pupil.email, contacts, deceased=pupil.deceased, today=local_date(now))
    if found.unreachable is Unreachable.DECEASED:
        raise Refused("receipt_not_sent", rule="L5")
    return [each.address for each in found.recipients]
