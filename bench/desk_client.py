"""A person at a desk, over a real connection: signed in, cookies and CSRF token sent, connection kept open."""

import http.client
import json
import re
import uuid
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from bench.hall import PASSWORD, Pair

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_TOKEN_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_VERDICT = re.compile(r'data-verdict="([a-z]+)"')


class DeskClient:
    """One browser of one person; not to be shared between threads."""

    def __init__(self, port: int, school_id: int, timeout: float = 60) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._cookies: dict[str, str] = {}
        self._token = ""
        self.path = f"/handover/{school_id}/scan"

    def sign_in(self, email: str) -> None:
        """Through the form, as a person does; then the desk's own page."""
        self._token = self._field(self._ask("GET", "/sign-in")[1])
        status, text = self._post("/sign-in", {"email": email, "password": PASSWORD})
        if status != 303:
            raise RuntimeError(f"sign-in answered {status}: {text[:300]}")
        status, text = self._ask("GET", self.path.removesuffix("/scan"))
        if status != 200:
            raise RuntimeError(f"the desk answered {status}")
        self._token = self._field(text)

    def hand_over(self, pair: Pair, action_id: uuid.UUID | None = None) -> str:
        """One view of both labels, which is a whole hand-over: the verdict's kind."""
        seen = json.dumps([{"text": text, "symbology": "qr"} for text in (pair.tag, pair.slip)])
        form = {"readings": seen, "action_id": str(action_id or uuid.uuid4()), "class": ""}
        status, text = self._post(self.path, form, htmx=True)
        found = _VERDICT.search(text)
        if status != 200 or not found:
            raise RuntimeError(f"{status}: {text[:300]}")
        return found[1]

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _field(self, text: str) -> str:
        found = _TOKEN.search(text) or _TOKEN_FIELD.search(text)
        if not found:
            raise RuntimeError(f"no CSRF token in {text[:300]!r}")
        return found[1]

    def _post(self, path: str, form: dict[str, str], *, htmx: bool = False) -> tuple[int, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"HX-Request": "true"} if htmx else {})
        return self._ask("POST", path, urlencode(form | {"csrf_token": self._token}), headers)

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict | None = None) -> tuple[int, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, body, (headers or {}) | ({"Cookie": cookie} if cookie else {}))
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer.status, text
