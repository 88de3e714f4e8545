"""Reports of mail servers about mail that did not arrive."""

from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.mail.bounces import LONGEST_WORDS, Bounce, read_bounce
from tracker.mail.mailer import Attachment, Message

KEY = "48211.20261121215357012345"
MINE = Message(KEY, "lea.martin@example.org", "Convention de prêt", "Bonjour Léa\n").as_mail("Pack <pack@example.net>")

REPORT = """\
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: pack@example.net
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="A/b"

--A/b
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

--A/b
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4F1C2
Arrival-Date: Sat, 21 Nov 2026 21:53:57 +0000 (UTC)

Final-Recipient: rfc822; {final}
Original-Recipient: rfc822;lea.martin@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; {diagnosis}

--A/b
Content-Description: Undelivered Message
Content-Type: {original}

{headers}
--A/b--
"""
UNKNOWN = "550 5.1.1 <lea.martin@example.org>: Recipient address rejected:\n    User lea.martin unknown"


def report(**changes: str) -> bytes:
    values = {
        "final": "l.martin@mail.example.org",
        "action": "failed",
        "status": "5.1.1",
        "diagnosis": UNKNOWN,
        "original": "message/rfc822",
        "headers": MINE.as_string(),
    }
    return REPORT.format(**values | changes).encode()


def read(raw: bytes) -> Bounce:
    bounce = read_bounce(raw)
    assert bounce is not None
    return bounce


def test_a_report_says_which_mail_whom_why_and_for_good():
    words = "550 5.1.1 … Recipient address rejected: User … unknown"
    assert read(report()) == Bounce(KEY, "lea.martin@example.org", "5.1.1", permanent=True, words=words)


def test_a_report_that_returns_headers_only_is_read_as_well():
    assert read(report(original="text/rfc822-headers")).key == KEY


def test_a_report_that_returns_nothing_is_known_by_what_it_answers():
    raw = report(original="text/plain", headers="(removed)")
    assert read_bounce(raw) is None
    assert read(b"In-Reply-To: <" + KEY.encode() + b"@example.net>\n" + raw).key == KEY
    assert read(b"References: <a@b> <" + KEY.encode() + b"@example.net>\n" + raw).key == KEY


def test_a_mail_with_attachments_that_comes_back_is_read():
    paper = Attachment("Convention.pdf", "application/pdf", bytes(50_000))
    mine = Message(KEY, "lea.martin@example.org", "Prêt", "Bonjour\n", (paper,)).as_mail("pack@example.net")
    assert read(report(headers=mine.as_string())).key == KEY


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [("failed", "5.2.2", True), ("Failed", "4.4.7", True), ("delayed", "4.4.1", False)],
)
def test_given_up_is_for_good_and_delayed_is_not(action, status, permanent):
    bounce = read(report(action=action, status=status))
    assert (bounce.status, bounce.permanent) == (status, permanent)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "nonsense", ""])
def test_good_news_is_no_bounce(action):
    assert read_bounce(report(action=action, status="2.0.0")) is None


def test_of_several_recipients_the_one_given_up_counts():
    delayed = "Final-Recipient: rfc822; other@example.org\nAction: delayed\nStatus: 4.4.1\n\nFinal-Recipient: rfc822;"
    bounce = read(report().replace(b"Final-Recipient: rfc822;", delayed.encode()))
    assert (bounce.recipient, bounce.status) == ("lea.martin@example.org", "5.1.1")


def test_fields_that_are_missing_are_empty():
    raw = report(diagnosis="", status="", final="").replace(b"Original-Recipient: rfc822;lea.martin@example.org\n", b"")
    assert read(raw) == Bounce(KEY, "", "", permanent=True, words="")


@pytest.mark.parametrize(
    ("diagnosis", "words"),
    [
        ("550 No such mailbox LEA.MARTIN", "550 No such mailbox …"),
        ("552 <lea.martin@example.org> and x@y.fr over quota", "552 … and … over quota"),
        ("550 \x1b[31mred\x00 \xe9t\xe9", "550 [31mred été"),
        ("550 " + "long " * 500, ("550 " + "long " * 500)[:LONGEST_WORDS]),
    ],
)
def test_the_servers_words_are_short_printable_and_hold_no_address(diagnosis, words):
    assert read(report(diagnosis=diagnosis)).words == words


