"""The outbox: each mail leaves once, or is tried again, or is given up; on both engines."""

import threading
from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.mail.servers import Post, mail_server
from tracker import logs
from tracker.mail.bounces import Bounce
from tracker.mail.mailer import CannotSend, Message, NeverAccepted
from tracker.mail.smtp import SmtpMailer
from tracker.models.database import connected, database
from tracker.models.mail import OutboxMail
from tracker.operations import mail
from tracker.queries.mail import given_up, waiting
from tracker.rules.mail import LEASE, MOST_ATTEMPTS
from tracker.storage.local import LocalStorage

pytestmark = pytest.mark.usefixtures("db")


class Pigeon:
    """Takes every mail, or fails with the error that it was given."""

    def __init__(self, error: CannotSend | None = None) -> None:
        self.error = error
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        if self.error:
            raise self.error
        self.sent.append(message)


def post(now=NOW) -> OutboxMail:
    return mail.post("lea@example.org", "Subject", "Body", now)


def test_a_posted_mail_leaves_once_and_then_nothing_is_due():
    post()
    pigeon = Pigeon()
    assert mail.deliver_next(pigeon, now=NOW).sent_at == NOW
    assert mail.deliver_next(pigeon, now=NOW + timedelta(days=1)) is None
    assert [(sent.recipient, sent.subject, sent.body) for sent in pigeon.sent] == [
        ("lea@example.org", "Subject", "Body")
    ]
    assert waiting() == 0


def test_a_mail_of_an_operation_that_failed_never_leaves():
    with database.atomic() as operation:
        post()
        operation.rollback()
    assert mail.deliver_next(Pigeon(), now=NOW) is None


def test_a_mail_that_does_not_leave_is_tried_again_later_each_time_with_the_same_key():
    post()
    assert mail.deliver_next(Pigeon(CannotSend("SMTPConnectError 421")), now=NOW).last_error == "SMTPConnectError 421"
    assert mail.deliver_next(Pigeon(), now=NOW + timedelta(seconds=59)) is None
    pigeon = Pigeon()
    assert mail.deliver_next(pigeon, now=NOW + timedelta(seconds=60)).attempts == 2
    row = OutboxMail.get()
    assert pigeon.sent[0].key == f"{row.id}.{row.created_at:%Y%m%d%H%M%S%f}"
    assert row.last_error == ""


def test_it_is_given_up_after_the_last_attempt_with_the_last_error():
    post()
    now, attempts = NOW, 0
    while mail.deliver_next(Pigeon(CannotSend("OSError")), now=now):
        attempts += 1
        now += timedelta(hours=6)
    assert (attempts, given_up(), waiting()) == (MOST_ATTEMPTS, [("OSError", 1)], 0)


def test_a_recipient_refused_for_good_is_given_up_at_once():
    post()
    assert mail.deliver_next(Pigeon(NeverAccepted("recipient refused 550")), now=NOW).failed_at == NOW


def test_one_mail_that_fails_does_not_hold_up_the_next():
    post()
    mail.deliver_next(Pigeon(CannotSend("OSError")), now=NOW)
    second = post()
    assert mail.deliver_next(Pigeon(), now=NOW).id == second.id


def test_a_process_that_dies_while_it_sends_leaves_a_mail_that_is_tried_again():
    post()

    class Dies(Pigeon):
        def send(self, message: Message) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mail.deliver_next(Dies(), now=NOW)
    assert mail.deliver_next(Pigeon(), now=NOW + LEASE - timedelta(seconds=1)) is None
    assert mail.deliver_next(Pigeon(), now=NOW + LEASE).sent_at is not None


def test_two_consumers_at_the_same_time_never_send_the_same_mail():
    for _ in range(20):
        post()
    pigeon, start = Pigeon(), threading.Barrier(2)

    def deliver() -> None:
        with connected():
            start.wait()
            while mail.deliver_next(pigeon, now=NOW):
                pass

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [message.key for message in pigeon.sent]
    assert len(keys) == len(set(keys)) == 20


