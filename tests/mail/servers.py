"""A real mail server for tests, with the habits of real ones: encryption, sign-in, refusals."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

from tracker.cli.certificates import certificate


class Post:
    """What the server took, and what it says to each recipient (nothing: it takes all)."""

    def __init__(self, answer: str = "") -> None:
        self.taken: list[tuple[bool, Envelope]] = []
        self.answer = answer

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append((session.ssl is not None, envelope))
        return "250 OK"


class _OnAnyPort(Controller):
    """A controller that asks for any port and then knows which one it got."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(post: Post, **options: Any) -> Iterator[int]:
    """The port of a server on this machine that hands its mail to `post`."""
    controller = _OnAnyPort(post, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def tls(folder: Path, now: Any) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The contexts of a server and of a client that trusts its certificate."""
    cert, key = certificate(folder, ["localhost", "127.0.0.1"], now)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))


def only(user: str, password: str) -> Any:
    """Lets this one account in."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        is_right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=is_right, handled=False)

    return authenticate
