"""Keyboard scanners: told from typing by their timing, repaired, joined, never in the way of a person."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.static.keys import azerty, press, strokes
from tests.static.pages import Pages

RECOGNISE = """async ([strokes, ends]) => {
  const { ScanRecogniser, physicalCharacter } = await import('/static/js/wedge.js');
  const scans = [], timers = [];
  const run = new ScanRecogniser((scan) => scans.push(scan), {
    later: (act, delay) => timers.push({ act, due: clock + delay }),
    cancel: (id) => { if (id) timers[id - 1].act = null; } });
  let clock = 0;
  const pass = (time) => {
    for (;;) {
      const next = timers.filter((t) => t.act && t.due <= time).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      clock = next.due; const act = next.act; next.act = null; act();
    }
    clock = time;
  };
  const consumed = [];
  for (const [at, char, code, shift] of strokes) {
    pass(at);
    if (char === 'Enter') consumed.push(run.terminate(at));
    else run.press({ char, physical: physicalCharacter(code, shift), at, field: null });
  }
  pass(ends);
  return { scans, consumed };
}"""


def timed(text: str, start: int = 0, gap: int = 10) -> list[list[Any]]:
    """The strokes of a text with times in ms."""
    return [[start + i * gap, *stroke] for i, stroke in enumerate(strokes(text))]


@pytest.fixture
def recognise(modules: Page) -> Callable[[list[list[Any]]], dict[str, Any]]:
    """Feed strokes with made-up times to the recogniser; no clock is waited for."""
    return lambda listed: modules.evaluate(RECOGNISE, [listed, 10_000])


def test_fast_keys_ended_by_enter_are_one_scan(recognise: Callable) -> None:
    found = recognise([*timed("5CD1234XYZ"), [100, "Enter", "Enter", False]])
    assert [scan["text"] for scan in found["scans"]] == ["5CD1234XYZ"]
    assert found["consumed"] == [True]


@pytest.mark.parametrize("gap", [40, 90, 200])
def test_the_same_keys_at_the_speed_of_a_person_are_typing(recognise: Callable, gap: int) -> None:
    found = recognise([*timed("5CD1234XYZ", gap=gap), [10 * gap, "Enter", "Enter", False]])
    assert found == {"scans": [], "consumed": [False]}


def test_three_fast_keys_are_typing(recognise: Callable) -> None:
    assert recognise([*timed("5CD"), [30, "Enter", "Enter", False]]) == {"scans": [], "consumed": [False]}


def test_a_burst_of_letters_that_nobody_ended_is_typing(recognise: Callable) -> None:
    assert recognise(timed("asdfgh"))["scans"] == []


def test_silence_ends_a_scan_too(recognise: Callable) -> None:
    assert [scan["text"] for scan in recognise(timed("5CD1234XYZ"))["scans"]] == ["5CD1234XYZ"]


def test_two_pieces_within_400_ms_are_one_scan(recognise: Callable) -> None:
    found = recognise([*timed("5CD12"), *timed("34XYZ", start=340), [390, "Enter", "Enter", False]])
    assert [(scan["text"], scan["pieces"]) for scan in found["scans"]] == [("5CD1234XYZ", 2)]


def test_a_terminated_scan_is_never_joined_to_the_next(recognise: Callable) -> None:
    first = [*timed("5CD12"), [50, "Enter", "Enter", False]]
    found = recognise([*first, *timed("34XYZ", start=150), [200, "Enter", "Enter", False]])
    assert [scan["text"] for scan in found["scans"]] == ["5CD12", "34XYZ"]


def test_pieces_further_apart_are_two_scans(recognise: Callable) -> None:
    found = recognise([*timed("5CD12"), *timed("34XYZ", start=900), [950, "Enter", "Enter", False]])
    assert [scan["text"] for scan in found["scans"]] == ["5CD12", "34XYZ"]


def test_a_slow_scanner_may_hesitate_in_the_middle(recognise: Callable) -> None:
    found = recognise([*timed("5CD12"), *timed("34XYZ", start=110), [160, "Enter", "Enter", False]])
    assert [(scan["text"], scan["pieces"]) for scan in found["scans"]] == [("5CD1234XYZ", 1)]


def test_the_physical_keys_repair_what_a_french_layout_garbled(desk: Page, pages: Pages) -> None:
    press(desk, azerty("5CD1234AZQW"))
    expect(desk.locator("[data-verdict=done]")).to_be_visible()
    [reading] = json.loads(pages.scans[0]["readings"])
    assert (reading["physical"], reading["source"]) == ("5CD1234AZQW", "wedge")
    assert reading["text"] == "(CD&é\"'QWAZ"


def test_keys_that_a_busy_machine_delivers_late_are_still_one_scan(desk: Page, pages: Pages) -> None:
    press(desk, strokes("5CD1234XYZ"), stall_ms=600)
    expect(desk.locator("[data-verdict=done]")).to_be_visible()
    assert [json.loads(scan["readings"])[0]["text"] for scan in pages.scans] == ["5CD1234XYZ"]


def test_a_scan_into_another_field_is_taken_out_again(desk: Page, pages: Pages) -> None:
    desk.fill("#elsewhere", "motif ")
    desk.focus("#elsewhere")
    press(desk, strokes("5CD1234XYZ"))
    expect(desk.locator("[data-verdict=done]")).to_be_visible()
    assert desk.input_value("#elsewhere") == "motif "
    assert json.loads(pages.scans[0]["readings"])[0]["text"] == "5CD1234XYZ"


def test_what_a_person_types_stays_where_it_was_typed(desk: Page, pages: Pages) -> None:
    desk.focus("#elsewhere")
    press(desk, strokes("5CD1234XYZ"), gap_ms=120, end=None)
    assert desk.input_value("#elsewhere") == "5CD1234XYZ"
    assert pages.scans == []


@pytest.mark.parametrize("kind", ["password", "email"])
def test_an_address_or_a_password_is_never_taken_for_a_scan(desk: Page, pages: Pages, kind: str) -> None:
    desk.evaluate(f"document.querySelector('#elsewhere').type = '{kind}'")
    desk.focus("#elsewhere")
    press(desk, strokes("5CD1234XYZ"))
    assert desk.input_value("#elsewhere") == "5CD1234XYZ"
    assert pages.scans == []


def test_tab_ends_a_scan_without_moving_the_focus(desk: Page) -> None:
    desk.focus("#elsewhere")
    press(desk, strokes("5CD1234XYZ"), end="Tab")
    expect(desk.locator("[data-verdict=done]")).to_be_visible()
    assert desk.evaluate("document.activeElement.id") == "elsewhere"


def test_on_any_other_page_a_scan_is_searched(open_page: Callable[..., Page], pages: Pages) -> None:
    page = open_page("/")
    press(page, azerty("5CD1234XYZ"))
    page.wait_for_url("**/search?q=*")
    assert pages.searches == ["5CD1234XYZ"]


def test_a_scan_never_throws_away_a_half_filled_form(open_page: Callable[..., Page], pages: Pages) -> None:
    page = open_page("/")
    page.fill("#text", "série : ")
    press(page, strokes("5CD1234XYZ"))
    expect(page.locator("#text")).to_have_value("série : 5CD1234XYZ")
    assert pages.searches == []
    assert pages.notes == []


def test_the_scanner_test_page_shows_every_key(desk: Page) -> None:
    press(desk, azerty("51"), gap_ms=20, end=None)
    rows = desk.locator("[data-key-log] tr")
    expect(rows).to_have_count(2)
    assert [cell.inner_text() for cell in rows.nth(1).locator("td").all()] == ["&", "Digit1", "20"]
