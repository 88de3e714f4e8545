"""Mail that stays on this machine."""

import email
import email.policy
import io
from dataclasses import replace

import pytest

from tests.conftest import make_settings
from tracker.mail.choice import open_mailer
from tracker.mail.local import ConsoleMailer, FileMailer
from tracker.mail.mailer import Attachment, CannotSend, Message
from tracker.mail.smtp import SmtpMailer

MESSAGE = Message("7.20261005", "lea@example.org", "Prêt", "Bonjour Léa\n")


def test_a_mail_becomes_one_file_that_mail_programs_open(tmp_path):
    mailer = FileMailer(tmp_path / "mail", "tracker@localhost")
    mailer.send(MESSAGE)
    mailer.send(MESSAGE)
    (file,) = (tmp_path / "mail").iterdir()
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (file.suffix, mail["Subject"], mail.get_content()) == (".eml", "Prêt", "Bonjour Léa\n")


def test_a_folder_that_cannot_be_made_is_worth_another_try(tmp_path):
    (tmp_path / "mail").write_text("a file in its place")
    with pytest.raises(CannotSend):
        FileMailer(tmp_path / "mail", "tracker@localhost").send(MESSAGE)


def test_the_console_shows_the_mail_in_plain_text():
    screen = io.StringIO()
    ConsoleMailer("tracker@localhost", screen).send(MESSAGE)
    assert "To: lea@example.org" in screen.getvalue()
    assert "Bonjour Léa" in screen.getvalue()


@pytest.mark.parametrize(("backend", "kind"), [("file", FileMailer), ("console", ConsoleMailer), ("smtp", SmtpMailer)])
def test_the_setting_chooses_how_mail_is_sent(tmp_path, backend, kind):
    assert isinstance(open_mailer(make_settings("sqlite:///x", tmp_path, mail_backend=backend)), kind)


def test_a_file_keeps_the_attachments(tmp_path):
    mailer = FileMailer(tmp_path / "mail", "tracker@localhost")
    mailer.send(replace(MESSAGE, attachments=(Attachment("Prêt.pdf", "application/pdf", b"%PDF-\xff"),)))
    (file,) = (tmp_path / "mail").iterdir()
    (part,) = email.message_from_bytes(file.read_bytes(), policy=email.policy.default).iter_attachments()
    assert (part.get_filename(), part.get_payload(decode=True)) == ("Prêt.pdf", b"%PDF-\xff")


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a\r\nBcc: x@y.fr", "a Bcc: x@y.fr"), ("../../etc/passwd", "..-..-etc-passwd"), ('a"b;c=d.pdf', 'a"b;c=d.pdf')],
)
def test_no_name_of_a_file_adds_a_header_or_a_folder(name, safe):
    mail = replace(MESSAGE, attachments=(Attachment(name, "application/pdf", b"x"),)).as_mail("tracker@localhost")
    sent = email.message_from_bytes(bytes(mail), policy=email.policy.default)
    (part,) = sent.iter_attachments()
    assert (part.get_filename(), sent["Bcc"], part["Bcc"]) == (safe, None, None)


def test_the_console_names_the_attachments_and_where_answers_go():
    screen = io.StringIO()
    paper = Attachment("Prêt.pdf", "application/pdf", b"%PDF-")
    ConsoleMailer("tracker@localhost", screen).send(
        replace(MESSAGE, attachments=(paper,), reply_to="lycee@example.org")
    )
    assert "Reply-To: lycee@example.org\nSubject: Prêt\n" in screen.getvalue()
    assert "[Prêt.pdf, 5 bytes]" in screen.getvalue()
    assert "%PDF" not in screen.getvalue()
