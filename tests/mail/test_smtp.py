"""Mail through a real mail server."""

import email
import email.policy
import socket
from dataclasses import replace

import pytest

from tests.conftest import make_settings
from tests.factories import NOW
from tests.mail.servers import Post, mail_server, only, tls
from tracker.mail.choice import open_mailer
from tracker.mail.mailer import Attachment, CannotSend, Message, NeverAccepted
from tracker.mail.smtp import SmtpMailer

MESSAGE = Message("7.20261005", "lea@example.org", "Prêt d’un ordinateur", "Bonjour Léa,\nvoici l’adresse.\n")
SENDER = "Pack Numérique <tracker@example.net>"


def mailer(port: int, **options) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, sender=SENDER, **options)


def test_the_mail_arrives_as_it_was_written_with_its_accents():
    post = Post()
    with mail_server(post) as port:
        mailer(port).send(MESSAGE)
    ((_, envelope),) = post.taken
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert envelope.rcpt_tos == ["lea@example.org"]
    assert (mail["Subject"], mail["To"]) == (MESSAGE.subject, MESSAGE.recipient)
    assert mail["Message-ID"] == "<7.20261005@example.net>"
    assert mail.get_content().replace("\r\n", "\n") == MESSAGE.body


def test_with_starttls_the_mail_and_the_password_travel_encrypted(tmp_path):
    post = Post()
    server, client = tls(tmp_path, NOW)
    options = {
        "tls_context": server,
        "require_starttls": True,
        "authenticator": only("me", "secret"),
        "auth_required": True,
    }
    with mail_server(post, **options) as port:
        mailer(port, starttls=True, user="me", password="secret", trust=client).send(MESSAGE)
    assert [encrypted for encrypted, _ in post.taken] == [True]


def refused(port: int, **options) -> CannotSend:
    with pytest.raises(CannotSend) as caught:
        mailer(port, **options).send(MESSAGE)
    assert "example" not in str(caught.value)
    assert not isinstance(caught.value, NeverAccepted)
    return caught.value


def test_a_server_without_starttls_gets_nothing_when_encryption_was_asked_for():
    post = Post()
    with mail_server(post) as port:
        refused(port, starttls=True)
    assert post.taken == []


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    post = Post()
    server, _client = tls(tmp_path, NOW)
    with mail_server(post, tls_context=server) as port:
        refused(port, starttls=True)
    assert post.taken == []


def test_a_wrong_password_is_said_with_the_servers_code(tmp_path):
    post = Post()
    server, client = tls(tmp_path, NOW)
    options = {"tls_context": server, "authenticator": only("me", "secret"), "auth_required": True}
    with mail_server(post, **options) as port:
        error = refused(port, starttls=True, user="me", password="guess", trust=client)
    assert str(error) == "SMTPAuthenticationError 535"


def test_no_server_at_all_is_worth_another_try():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused(unused.getsockname()[1])


def test_a_recipient_refused_for_now_is_worth_another_try():
    with mail_server(Post("450 mailbox busy")) as port:
        refused(port)


def test_a_recipient_refused_for_good_is_never_tried_again():
    with mail_server(Post("550 no such user lea@example.org")) as port, pytest.raises(NeverAccepted) as caught:
        mailer(port).send(MESSAGE)
    assert str(caught.value) == "recipient refused 550"


PAPERS = (
    Attachment("Convention de Zoé Ÿvetot.pdf", "application/pdf", b"%PDF-1.7\r\n\x00\xff" + bytes(5000)),
    Attachment("élèves.csv", "text/csv", "nom;é\r\n".encode("utf-8-sig")),
)


def test_attachments_arrive_byte_for_byte_under_their_names_with_accents():
    post = Post()
    with mail_server(post) as port:
        mailer(port).send(replace(MESSAGE, attachments=PAPERS, reply_to="Lycée <secretariat@example.org>"))
    ((_, envelope),) = post.taken
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    arrived = [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in attached(mail)]
    assert arrived == [(paper.name, paper.media_type, paper.data) for paper in PAPERS]
    assert mail.get_body().get_content().replace("\r\n", "\n") == MESSAGE.body
    assert mail["Reply-To"] == "Lycée <secretariat@example.org>"
    assert envelope.content.partition(b"\r\n\r\n")[0].isascii()


def attached(mail):
    return [part for part in mail.iter_attachments() if part.get_content_disposition() == "attachment"]


def test_reports_go_to_the_address_for_bounces_and_answers_to_the_sender():
    post = Post()
    with mail_server(post) as port:
        mailer(port, bounces_to="bounces@example.net").send(MESSAGE)
        mailer(port).send(MESSAGE)
    assert [envelope.mail_from for _, envelope in post.taken] == ["bounces@example.net", "tracker@example.net"]
    assert b"From: Pack" in post.taken[0][1].content


def test_the_setting_names_the_address_for_bounces(tmp_path):
    post = Post()
    with mail_server(post) as port:
        options = {"mail_backend": "smtp", "smtp_port": port, "mail_bounces_to": "bounces@example.net"}
        open_mailer(make_settings("sqlite:///x", tmp_path, **options)).send(MESSAGE)
    assert post.taken[0][1].mail_from == "bounces@example.net"
