"""Settings of a campaign: each in the form that the database keeps, or refused with what was expected."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.campaign import SETTINGS, CampaignSettings, Form, checked

BY_FORM = {form: [name for name, setting in SETTINGS.items() if setting.form is form] for form in Form}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_default_passes_its_own_check_and_stays_what_it_is(name):
    default = SETTINGS[name].default
    kept = checked(name, default)
    assert checked(name, kept) == kept
    if SETTINGS[name].form is not Form.CALENDAR:
        assert kept == default


def test_every_setting_names_its_rule_and_the_schools_line_is_one():
    assert all(setting.rule[0] in "EADRLCUIS" for setting in SETTINGS.values())
    assert SETTINGS["schools_phone"].default == "09 74 77 42 74"


@given(st.sampled_from(BY_FORM[Form.INTEGER]), st.integers(0, 10**7))
def test_whole_numbers_are_kept_however_they_are_typed(name, number):
    number += SETTINGS[name].least
    assert checked(name, number) == checked(name, str(number)) == checked(name, f" {number} ") == number


@given(
    st.sampled_from(BY_FORM[Form.INTEGER] + BY_FORM[Form.PERCENT]), st.sampled_from(["", None, "x", "1,5", "-1", -1])
)
def test_anything_else_is_refused_with_what_was_expected(name, wrong):
    with pytest.raises(ValueError, match=r"whole_number|percent|at_least_one"):
        checked(name, wrong)


@pytest.mark.parametrize("name", ["link_days", "reminder_after_days", "roster_file_days"])
def test_a_time_that_nothing_would_come_of_is_refused(name):
    assert checked(name, 1) == 1
    with pytest.raises(ValueError, match="at_least_one"):
        checked(name, 0)


@given(st.sampled_from(BY_FORM[Form.PERCENT]), st.integers(101, 10**6))
def test_a_share_is_at_most_a_hundred(name, number):
    assert checked(name, 100) == 100
    with pytest.raises(ValueError, match="percent"):
        checked(name, number)


@given(st.sampled_from(BY_FORM[Form.DATE]), st.dates())
def test_dates_are_kept_as_iso(name, day):
    assert checked(name, day) == checked(name, day.isoformat()) == day.isoformat()
    assert checked(name, "") is None


@given(st.sampled_from(BY_FORM[Form.CHOICE]), st.text(max_size=8))
def test_a_choice_is_one_of_its_choices(name, text):
    choices = SETTINGS[name].choices
    assert [checked(name, choice) for choice in choices] == list(choices)
    if text not in choices:
        with pytest.raises(ValueError, match="one_of_the_choices"):
            checked(name, text)


windows = st.lists(
    st.tuples(st.dates(date(2022, 1, 1), date(2030, 1, 1)), st.integers(-40, 40), st.sampled_from("ab")), max_size=6
)


@given(windows)
def test_a_window_whose_week_begins_before_its_cut_off_is_refused(drawn):
    calendar = [(cut_off, cut_off + timedelta(days=days), label) for cut_off, days, label in drawn]
    if any(days < 0 for _cut_off, days, _label in drawn):
        with pytest.raises(ValueError, match="week_before_cut_off"):
            checked("dispatch_calendar", calendar)
    else:
        kept = checked("dispatch_calendar", calendar)
        assert kept == sorted(kept)
        assert len(kept) == len(drawn)


def test_the_misprint_of_the_source_is_refused_and_its_correction_is_the_default():
    with pytest.raises(ValueError, match="week_before_cut_off"):
        checked("dispatch_calendar", [("2023-03-31", "2023-03-03", "Arrivées en cours d’année")])
    assert ["2023-03-31", "2023-04-03", "Arrivées en cours d’année"] in checked(
        "dispatch_calendar", SETTINGS["dispatch_calendar"].default
    )


def test_what_a_campaign_does_not_hold_is_the_default():
    settings = CampaignSettings({"confirm_rate": 90})
    assert (settings["confirm_rate"], settings["many_absent"]) == (90, 5)
    with pytest.raises(KeyError):
        settings["never"]


@pytest.mark.parametrize(("name", "value", "code"), [
    ("sscc_prefix", "12", "gs1_prefix"),
    ("sscc_prefix", "123456a", "gs1_prefix"),
    ("return_address", "Région, Caen", "address"),
    ("return_address", f"{'R' * 39}; rue; 14000 Caen", "address"),
])  # fmt: skip
def test_what_no_label_could_bear_is_refused_as_a_setting(name, value, code):
    with pytest.raises(ValueError, match=code):
        checked(name, value)
    assert checked(name, "") == ""


def test_a_prefix_and_an_address_are_kept_as_written():
    assert checked("sscc_prefix", " 3123456 ") == "3123456"
    assert checked("return_address", "Région; 1 rue; 14000 Caen") == "Région; 1 rue; 14000 Caen"
