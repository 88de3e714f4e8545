"""What mail servers report about mail that they could not deliver, read into one value."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Parsed

MOST_BYTES = 10_000_000
"""Of a longer report only the beginning is read; what it reports stands there."""

LONGEST_WORDS = 200
_MESSAGE_ID = re.compile(r"<(\d{1,19}\.\d{8,20})@[^<>@\s]+>")
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"'@]{1,64}@[^\s<>()\[\]:;,\"'@]{1,255}")
_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\d.])([45][0-5]\d)(?=[ -])")
_DIAGNOSIS = re.compile(rf"^.*(?:{_STATUS.pattern}|{_REPLY.pattern}).*$", re.MULTILINE)
_SERVERS = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "maildaemon"})
_STILL_TRYING = re.compile(r"\b(delayed|will (?:be )?(?:retried|retry|keep trying)|still trying|warning)\b", re.I)


@dataclass(frozen=True)
class Bounce:
    """A mail of ours that did not arrive, or not yet.

    `key` is the `Message.key` of that mail. `recipient` may be empty. `status` is an enhanced status code
    (RFC 3463) such as "5.1.1": a first digit 5 says that trying again is no use; empty: not told.
    `permanent`: the servers gave this mail up; else they still try.
    `words` is the server's own short reason, with no address.
    """

    key: str
    recipient: str
    status: str
    permanent: bool
    words: str


def read_bounce(raw: bytes) -> Bounce | None:
    """The failure that a mail reports: a delivery status notification (RFC 3464), or a mail server's plain words.

    None for everything else: answers of people and of machines, receipts, reports of success, bytes that are no
    mail, a report that does not say which mail of ours it is about. Never raises.
    """
    # The parser follows parts within parts by calling itself: a mail made to nest deeper than any real one is none.
    # Neither does it keep to itself what it finds in a broken uuencoded part (binascii.Error, a ValueError).
    with suppress(RecursionError, ValueError):
        mail = message_from_bytes(raw[:MOST_BYTES])
        return _read_report(mail) if _status_blocks(mail) else _read_plain(mail)
    return None


def _read_report(mail: Parsed) -> Bounce | None:
    """A delivery status notification: the first recipient given up, else the first that is still tried."""
    blocks = [block for block in _status_blocks(mail) if _field(block, "Action").lower() in ("failed", "delayed")]
    blocks.sort(key=lambda block: _field(block, "Action").lower() == "delayed")
    key = _key(mail)
    if not blocks or not key:
        return None
    block = blocks[0]
    recipient = _typed(block, "Original-Recipient") or _typed(block, "Final-Recipient")
    status = _first(_STATUS, _field(block, "Status"))
    words = _without_addresses(_typed(block, "Diagnostic-Code"), recipient)
    return Bounce(key, recipient, status, _field(block, "Action").lower() == "failed", words)


def _read_plain(mail: Parsed) -> Bounce | None:
    """A report in words, as older servers write it: best effort."""
    key = _key(mail)
    if not key or not _is_from_a_server(mail):
        return None
    report, _, _original = "\n".join(_texts(mail)).partition(f"<{key}@")
    diagnosis = _first(_DIAGNOSIS, report, 0)
    if not diagnosis and not mail["X-Failed-Recipients"]:
        return None
    recipient = _field(mail, "X-Failed-Recipients").partition(",")[0].strip() or _first_person(report)
    status = _first(_STATUS, diagnosis) or _status_of(_first(_REPLY, diagnosis))
    still_tried = status.startswith("4") and bool(_STILL_TRYING.search(report))
    return Bounce(key, recipient, status, not still_tried, _without_addresses(diagnosis, recipient))


def _status_blocks(mail: Parsed) -> list[Parsed]:
    """What a delivery status notification says of each recipient; none in any other mail."""
    reports = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    blocks = [block for report in reports if isinstance(report.get_payload(), list) for block in report.get_payload()]
    return [block for block in blocks if isinstance(block, Parsed) and block["Action"]]


def _key(mail: Parsed) -> str:
    """The key of our mail: in the returned original's headers, else in the text, else in what the report answers."""
    returned = [_field(part, "Message-ID") for part in mail.walk() if part is not mail]
    answered = [_field(mail, "In-Reply-To"), _field(mail, "References")]
    return next(filter(None, (_first(_MESSAGE_ID, place) for place in (*returned, *_texts(mail), *answered))), "")


def _texts(mail: Parsed) -> Iterator[str]:
    """The texts of all parts, decoded: among them an original's headers that came as text (text/rfc822-headers)."""
    for part in mail.walk():
        body = part.get_payload(decode=True) if part.get_content_maintype() == "text" else None
        if isinstance(body, bytes):
            yield body.decode("utf-8", "replace")


def _is_from_a_server(mail: Parsed) -> bool:
    """Whether a mail server wrote it, not a person and not a mailbox that is on holiday."""
    sender = _first(_ADDRESS, _field(mail, "From"), 0)
    return _is_a_servers(sender) or bool(mail["X-Failed-Recipients"])


def _is_a_servers(address: str) -> bool:
    return address.partition("@")[0].lower() in _SERVERS


def _first_person(text: str) -> str:
    """The first address in the text that is no server's; empty when there is none."""
    return next((found for found in _ADDRESS.findall(text) if not _is_a_servers(found)), "")


def _field(mail: Parsed, name: str) -> str:
    """A header on one line, its bytes taken as UTF-8; empty when there is none."""
    value = next((str(value) for field, value in mail.raw_items() if field.lower() == name.lower()), "")
    return " ".join(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())


def _typed(block: Parsed, name: str) -> str:
    """The value of a field that begins with its type ("rfc822; lea@example.org")."""
    kind, mark, value = _field(block, name).partition(";")
    return (value if mark else kind).strip().removeprefix("<").removesuffix(">")


def _status_of(reply: str) -> str:
    """The class of a bare SMTP reply ("550") as a status that says no more than that."""
    return f"{reply[0]}.0.0" if reply else ""


def _first(pattern: re.Pattern[str], text: str, group: int = 1) -> str:
    found = pattern.search(text)
    return found[group] if found else ""


def _without_addresses(words: str, recipient: str) -> str:
    """A server's words, short, in printable signs, and without who was meant."""
    mailbox = recipient.partition("@")[0]
    words = re.sub(r"\S*@\S*", "…", words[: 10 * LONGEST_WORDS])
    if len(mailbox) > 2:
        words = re.sub(re.escape(mailbox), "…", words, flags=re.IGNORECASE)
    printable = "".join(sign if sign.isprintable() else " " for sign in words)
    return " ".join(printable.split())[:LONGEST_WORDS]
