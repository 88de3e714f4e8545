"""Where the server listens, and under which addresses others on the network reach this machine."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct

from tracker.cli.words import Stop, _

PORT_TAKEN, CANNOT_LISTEN = 75, 71
"""Exit codes, as in sysexits.h: try again later; the system refuses."""

_SIOCGIFADDR = 0x8915


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on this address; raises Stop with a sentence when it cannot.

    It is bound before anything else is started: whoever connects early waits in its queue instead of being refused.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(2048)
    except (OSError, OverflowError) as error:
        bound.close()
        raise _refusal(host, port, error) from None
    return bound


def _refusal(host: str, port: int, error: OSError | OverflowError) -> Stop:
    code = getattr(error, "errno", None)
    if code == errno.EADDRINUSE:
        sentence = _(
            "Port %(port)s is taken on %(host)s: stop the other program, or choose another port, for example "
            "PORT=%(other)s make run.",
            port=port,
            host=host,
            other=port + 1,
        )
        return Stop(sentence, PORT_TAKEN)
    if code in (errno.EACCES, errno.EPERM):
        return Stop(_("This account may not listen on port %(port)s: take one above 1024.", port=port), CANNOT_LISTEN)
    return Stop(
        _("Cannot listen on %(host)s, port %(port)s: %(reason)s.", host=host, port=port, reason=_reason(error)),
        CANNOT_LISTEN,
    )


def _reason(error: OSError | OverflowError) -> str:
    number = getattr(error, "errno", None)
    return os.strerror(number) if number and number > 0 else str(error)


def own_addresses() -> list[str]:
    """Every IPv4 address of this machine, the one that leads out of it first, loopback last."""
    outward = _outward()
    found = {address for _index, name in socket.if_nameindex() if (address := _of_interface(name))}
    return sorted(
        found | ({outward} if outward else set()), key=lambda each: (each != outward, each[:4] == "127.", each)
    )


def _outward() -> str | None:
    # Nothing is sent: connecting a datagram socket only asks the kernel which of our addresses it would use.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return probe.getsockname()[0]


def _of_interface(name: str) -> str | None:
    request = struct.pack("256s", name.encode()[:15])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            return socket.inet_ntoa(fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)[20:24])
        except OSError:
            return None


def reachable_at(host: str) -> str:
    """The address that somebody else types for a server listening on `host`."""
    return own_addresses()[0] if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
