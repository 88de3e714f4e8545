"""The outbox: mail written with the operation that sends it, delivered once by whoever comes first."""

from datetime import datetime

import structlog
from peewee import ModelSelect

from tracker.mail.mailer import CannotSend, Mailer, Message, NeverAccepted
from tracker.models.database import database, is_postgres
from tracker.models.mail import OutboxMail
from tracker.rules.mail import LEASE, retry_after

log = structlog.get_logger()


def post(recipient: str, subject: str, body: str, now: datetime) -> OutboxMail:
    """Write the mail into the outbox; call it inside the operation's transaction."""
    return OutboxMail.create(recipient=recipient, subject=subject, body=body, created_at=now, not_before=now)


def deliver_next(mailer: Mailer, *, now: datetime) -> OutboxMail | None:
    """Try the mail that is due for longest; None when none is. Two processes never try the same one."""
    mail = _claim(now)
    if mail is None:
        return None
    try:
        # Outside of any transaction: a slow mail server must not hold up the database.
        mailer.send(Message(f"{mail.id}.{mail.created_at:%Y%m%d%H%M%S%f}", mail.recipient, mail.subject, mail.body))
    except CannotSend as error:
        _note_failure(mail, error, now)
    else:
        mail.sent_at, mail.last_error = now, ""
        mail.save(only=(OutboxMail.sent_at, OutboxMail.last_error))
        log.info("mail sent", mail=mail.id, attempts=mail.attempts)
    return mail


def _claim(now: datetime) -> OutboxMail | None:
    """Count the attempt first: a process that dies while it sends leaves a mail that is tried again later."""
    with database.atomic():
        mail = _held(_due(now).limit(1)).first()
        if mail:
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
