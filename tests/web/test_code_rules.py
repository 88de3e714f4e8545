"""The rules of label reading on their page, where an upgrade may refuse what was saved before."""

import pytest

from tests.factories import NOW, make_campaign, make_device, make_school
from tracker.models.scans import CodeRule
from tracker.operations import code_rules
from tracker.rules.access import SYSTEM
from tracker.scanning.classification import default_rules

FAULTS = [
    {"pattern": "(?P<value>"},
    {"pattern": "(?P<value>(a+)+)"},
    {"kind": "pigeon"},
    {"check": "abacus"},
    {"symbologies": "pdf417"},
]


@pytest.fixture(params=FAULTS, ids=str)
def spoilt(request, client, sign_in, time_machine_at):
    """Edited rules, of which the first was taken by an earlier version and cannot serve now."""
    time_machine_at(NOW)
    make_campaign()
    sign_in("admin")
    code_rules.save_rule(0, default_rules()[0], enabled=True, actor=SYSTEM)
    CodeRule.update(request.param).where(CodeRule.position == 0).execute()


@pytest.mark.usefixtures("spoilt")
def test_a_rule_that_cannot_serve_stops_no_scan(client):
    school = make_school()
    device = make_device(school)
    page = client.post(f"/handover/{school.id}/scan", data={"code": device.tag}).get_data(as_text=True)
    assert 'data-verdict="waiting"' in page


@pytest.mark.usefixtures("spoilt")
def test_a_rule_that_cannot_serve_says_so_on_the_page_and_can_be_mended(client):
    page = client.get("/scan/rules").get_data(as_text=True)
    assert page.count("ne peut pas servir") == 1
    assert client.get("/scan/rules/0").status_code == 200


def test_rules_that_serve_have_no_fault(client, sign_in):
    sign_in("admin")
    assert "ne peut pas servir" not in client.get("/scan/rules").get_data(as_text=True)
