"""The personal links by which families sign."""

import secrets
from dataclasses import dataclass

from tracker.operations import tokens

SIGN_PATH = "/sign/"
_PURPOSE = "sign-agreement"


@dataclass(frozen=True)
class Links:
    """Makes the links: `key` signs them, `public_url` is where people reach the program (no slash at its end)."""

    key: str
    public_url: str

    def of(self, nonce: str) -> str:
        """The address that opens the invitation with this nonce."""
        return f"{self.public_url}{SIGN_PATH}{token_of(nonce, key=self.key)}"


def new_nonce() -> str:
    """What makes a link unique: 24 random bytes."""
    return secrets.token_urlsafe(24)


def token_of(nonce: str, *, key: str) -> str:
    """The end of the link's address."""
    return tokens.sign(nonce, purpose=_PURPOSE, key=key)


def nonce_in(token: str, *, key: str) -> str | None:
    """The nonce of a link, or None when it is none of ours."""
    found = tokens.read(token, purpose=_PURPOSE, key=key)
    return found if isinstance(found, str) else None
