"""Mail through a mail server (SMTP), encrypted with STARTTLS where the settings ask for it."""

import smtplib
import ssl
from email.message import EmailMessage

from tracker.mail.mailer import CannotSend, Message, NeverAccepted

_PATIENCE = 30  # seconds, for each answer of the server


class SmtpMailer:
    """One connection for each mail: mail is rare, and a broken connection then harms one mail only."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        user: str = "",
        password: str = "",
        starttls: bool = False,
        bounces_to: str = "",
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._user = user
        self._password = password
        self._starttls = starttls
        self._bounces_to = bounces_to
        self._trust = trust

    def send(self, message: Message) -> None:
        """Hand the mail to the server; CannotSend or NeverAccepted when it does not take it."""
        try:
            self._send(message.as_mail(self._sender))
        except smtplib.SMTPRecipientsRefused as error:
            raise _recipient_refused(error) from None
        except smtplib.SMTPResponseException as error:
            raise CannotSend(f"{type(error).__name__} {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise CannotSend(type(error).__name__) from None

    def _send(self, mail: EmailMessage) -> None:
        with smtplib.SMTP(self._host, self._port, timeout=_PATIENCE) as server:
            if self._starttls:
                # Never in the clear when encryption was asked for: smtplib raises if the server does not offer it.
                server.starttls(context=self._trust or ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
            # The envelope's sender is where other servers report what they could not deliver.
            server.send_message(mail, from_addr=self._bounces_to or None)


def _recipient_refused(error: smtplib.SMTPRecipientsRefused) -> CannotSend:
    code = max(code for code, _text in error.recipients.values())
    kind = NeverAccepted if 500 <= code < 600 else CannotSend
    return kind(f"recipient refused {code}")
