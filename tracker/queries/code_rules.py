"""The rules of label reading that are in force: those edited, else the ones the program comes with."""

import structlog

from tracker.models.scans import CodeRule
from tracker.scanning.classification import LabelRule, RuleInvalid, default_rules

log = structlog.get_logger()


def edited_rules() -> list[CodeRule]:
    """The edited rules in their order; none at all while the defaults are in force."""
    return list(CodeRule.select().order_by(CodeRule.position))


def rules_in_force() -> tuple[LabelRule, ...]:
    """What every scan is read by. One query. An edited rule that cannot serve is left out, and the log says so."""
    edited = edited_rules()
    if not edited:
        return default_rules()
    return tuple(rule for row in edited if row.enabled and (rule := _rule(row)))


def checked(row: CodeRule) -> LabelRule:
    """The edited rule as a scan uses it. Raises RuleInvalid for what an earlier version took and this one refuses."""
    return LabelRule.checked(row.name, row.kind, row.pattern, row.maker, row.check, row.symbologies.split())


def _rule(row: CodeRule) -> LabelRule | None:
    try:
        return checked(row)
    except RuleInvalid as error:
        log.warning("label_rule_left_out", position=row.position, field=error.field)
        return None
