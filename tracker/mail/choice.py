"""The choice of a way of sending mail, by the settings."""

from tracker.config import Settings
from tracker.mail.local import ConsoleMailer, FileMailer
from tracker.mail.mailer import Mailer
from tracker.mail.smtp import SmtpMailer


def open_mailer(settings: Settings) -> Mailer:
    """The way of sending that the settings name."""
    if settings.mail_backend == "smtp":
        return SmtpMailer(
            settings.smtp_host,
            settings.smtp_port,
            sender=settings.mail_sender,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            starttls=settings.smtp_starttls,
            bounces_to=settings.mail_bounces_to,
        )
    if settings.mail_backend == "console":
        return ConsoleMailer(settings.mail_sender)
    return FileMailer(settings.var_dir / "mail", settings.mail_sender)
