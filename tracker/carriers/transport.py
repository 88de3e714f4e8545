"""One request to a carrier's service, with an end to its patience; what goes wrong in words of this program."""

import urllib.error
import urllib.request
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from http.client import HTTPException
from urllib.parse import urlsplit

from tracker.carriers.carrier import CarrierFailed

PATIENCE_S = 20
_LARGEST_ANSWER = 8 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What the service answered, whatever its status: errors come with a body too."""

    status: int
    content_type: str
    body: bytes

    def parts(self) -> dict[str, bytes]:
        """The parts of a multipart answer by their Content-ID; a plain one is all of it under an empty name."""
        if not self.content_type.lower().startswith("multipart/"):
            return {"": self.body}
        whole = message_from_bytes(f"Content-Type: {self.content_type}\r\n\r\n".encode() + self.body)
        return {str(part["Content-ID"] or "").strip("<>"): _bytes(part) for part in whole.walk() if part is not whole}


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def post(url: str, body: str, content_type: str) -> Answer:
    """Send the body. Raises CarrierFailed(unreachable)."""
    if urlsplit(url).scheme not in ("https", "http"):
        raise CarrierFailed("unreachable", url)
    request = urllib.request.Request(url, body.encode(), {"Content-Type": content_type}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310
            return Answer(response.status, response.headers.get("Content-Type", ""), response.read(_LARGEST_ANSWER))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers.get("Content-Type", ""), error.read(_LARGEST_ANSWER))
    except (OSError, ValueError, HTTPException) as error:
        raise CarrierFailed("unreachable", str(getattr(error, "reason", error))) from error
