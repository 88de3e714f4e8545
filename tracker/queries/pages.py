"""Lists by keyset: one page, the count up to a cap, and every row in batches, for any query that has an order."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee

from tracker.models.database import is_postgres

PAGE_ROWS = 50
COUNT_CAP = 10_000
BATCH_ROWS = 1_000


@dataclass(frozen=True)
class Order:
    """By `column`, equal values by `identity`: together they name one row, so that no page moves when rows come in.

    `by_bytes`: the column's index on PostgreSQL is the one for prefixes, which sorts by bytes. `newest_first`: from
    the highest value down; `column` may be the identity itself. `dated`: the column holds dates or moments.
    """

    column: peewee.Field
    identity: peewee.Field
    by_bytes: bool = False
    newest_first: bool = False
    dated: bool = False

    def names(self, key: "Key | None") -> bool:
        """Whether a key is one of this order: a number where rows are ordered by their identity, else a text."""
        if key is None or (self.dated and not _is_dated(key.value)):
            return False
        return isinstance(key.value, int if self.column is self.identity else str)

    def beyond(self, key: "Key", *, backwards: bool) -> peewee.Expression:
        """The rows that follow (or precede) the row of this key; the first condition is a range of the index."""
        downwards = backwards != self.newest_first
        further, same_or_further = self._operators(downwards)
        farther_id = self.identity < key.identity if downwards else self.identity > key.identity
        value = peewee.Value(key.value, converter=False)
        farther = peewee.Expression(self.column, further, value)
        return peewee.Expression(self.column, same_or_further, value) & (farther | farther_id)

    def terms(self, *, backwards: bool) -> tuple[peewee.Node, peewee.Node]:
        """What to order by."""
        backwards = backwards != self.newest_first
        if self.by_bytes and is_postgres():
            using = peewee.SQL("USING ~>~" if backwards else "USING ~<~")
            return peewee.NodeList((self.column, using)), _directed(self.identity, backwards)
        return _directed(self.column, backwards), _directed(self.identity, backwards)

    def _operators(self, downwards: bool) -> tuple[str, str]:
        sign = "<" if downwards else ">"
        return (f"~{sign}~", f"~{sign}=~") if self.by_bytes and is_postgres() else (sign, f"{sign}=")


@dataclass(frozen=True)
class Key:
    """The place of one row in an order; a date or moment stands there as the text that the database sorts."""

    value: str | int
    identity: int

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> "Key":
        """The place of a row that a query of this module brought."""
        value = row["sort_value"]
        return cls(_dated_text(value) if isinstance(value, date) else value, row["sort_id"])

    def text(self) -> str:
        """The key as it stands in an address: opaque, so that no name is read over a shoulder."""
        return base64.urlsafe_b64encode(json.dumps([self.value, self.identity]).encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Page:
    """Rows with the keys that lead to the pages before and after, where there are any."""

    rows: list[dict[str, Any]]
    before: str | None = None
    after: str | None = None


def key_of(text: str | None) -> Key | None:
    """The key that an address carries, or None when it carries none or something else."""
    try:
        value, identity = json.loads(base64.urlsafe_b64decode((text or "") + "=" * (-len(text or "") % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    return Key(value, identity) if _is_key(value, identity) else None


def _is_key(value: Any, identity: Any) -> bool:
    """Whether a database takes both: text without NUL and half characters, numbers of 64 bits."""
    if isinstance(value, str):
        is_taken = "\0" not in value and value == value.encode(errors="ignore").decode()
    else:
        is_taken = _is_number(value)
    return is_taken and _is_number(identity)


def _is_dated(value: Any) -> bool:
    try:
        return value in (_dated_text(datetime.fromisoformat(value)), _dated_text(datetime.fromisoformat(value).date()))
    except (TypeError, ValueError):
        return False


def _dated_text(value: date) -> str:
    """A moment as UtcDateTimeField keeps it, without its offset; a day as it is."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat()


def _is_number(value: Any) -> bool:
    return type(value) is int and abs(value) < 2**63


def page(
    query: peewee.ModelSelect, order: Order, *, after: str | None = None, before: str | None = None,
    size: int = PAGE_ROWS,
) -> Page:  # fmt: skip
    """The rows that follow `after`, or precede `before`, or the first ones. One query, never an OFFSET."""
    earlier, later = key_of(before), key_of(after)
    backwards = order.names(earlier)
    key = earlier if backwards else later if order.names(later) else None
    rows = _rows(query, order, key, size + 1, backwards=backwards)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_before = more if backwards else key is not None
    has_after = key is not None if backwards else more
    return Page(
        rows,
        Key.of_row(rows[0]).text() if rows and has_before else None,
        Key.of_row(rows[-1]).text() if rows and has_after else None,
    )


def count(query: peewee.ModelSelect, cap: int = COUNT_CAP) -> int:
    """How many rows there are, at most `cap` + 1: counting stops there, so that its cost is bounded."""
    return query.limit(cap + 1).count()


def every_row(query: peewee.ModelSelect, order: Order, size: int = BATCH_ROWS) -> Iterator[dict[str, Any]]:
    """All rows, read in batches: memory does not grow with the list, and no transaction stays open meanwhile."""
    key: Key | None = None
    while rows := _rows(query, order, key, size, backwards=False):
        yield from rows
        if len(rows) < size:
            return
        key = Key.of_row(rows[-1])


def _rows(
    query: peewee.ModelSelect, order: Order, key: Key | None, size: int, *, backwards: bool
) -> list[dict[str, Any]]:
    query = query.select_extend(order.column.alias("sort_value"), order.identity.alias("sort_id"))
    if key:
        query = query.where(order.beyond(key, backwards=backwards))
    return list(query.order_by(*order.terms(backwards=backwards)).limit(size).dicts())


def _directed(column: peewee.Field, backwards: bool) -> peewee.Ordering:
    return column.desc() if backwards else column.asc()
