"""Search by the beginning of a text, in the form that each engine answers from its prefix index."""

import peewee

from tracker.models.database import is_postgres


def starts_with(column: peewee.Field, text: str) -> peewee.Expression:
    """Rows whose column begins with `text`, taken literally: GLOB on SQLite, LIKE on PostgreSQL."""
    if is_postgres():
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return peewee.Expression(column, "LIKE", f"{escaped}%")
    escaped = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
    return peewee.Expression(column, "GLOB", f"{escaped}*")
