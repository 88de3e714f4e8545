"""Photographs of a device that came back, kept with its return."""

from collections.abc import Iterable
from datetime import datetime

from tracker.models.attachments import Attachment
from tracker.models.database import database
from tracker.operations.attachments import Subject, attach
from tracker.operations.return_receipts import seen_record
from tracker.rules.access import Actor
from tracker.rules.cases import DocumentKind
from tracker.rules.refusals import Refused
from tracker.storage.storage import Storage


def add_photos(
    record_id: int, photos: Iterable[tuple[str, bytes]], *, storage: Storage, actor: Actor, now: datetime
) -> int:
    """Keep the photographs (file name, content) with the return, all of them or none; how many.

    Raises Refused: not_found, photos_missing, attachment_….
    """
    subject, added = Subject(record=seen_record(record_id, actor)), 0
    with database.atomic():
        for name, data in photos:
            attach(data, name, DocumentKind.PHOTO, subject, storage=storage, actor=actor, now=now)
            added += 1
    if not added:
        raise Refused("photos_missing")
    return added


def photos_of(record_id: int) -> list[Attachment]:
    """The photographs of a return, in the order in which they were added."""
    return list(Attachment.select().where(Attachment.record == record_id).order_by(Attachment.id))


def photo(record_id: int, attachment_id: int, actor: Actor) -> Attachment:
    """One photograph of a return that the person may see. Raises Refused not_found."""
    seen_record(record_id, actor)
    found = Attachment.get_or_none(Attachment.id == attachment_id, Attachment.record == record_id)
    if found is None:
        raise Refused("not_found")
    return found
