"""What the program puts its signature to, so that a link can carry it through somebody's mailbox and back."""

from typing import Any

from itsdangerous import BadData, URLSafeSerializer


def sign(payload: Any, *, purpose: str, key: str) -> str:
    """A token that says `payload` (plain JSON values) and is good for this purpose alone."""
    return str(URLSafeSerializer(key, salt=purpose).dumps(payload))


def read(token: str, *, purpose: str, key: str) -> Any:
    """What the token says; None when this program did not sign it for this purpose."""
    try:
        return URLSafeSerializer(key, salt=purpose).loads(token)
    except BadData:
        return None
