"""Key strokes with exact times, as a keyboard scanner or a person sends them."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from playwright.sync_api import Error, Page

US = {"-": ("Minus", False), "/": ("Slash", False)}
AZERTY_DIGITS = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))
AZERTY_LETTERS = {"A": "Q", "Q": "A", "Z": "W", "W": "Z", "a": "q", "q": "a", "z": "w", "w": "z"}
Stroke = tuple[str, str, bool]


def strokes(text: str) -> list[Stroke]:
    """(character, physical key, shift) as a US scanner sends the text to a US computer."""
    return [(char, *_physical(char)) for char in text]


def azerty(text: str) -> list[Stroke]:
    """The same physical keys on a computer that is set to French: digits and some letters come out wrong."""
    return [(AZERTY_DIGITS.get(c, AZERTY_LETTERS.get(c, c)), code, shift) for c, code, shift in strokes(text)]


def _physical(char: str) -> tuple[str, bool]:
    if char.isdigit():
        return f"Digit{char}", False
    if char.isalpha():
        return f"Key{char.upper()}", char.isupper()
    return US[char]


def press(page: Page, keys: list[Stroke], gap_ms: int = 8, end: str | None = "Enter", stall_ms: int = 0) -> None:
    """Send the strokes with these times between them; a machine that stalls on the way stretches nothing."""
    listed = [_printable(stroke) for stroke in keys] + ([TERMINATORS[end]] if end else [])
    start = time.time()
    timed = [{**key, "timestamp": start + i * gap_ms / 1000} for i, key in enumerate(listed)]
    session = page.context.new_cdp_session(page)
    with _timers_held(page):
        session._sync(_send_all(session._impl_obj, timed, stall_ms / 1000))
    session.detach()


@contextmanager
def _timers_held(page: Page) -> Iterator[None]:
    """No timer of the page ends while keys are on their way: they bear times, a timer knows only the wall's."""
    page.evaluate(HOLD)
    yield
    with suppress(Error):  # the keys may have led to another page, which holds nothing
        page.evaluate("window.keysOnTheWay?.(false)")


HOLD = """() => {
  if (!window.keysOnTheWay) {
    const { setTimeout: begin, clearTimeout: end } = window;
    const late = new Map();
    let held = false;
    window.setTimeout = (act, delay, ...values) => {
      const id = begin(() => held ? late.set(id, () => act(...values)) : act(...values), delay);
      return id;
    };
    window.clearTimeout = (id) => { late.delete(id); end(id); };
    window.keysOnTheWay = (yes) => {
      held = yes;
      if (!held) for (const [id, act] of late) late.delete(id) && act();
    };
  }
  window.keysOnTheWay(true);
}"""
TERMINATORS = {
    "Enter": {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
    "Tab": {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9, "text": ""},
}


def _printable(stroke: Stroke) -> dict[str, Any]:
    char, code, shift = stroke
    return {"key": char, "code": code, "text": char, "modifiers": 8 if shift else 0}


async def _send_all(session: Any, keys: list[dict[str, Any]], stall: float) -> None:
    middle = len(keys) // 2
    await _send(session, keys[:middle])
    await asyncio.sleep(stall)
    await _send(session, keys[middle:])


async def _send(session: Any, keys: list[dict[str, Any]]) -> None:
    events = [{**key, **kind} for key in keys for kind in ({"type": "keyDown"}, {"type": "keyUp", "text": ""})]
    await asyncio.gather(*(session.send("Input.dispatchKeyEvent", event, None) for event in events))
