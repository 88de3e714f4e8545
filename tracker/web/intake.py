"""What a request may bring: files up to a view’s size, ids that a column holds, numbers, text without NUL."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from werkzeug.routing import IntegerConverter, Map

View = TypeVar("View", bound=Callable[..., Any])

MOST_ID = 2**31 - 1
"""PostgreSQL's integer: nothing has a greater id, and SQLite's driver stops at 64 bits with a fault."""


class IdConverter(IntegerConverter):
    """A number in an address: one that no row can have is an address that is not there."""

    regex = r"\d{1,10}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=MOST_ID)


def row_id(text: str) -> int:
    """An id from a form or a query, as `type=` of its `get`. Raises ValueError for what no row can have."""
    number = int(text)
    if not 0 <= number <= MOST_ID:
        raise ValueError(f"no row has the id {number}")
    return number


def storable(text: str) -> str:
    """The text without what a database refuses and a label may hold: NUL and half characters."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


_GROUPS = re.compile("[0-9]+|[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+")
"""Digits, or groups of three apart as people and our own pages write them: by a plain, no-break or narrow space."""


def whole_number(text: str) -> int:
    """A number as people type it, 1 234 or 1234. Raises ValueError for anything else."""
    if not _GROUPS.fullmatch(text.strip()):
        raise ValueError("no whole number")
    return int("".join(text.split()))


def decimal_number(text: str) -> Decimal:
    """A number as people type it, 1 234,5 or 1234.5: at most one comma or point. Raises ValueError for all else."""
    whole, _between, part = text.strip().replace(",", ".").partition(".")
    if not _GROUPS.fullmatch(whole) or (_between and not re.fullmatch("[0-9]+", part)):
        raise ValueError("no number")
    return Decimal(f"{''.join(whole.split())}.{part or 0}")


def takes(size: int) -> Callable[[View], View]:
    """Mark a view that takes requests of up to `size` bytes, beyond what all others take."""

    def mark(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Put the limits in front of every view; before the first route is added, after the guard, before any form."""
    app.url_map.converters["int"] = IdConverter
    app.before_request(_take_more)
    app.before_request(_refuse_nul)


def _take_more() -> None:
    """A view's own limit counts only for who may open it: the guard has let the person pass."""
    size = getattr(current_app.view_functions.get(request.endpoint or ""), "takes", None)
    if size:
        request.max_content_length = size


def _refuse_nul() -> None:
    """No keyboard types NUL, and PostgreSQL refuses it in any text."""
    if any("\0" in text for text in _texts()):
        abort(400)


def _texts() -> Iterator[str]:
    fields = chain(request.args.items(multi=True), request.form.items(multi=True))
    return chain((value for _name, value in fields), map(str, (request.view_args or {}).values()))
