"""What every way of sending mail has in common, and the choice of one by the settings."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Protocol

from tracker.config import Settings


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


def open_mailer(settings: Settings) -> Mailer:
    """The way of sending that the settings name."""
    from tracker.mail.local import ConsoleMailer, FileMailer
    from tracker.mail.smtp import SmtpMailer

    if settings.mail_backend == "smtp":
        return SmtpMailer(
            settings.smtp_host,
            settings.smtp_port,
            sender=settings.mail_sender,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            starttls=settings.smtp_starttls,
        )
    if settings.mail_backend == "console":
        return ConsoleMailer(settings.mail_sender)
    return FileMailer(settings.var_dir / "mail", settings.mail_sender)
