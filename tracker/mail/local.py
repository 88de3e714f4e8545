"""Mail that stays on this machine: files below var/mail, or the console."""

import sys
from pathlib import Path
from typing import TextIO

from tracker.mail.mailer import CannotSend, Message


class FileMailer:
    """Writes each mail as one .eml file, which any mail program opens."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, message: Message) -> None:
        """Write the file whole or not at all; the same mail again takes the same file."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._folder / f"{message.key}.part"
            part.write_bytes(bytes(message.as_mail(self._sender)))
            part.rename(self._folder / f"{message.key}.eml")
        except OSError as error:
            raise CannotSend(f"file: {error.strerror}") from error


class ConsoleMailer:
    """Prints each mail, for who develops."""

    def __init__(self, sender: str, stream: TextIO | None = None) -> None:
        self._sender = sender
        self._stream = stream

    def send(self, message: Message) -> None:
        """Print the mail in plain text, and of its attachments the names."""
        headers = {"From": self._sender, "To": message.recipient, "Reply-To": message.reply_to}
        headers["Subject"] = message.subject
        head = "".join(f"{name}: {value}\n" for name, value in headers.items() if value)
        files = "".join(f"[{file.name}, {len(file.data)} bytes]\n" for file in message.attachments)
        mail = f"{head}\n{message.body}\n{files}"
        print("-" * 72, mail, "-" * 72, sep="\n", file=self._stream or sys.stdout, flush=True)
