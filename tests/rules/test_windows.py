"""Rule D6: the dispatch calendar as lines."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.campaign import SETTINGS
from tracker.rules.windows import LineProblem, parse_windows, write_windows

DAYS = st.dates(min_value=date(1000, 1, 1))
LABELS = st.text("aé;’1/-", min_size=1, max_size=12)


def test_the_programmes_own_calendar_is_written_and_read_back():
    default = list(SETTINGS["dispatch_calendar"].default)
    assert parse_windows(write_windows(default)) == default
    assert write_windows(default).splitlines()[0] == "04/11/2022 ; 07/11/2022 ; Dotation complémentaire 1"


@given(st.lists(st.tuples(DAYS, DAYS, LABELS), max_size=4))
def test_what_is_written_is_read_back_and_no_window_ever_begins_before_its_cut_off(windows):
    given_windows = [(min(a, b).isoformat(), max(a, b).isoformat(), label) for a, b, label in windows]
    assert parse_windows(write_windows(given_windows)) == given_windows


def test_dates_are_read_as_french_readers_and_as_machines_write_them():
    assert parse_windows("4/11/2026; 2026-11-09; A\n\n 18.11.2026;23/11/2026;B; C") == [
        ("2026-11-04", "2026-11-09", "A"),
        ("2026-11-18", "2026-11-23", "B; C"),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("31/03/2023 ; 03/03/2023 ; the source's misprint", "week_before_cut_off"),
        ("31/02/2023 ; 03/03/2023 ; no such day", "not_a_date"),
        ("tomorrow ; 03/03/2023 ; words", "not_a_date"),
        ("31/03/2023 ; 03/04/2023", "three_parts"),
        ("31/03/2023 ; 03/04/2023 ;", "three_parts"),
    ],
)
def test_the_first_wrong_line_is_named(line, code):
    with pytest.raises(LineProblem) as caught:
        parse_windows(f"04/11/2022 ; 07/11/2022 ; right\n{line}\nwrong too")
    assert (caught.value.line, caught.value.code) == (2, code)
