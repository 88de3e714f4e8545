"""What the outbox holds: figures only."""

import peewee

from tracker.models.mail import OutboxMail


def waiting() -> int:
    """How many mails are still to be delivered."""
    return OutboxMail.select().where(OutboxMail.sent_at.is_null(), OutboxMail.failed_at.is_null()).count()


def given_up() -> list[tuple[str, int]]:
    """The last errors of the mails that were given up, with how many each."""
    number = peewee.fn.COUNT(OutboxMail.id)
    rows = OutboxMail.select(OutboxMail.last_error, number).where(OutboxMail.failed_at.is_null(False))
    return list(rows.group_by(OutboxMail.last_error).order_by(OutboxMail.last_error).tuples())
