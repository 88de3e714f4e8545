"""A refusal carries what its sentence needs."""

from tracker.rules.access import Role
from tracker.rules.refusals import Refused


def test_it_carries_its_code_rule_facts_and_who_may_override():
    refused = Refused("agreement_missing", rule="A4", overridable_by=Role.ADMIN, state="sent")
    assert (refused.code, refused.rule, refused.overridable_by) == ("agreement_missing", "A4", Role.ADMIN)
    assert refused.facts == {"state": "sent"}
    assert str(refused) == "agreement_missing"
    assert "A4" in repr(refused)


def test_by_default_nobody_may_override_it():
    assert Refused("not_found").overridable_by is None
