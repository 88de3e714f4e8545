"""Which carriers there are, by the settings."""

from tests.conftest import make_settings
from tracker.carriers import choice
from tracker.carriers.choice import open_carriers


def test_without_a_contract_there_is_our_own_label_alone(tmp_path):
    assert list(open_carriers(make_settings("", tmp_path))) == ["own"]


def test_a_contract_adds_its_carrier_where_the_extra_is_installed(tmp_path, monkeypatch):
    settings = make_settings("", tmp_path, colissimo_account="1", chronopost_account="2")
    monkeypatch.setattr(choice, "find_spec", lambda _name: object())
    assert list(open_carriers(settings)) == ["own", "colissimo", "chronopost"]
    monkeypatch.setattr(choice, "find_spec", lambda _name: None)
    assert list(open_carriers(settings)) == ["own"]
