"""Files that people add to a case, a return or a batch: checked by what they hold, drawn anew, kept."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import cv2
import structlog

from tracker.models.attachments import Attachment
from tracker.models.cases import DeviceCase
from tracker.models.database import database
from tracker.models.returns import ReturnRecord
from tracker.models.reuse import Batch
from tracker.rules.access import Actor
from tracker.rules.cases import DocumentKind
from tracker.rules.refusals import Refused
from tracker.scanning.images import photograph
from tracker.scanning.piles import pages_of
from tracker.scanning.symbols import UnreadableImage, UnreadablePile
from tracker.storage.storage import Storage
from tracker.typesetting import joined_pictures

log = structlog.get_logger()

KEPT = "attachments"
MOST_BYTES = 20_000_000
MOST_PAGES = 20
MOST_FILES = 12
"""Of one case, return or batch."""

JPEG, PDF = "image/jpeg", "application/pdf"
_SUFFIXES = {JPEG: ".jpg", PDF: ".pdf"}
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Subject:
    """What a file belongs to: one of the three."""

    case: DeviceCase | None = None
    record: ReturnRecord | None = None
    batch: Batch | None = None


def attach(
    data: bytes, file_name: str, kind: DocumentKind, subject: Subject, *, storage: Storage, actor: Actor, now: datetime
) -> Attachment:
    """Rules R2, U1. Keep a file with its subject. Outside of any transaction: drawing takes its time.

    What is kept is the file's pages drawn anew: whatever else it held (scripts, forms, the place of a photograph) is
    gone. `digest` is the SHA-256 of what was sent. Raises Refused: attachment_… where it cannot be opened,
    attachment_known, attachments_too_many.
    """
    digest = hashlib.sha256(data).hexdigest()
    _check_room(subject, digest)
    kept, media_type = drawn_anew(data)
    stored = storage.put(kept, kind=KEPT, suffix=_SUFFIXES[media_type])
    row: dict[str, Any] = {
        "kind": kind,
        "file_name": plain_name(file_name),
        "file": stored.key,
        "media_type": media_type,
    }
    row |= {"digest": digest, "size": stored.size, "added_by": actor.user_id, "added_at": now}
    try:
        with database.atomic():
            _check_room(subject, digest)
            made = Attachment.create(case=subject.case, record=subject.record, batch=subject.batch, **row)
    except BaseException:
        storage.delete(stored.key)
        raise
    log.info("file attached", kind=kind, by=actor.user_id)
    return made


def plain_name(file_name: str) -> str:
    """The name without folders, and without signs that a header or a list could stumble over."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable() and sign not in '"<>')[-_LONGEST_NAME:] or "document"


def of_subject(subject: Subject) -> tuple[bool, ...]:
    """The condition of the files of one case, return or batch."""
    return (Attachment.case == subject.case, Attachment.record == subject.record, Attachment.batch == subject.batch)


def _check_room(subject: Subject, digest: str) -> None:
    digests = [row.digest for row in Attachment.select(Attachment.digest).where(*of_subject(subject))]
    if digest in digests:
        raise Refused("attachment_known")
    if len(digests) >= MOST_FILES:
        raise Refused("attachments_too_many", most=MOST_FILES)


def drawn_anew(data: bytes) -> tuple[bytes, str]:
    """The pages of the file as fresh pictures: one photograph in colour as a JPEG, anything else as a PDF.

    Raises Refused attachment_… for what is no PDF, JPEG, PNG or TIFF, or cannot be drawn whole.
    """
    if len(data) > MOST_BYTES:
        raise Refused("attachment_too_big", most=MOST_BYTES // 1_000_000)
    try:
        return _as_jpeg(data), JPEG
    except UnreadableImage as error:
        if error.reason not in ("format", "empty"):
            raise Refused("attachment_broken") from None
    try:
        return joined_pictures(list(pages_of(data, most=MOST_PAGES))), PDF
    except UnreadablePile as error:
        raise Refused(f"attachment_{_REASONS.get(error.reason, 'broken')}", most=MOST_PAGES) from None


def _as_jpeg(data: bytes) -> bytes:
    return cv2.imencode(".jpg", photograph(data), [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


_REASONS = {
    "empty": "empty",
    "not_a_scan": "format",
    "heic": "heic",
    "encrypted_pdf": "encrypted",
    "too_many_pages": "too_long",
}
"""A reading's reason → the refusal's."""
