"""The outbox: mail written with the operation that sends it, delivered once by whoever comes first."""

from datetime import datetime

import structlog
from peewee import ModelSelect

from tracker.mail.bounces import Bounce
from tracker.mail.mailer import Attachment, CannotSend, Mailer, Message, NeverAccepted
from tracker.models.database import database, is_postgres
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Pupil
from tracker.operations import withholding
from tracker.rules.mail import LEASE, retry_after
from tracker.storage.storage import FileMissing, Storage

log = structlog.get_logger()

PDF = "application/pdf"


def post(
    recipient: str,
    subject: str,
    body: str,
    now: datetime,
    *,
    pupil: Pupil | int | None = None,
    attachment: str | None = None,
    attachment_name: str | None = None,
) -> OutboxMail:
    """Write the mail into the outbox; call it inside the operation's transaction.

    `attachment` is the key of a kept PDF. `pupil`: whom it is about (L5).
    """
    return OutboxMail.create(
        recipient=recipient, subject=subject, body=body, created_at=now, not_before=now, pupil=pupil,
        attachment=attachment, attachment_name=attachment_name,
    )  # fmt: skip


def deliver_next(mailer: Mailer, *, now: datetime, storage: Storage | None = None) -> OutboxMail | None:
    """Try the mail that is due for longest; None when none is. Two processes never try the same one.

    Rule L5. A mail about a pupil who has died meanwhile is given up instead. `storage` holds the attachments.
    """
    mail = _claim(now)
    if mail is None or mail.failed_at:
        return mail
    try:
        # Outside of any transaction: a slow mail server must not hold up the database.
        mailer.send(_message(mail, storage))
    except CannotSend as error:
        _note_failure(mail, error, now)
    else:
        # Personal links and codes are the recipient's from now on: what is delivered is forgotten here.
        mail.sent_at, mail.last_error, mail.body = now, "", ""
        mail.save(only=(OutboxMail.sent_at, OutboxMail.last_error, OutboxMail.body))
        log.info("mail sent", mail=mail.id, attempts=mail.attempts)
    return mail


def note_bounce(bounce: Bounce, *, now: datetime) -> OutboxMail | None:
    """Note on the mail what a mail server reports of it; None when there is no such mail (any more)."""
    mail = OutboxMail.get_or_none(OutboxMail.id == int(bounce.key.partition(".")[0]))
    if mail is None or key_of(mail) != bounce.key:
        return None
    mail.last_error = " ".join(filter(None, (bounce.status, bounce.words))) or "returned"
    if bounce.permanent:
        mail.failed_at = mail.failed_at or now
    mail.save(only=(OutboxMail.last_error, OutboxMail.failed_at))
    log.info("mail came back", mail=mail.id, status=bounce.status, given_up=bounce.permanent)
    return mail


def key_of(mail: OutboxMail) -> str:
    """What names this mail in its Message-ID, the same at each attempt."""
    return f"{mail.id}.{mail.created_at:%Y%m%d%H%M%S%f}"


def _message(mail: OutboxMail, storage: Storage | None) -> Message:
    return Message(key_of(mail), mail.recipient, mail.subject, mail.body, _attachments(mail, storage))


def _attachments(mail: OutboxMail, storage: Storage | None) -> tuple[Attachment, ...]:
    if mail.attachment is None:
        return ()
    if storage is None:
        raise CannotSend("no storage to read the attachment from")
    try:
        return (Attachment(mail.attachment_name or "document.pdf", PDF, storage.read(mail.attachment)),)
    except FileMissing:
        raise NeverAccepted("the attachment is not kept any more") from None


def _claim(now: datetime) -> OutboxMail | None:
    """Count the attempt first: a process that dies while it sends leaves a mail that is tried again later."""
    with database.atomic():
        mail = _held(_due(now).limit(1)).first()
        if mail and withholding.must_stay(mail):
            withholding.give_up(mail, now)
        elif mail:
            mail.attempts += 1
            mail.not_before = now + LEASE
            mail.save(only=(OutboxMail.attempts, OutboxMail.not_before))
        return mail


def _due(now: datetime) -> ModelSelect:
    waiting = OutboxMail.sent_at.is_null() & OutboxMail.failed_at.is_null() & (OutboxMail.not_before <= now)
    return OutboxMail.select().where(waiting).order_by(OutboxMail.not_before, OutboxMail.id)


def _held(query: ModelSelect) -> ModelSelect:
    return query.for_update(skip_locked=True) if is_postgres() else query


def _note_failure(mail: OutboxMail, error: CannotSend, now: datetime) -> None:
    wait = None if isinstance(error, NeverAccepted) else retry_after(mail.attempts)
    mail.last_error = str(error)
    if wait is None:
        mail.failed_at = now
    else:
        mail.not_before = now + wait
    mail.save(only=(OutboxMail.last_error, OutboxMail.failed_at, OutboxMail.not_before))
    log.warning("mail not sent", mail=mail.id, attempts=mail.attempts, error=mail.last_error, given_up=wait is None)
