"""What every way of sending mail has in common."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Protocol


class CannotSend(Exception):
    """The mail did not leave; trying again may help. Its words hold no address and nothing of the mail."""


class NeverAccepted(CannotSend):
    """The mail server refuses this recipient for good."""


@dataclass(frozen=True)
class Message:
    """One mail to one address; `key` makes its Message-ID, the same at each attempt."""

    key: str
    recipient: str
    subject: str
    body: str

    def as_mail(self, sender: str) -> EmailMessage:
        """The mail with its headers, as it travels."""
        domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, self.recipient, self.subject
        mail["Message-ID"] = f"<{self.key}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.body)
        return mail


class Mailer(Protocol):
    """A way of sending mail."""

    def send(self, message: Message) -> None:
        """Send it, or raise CannotSend."""
