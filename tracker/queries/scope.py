"""The condition that keeps every query within the schools of the person who asks."""

import peewee

from tracker.rules.access import Scope


def within(scope: Scope, school: peewee.Field) -> peewee.Expression:
    """The rows whose school the scope covers: put it into the query itself, never filter afterwards."""
    if scope.school_ids is None:
        return peewee.SQL("1 = 1")
    return school.in_(sorted(scope.school_ids))
