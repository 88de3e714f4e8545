"""Where a person goes next: addresses of this program only."""

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, request, url_for


def own_path(address: str | None) -> str | None:
    """The address when it is a path of this program (/…), else None: nobody is sent elsewhere by a prepared link."""
    if not address or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return None
    if "\\" in address or any(ord(sign) < 32 or ord(sign) == 127 for sign in address):
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else None


def next_page() -> str:
    """Where the form or the link asks to go on, else the start page."""
    return own_path(request.values.get("next")) or url_for("home.index")


def comes_from_here() -> bool:
    """Whether one of our own pages sent this request: a form that somebody else's page sent is never kept."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    # Without Sec-Fetch-Site (plain HTTP); a browser names the origin of every form that it sends across sites.
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return origin is None or urlsplit(origin).netloc == request.host


def see_other(address: str) -> Response:
    """Go there by GET: the answer to a form that was carried out (303)."""
    return make_response(redirect(address, 303))


def go_to(address: str) -> Response:
    """Go there: the answer to a question that another page answers (302)."""
    return make_response(redirect(address))
