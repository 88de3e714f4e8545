"""A refusal as a value: which rule, on which facts, and who may override it."""

from typing import Any

from tracker.rules.access import Role


class Refused(Exception):
    """Why something may not be done. Nothing was written.

    `code` names the sentence that the person reads (web and cli hold them), `rule` the programme's rule it
    rests on, `facts` the dates and figures for the sentence, `overridable_by` the role that may go on all the
    same with a reason on record (None: nobody may, the database itself would refuse).
    """

    def __init__(self, code: str, *, rule: str | None = None, overridable_by: Role | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.rule = rule
        self.overridable_by = overridable_by
        self.facts = facts

    def __repr__(self) -> str:
        return f"Refused({self.code!r}, rule={self.rule!r}, facts={self.facts!r})"
