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
class Attachment:
    """A file that goes with a mail; its name may have accents, its media type is "application/pdf" or the like."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Message:
    """One mail to one address; `key` makes its Message-ID, the same at each attempt.

    Answers go to `reply_to`; empty: to the sender.
    """

    key: str
    recipient: str
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""

    def as_mail(self, sender: str) -> EmailMessage:
        """The mail with its headers, as it travels."""
        domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, self.recipient, self.subject
        mail["Message-ID"] = f"<{self.key}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if self.reply_to:
            mail["Reply-To"] = self.reply_to
        mail.set_content(self.body)
        for attachment in self.attachments:
            _attach(mail, attachment)
        return mail


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    """Put the file into the mail. A folder or a line break in its name would be dropped or refused on the way."""
    maintype, _, subtype = attachment.media_type.partition("/")
    name = " ".join(attachment.name.replace("/", "-").replace("\\", "-").split())
    mail.add_attachment(attachment.data, maintype=maintype, subtype=subtype, filename=name)


class Mailer(Protocol):
    """A way of sending mail."""

    def send(self, message: Message) -> None:
        """Send it, or raise CannotSend."""
