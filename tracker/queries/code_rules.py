"""The rules of label reading that are in force: those edited, else the ones the program comes with."""

from tracker.models.scans import CodeRule
from tracker.scanning.classification import LabelRule, default_rules


def edited_rules() -> list[CodeRule]:
    """The edited rules in their order; none at all while the defaults are in force."""
    return list(CodeRule.select().order_by(CodeRule.position))


def rules_in_force() -> tuple[LabelRule, ...]:
    """What every scan is read by. One query."""
    edited = edited_rules()
    if not edited:
        return default_rules()
    return tuple(
        LabelRule.checked(rule.name, rule.kind, rule.pattern, rule.maker, rule.check, rule.symbologies.split())
        for rule in edited
        if rule.enabled
    )