def test_a_real_mail_server_that_was_away_gets_the_mail_when_it_is_back():
    post()
    away, back = Post("450 not now"), Post()
    with mail_server(away) as port:
        assert mail.deliver_next(SmtpMailer("127.0.0.1", port, sender="t@example.org"), now=NOW).sent_at is None
    with mail_server(back) as port:
        later = NOW + timedelta(minutes=1)
        assert mail.deliver_next(SmtpMailer("127.0.0.1", port, sender="t@example.org"), now=later).sent_at == later
    assert len(back.taken) == 1


def test_neither_address_nor_content_is_logged(capfd):
    logs.configure(as_json=False)
    post()
    mail.deliver_next(Pigeon(CannotSend("OSError")), now=NOW)
    mail.deliver_next(Pigeon(), now=NOW + timedelta(minutes=1))
    written = "".join(capfd.readouterr())
    assert "mail sent" in written
    for word in ("lea@example.org", "Subject", "Body"):
        assert word not in written


def test_an_attachment_leaves_as_it_was_kept(tmp_path):
    storage = LocalStorage(tmp_path)
    kept = storage.put(b"%PDF-1.7", kind="agreements", suffix=".pdf")
    mail.post("lea@example.org", "Subject", "Body", NOW, attachment=kept.key, attachment_name="agreement.pdf")
    pigeon = Pigeon()
    mail.deliver_next(pigeon, now=NOW, storage=storage)
    sent = pigeon.sent[0].attachments[0]
    assert (sent.name, sent.media_type, sent.data) == ("agreement.pdf", "application/pdf", b"%PDF-1.7")


def test_a_mail_whose_attachment_is_gone_is_given_up_and_the_next_one_leaves(tmp_path):
    storage = LocalStorage(tmp_path)
    kept = storage.put(b"%PDF-1.7", kind="agreements", suffix=".pdf")
    mail.post("lea@example.org", "Subject", "Body", NOW, attachment=kept.key)
    storage.delete(kept.key)
    post()
    assert mail.deliver_next(Pigeon(), now=NOW, storage=storage).failed_at == NOW
    assert mail.deliver_next(Pigeon(), now=NOW, storage=storage).sent_at == NOW


def delivered() -> OutboxMail:
    post()
    return mail.deliver_next(Pigeon(), now=NOW)


def bounce(row: OutboxMail, *, permanent: bool = True, key: str = "") -> Bounce:
    return Bounce(
        key or mail.key_of(row), "lea@example.org", "5.1.1" if permanent else "4.4.1", permanent, "no such user"
    )


def test_a_mail_that_came_back_has_failed_since_then_with_the_servers_words():
    row, later = delivered(), NOW + timedelta(hours=1)
    mail.note_bounce(bounce(row), now=later)
    found = OutboxMail.get()
    assert (found.failed_at, found.last_error, found.sent_at) == (later, "5.1.1 no such user", NOW)
    mail.note_bounce(bounce(row), now=later + timedelta(hours=1))
    assert OutboxMail.get().failed_at == later
    assert mail.deliver_next(Pigeon(), now=later + timedelta(days=2)) is None


def test_a_mail_that_servers_still_try_has_not_failed():
    mail.note_bounce(bounce(delivered(), permanent=False), now=NOW)
    assert (OutboxMail.get().failed_at, OutboxMail.get().last_error) == (None, "4.4.1 no such user")


@pytest.mark.parametrize("key", ["999.20261005090000000000", "{id}.20200101000000000000"])
def test_a_report_about_a_mail_of_others_changes_nothing(key):
    row = delivered()
    assert mail.note_bounce(bounce(row, key=key.format(id=row.id)), now=NOW) is None
    assert OutboxMail.get().failed_at is None


def test_what_a_delivered_mail_said_is_forgotten_and_what_waits_is_kept(db):
    delivered, waiting = (mail.post(f"{name}@example.org", "Subject", "A code", NOW) for name in ("lea", "paul"))
    mail.deliver_next(Pigeon(), now=NOW)
    assert [OutboxMail.get_by_id(each.id).body for each in (delivered, waiting)] == ["", "A code"]
