"""Editing how labels are read: the whole ordered list is written anew in one transaction."""

from collections.abc import Callable
from typing import Any

from tracker.models.database import database
from tracker.models.scans import CodeRule
from tracker.rules.access import Actor, Permission
from tracker.rules.refusals import Refused
from tracker.scanning.classification import LabelRule, default_rules

Row = dict[str, Any]


def save_rule(position: int | None, rule: LabelRule, *, enabled: bool, actor: Actor) -> None:
    """Change the rule at `position`, or put a new one first (position None): before all others, so that it wins."""
    row = _row(rule) | {"enabled": enabled}

    def change(rows: list[Row]) -> list[Row]:
        if position is None:
            return [row, *rows]
        return [*rows[: _within(rows, position)], row, *rows[position + 1 :]]

    _rewrite(change, actor)


def move_rule(position: int, by: int, *, actor: Actor) -> None:
    """Try the rule earlier (by -1) or later (by 1)."""

    def change(rows: list[Row]) -> list[Row]:
        row = rows.pop(_within(rows, position))
        rows.insert(max(0, position + by), row)
        return rows

    _rewrite(change, actor)


def remove_rule(position: int, *, actor: Actor) -> None:
    """Take a rule out for good."""

    def change(rows: list[Row]) -> list[Row]:
        del rows[_within(rows, position)]
        return rows

    _rewrite(change, actor)


def restore_defaults(*, actor: Actor) -> None:
    """Forget every edit: the rules that the program comes with are in force again."""
    _check(actor)
    with database.atomic():
        CodeRule.delete().execute()


def _rewrite(change: Callable[[list[Row]], list[Row]], actor: Actor) -> None:
    _check(actor)
    with database.atomic():
        rows = list(CodeRule.select().order_by(CodeRule.position).dicts()) or [_row(rule) for rule in default_rules()]
        changed = change(rows)
        CodeRule.delete().execute()
        kept = [{name: row[name] for name in _KEPT} | {"position": place} for place, row in enumerate(changed)]
        CodeRule.insert_many(kept).execute()


_KEPT = ("name", "maker", "kind", "pattern", "check", "symbologies", "enabled")


def _row(rule: LabelRule) -> Row:
    return {
        "name": rule.name,
        "maker": rule.maker,
        "kind": rule.kind.value,
        "pattern": rule.pattern,
        "check": rule.check,
        "symbologies": " ".join(rule.symbologies),
        "enabled": True,
    }


def _within(rows: list[Row], position: int) -> int:
    if not 0 <= position < len(rows):
        raise Refused("not_found")
    return position


def _check(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_CODE_RULES):
        raise Refused("not_allowed")
