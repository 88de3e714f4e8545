"""`tracker mail bounced` as a mail server's pipe calls it; on both engines."""

from email.message import EmailMessage

import pytest
from click.testing import CliRunner

from tests.factories import NOW
from tracker.cli import main
from tracker.models.database import connected, database, open_database
from tracker.models.mail import OutboxMail
from tracker.operations import mail


@pytest.fixture
def bounced(db_url, tmp_path, monkeypatch):
    """bounced(RAW) → the result of the command that gets these bytes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", db_url)
    monkeypatch.setenv("TRACKER_VAR_DIR", str(tmp_path))
    open_database(db_url)
    yield lambda raw: CliRunner().invoke(main, ["mail", "bounced"], input=raw)
    database.close_all()


@pytest.fixture
def posted(bounced) -> OutboxMail:
    with connected():
        return mail.post("lea@example.org", "Subject", "Body", NOW)


def report(key: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example.org\r\nTo: bounces@example.org\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt was not delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; lea@example.org\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{key}@tracker.example.org>\r\n\r\n--b--\r\n"
    ).encode()


def noted() -> OutboxMail:
    with connected():
        return OutboxMail.get()


def test_a_report_is_noted_on_the_mail_that_it_is_about(bounced, posted):
    result = bounced(report(mail.key_of(posted)))
    assert (result.exit_code, str(posted.id) in result.output) == (0, True)
    assert "lea@example.org" not in result.output
    assert noted().failed_at is not None
    assert noted().last_error.startswith("5.1.1")


def test_a_mail_that_is_still_tried_is_not_given_up(bounced, posted):
    assert bounced(report(mail.key_of(posted), "delayed", "4.4.1")).exit_code == 0
    assert (noted().failed_at, noted().last_error[:5]) == (None, "4.4.1")


def answer_of_a_person() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "mother@example.org", "Re: Convention"
    message.set_content("Bonjour, je ne comprends pas.")
    return message.as_bytes()


@pytest.mark.parametrize("raw", [answer_of_a_person(), b"", b"\xff\x00 no mail", report("999.20261005090000000000")])
def test_whatever_else_comes_is_taken_and_nothing_is_noted(bounced, posted, raw):
    assert bounced(raw).exit_code == 0
    assert (noted().failed_at, noted().last_error) == (None, "")


def test_a_long_mail_is_read_to_its_end(bounced, posted):
    assert bounced(report(mail.key_of(posted)) + b"x" * 11_000_000).exit_code == 0
    assert noted().failed_at is not None


def test_while_the_database_does_not_answer_the_server_is_to_come_back(bounced, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/absent/folder/tracker.db")
    result = bounced(report("1.20261005090000000000"))
    assert result.exit_code == 75
    assert "Traceback" not in result.output


def test_what_is_no_report_needs_no_database(bounced, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/absent/folder/tracker.db")
    assert bounced(answer_of_a_person()).exit_code == 0