QMAIL = f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: pack@example.net
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net; postmaster@mx.example.net knows more.
I'm afraid I wasn't able to deliver your message to the following addresses.

<lea.martin@example.org>:
192.0.2.15 does not like recipient.
Remote host said: 550 sorry, no mailbox here by that name.
Giving up on 192.0.2.15.

--- Below this line is a copy of the message.

{MINE.as_string()}
"""
EXIM = f"""\
X-Failed-Recipients: lea.martin@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered to one or more of its recipients.

  lea.martin@example.org
    mailbox is full: retry timeout exceeded

------ This is a copy of the message, including all the headers. ------

{MINE.as_string()}
"""


def test_a_notice_of_qmail_is_understood():
    words = "Remote host said: 550 sorry, no mailbox here by that name."
    assert read(QMAIL.encode()) == Bounce(KEY, "lea.martin@example.org", "5.0.0", permanent=True, words=words)


def test_a_notice_of_exim_is_understood():
    assert read(EXIM.encode()) == Bounce(KEY, "lea.martin@example.org", "", permanent=True, words="")


def test_a_notice_in_base64_with_the_original_beside_it_is_understood():
    notice = MIMEMultipart()
    notice["From"] = "postmaster@example.org"
    notice.attach(MIMEText("Échec : status=5.7.1 Accès refusé.", "plain", "utf-8"))
    notice.attach(MIMEMessage(MINE))
    bounce = read(bytes(notice))
    assert (bounce.key, bounce.status, bounce.permanent) == (KEY, "5.7.1", True)


def test_a_warning_that_the_server_still_tries_is_not_for_good():
    raw = QMAIL.replace("550 sorry", "451 4.7.1 greylisted, will be retried, sorry")
    bounce = read(raw.encode())
    assert (bounce.status, bounce.permanent) == ("4.7.1", False)


def answer(sender: str, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["In-Reply-To"] = sender, "pack@example.net", MINE["Message-ID"]
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("I am away until 5.1.1 o'clock; room 550 is empty.\n\n" + MINE.as_string())
    return bytes(mail)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no mail at all",
        MINE.as_bytes(),
        answer("Léa <lea.martin@example.org>"),
        answer("lea.martin@example.org", Auto_Submitted="auto-replied", Return_Path="<>"),
        QMAIL.replace(KEY, "CAF0x7g").encode(),
        report(headers=MINE.as_string().replace(KEY, "CAF0x7g")),
    ],
    ids=["nothing", "no mail", "our mail", "an answer", "on holiday", "another's mail", "another's report"],
)
def test_what_is_no_report_about_our_mail_is_none(raw):
    assert read_bounce(raw) is None


def test_a_mail_that_nests_without_end_is_none():
    assert read_bounce(b"Content-Type: message/rfc822\n\n" * 20_000) is None


def test_a_part_that_cannot_be_decoded_is_none():
    broken = "Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 x\nM\x7f\x7f\x7f\nend\n"
    assert read_bounce(b"From: mailer-daemon@x.fr\n" + broken.encode()) is None


def test_an_endless_line_is_read_in_a_blink():
    raw = QMAIL.replace("Giving up", "a" * 3_000_000 + " Giving up").encode()
    assert read(raw).key == KEY


@given(st.binary(max_size=2000))
def test_no_bytes_whatever_raise(raw):
    assert read_bounce(raw) is None


@given(st.data())
def test_a_damaged_report_never_raises(data):
    raw = bytearray(data.draw(st.sampled_from([report(), QMAIL.encode(), EXIM.encode()])))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    bounce = read_bounce(bytes(raw))
    assert bounce is None or (len(bounce.words) <= LONGEST_WORDS and "@" not in bounce.words)
