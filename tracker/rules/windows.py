"""Rule D6: the dispatch calendar as people write it, one window a line: cut-off; week; label."""

import re
from datetime import date

_FRENCH = re.compile(r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$")


class LineProblem(ValueError):
    """What is wrong with one line: `code` is three_parts, not_a_date or week_before_cut_off."""

    def __init__(self, line: int, code: str, text: str) -> None:
        super().__init__(code)
        self.line = line
        self.code = code
        self.text = text


def parse_windows(text: str) -> list[tuple[str, str, str]]:
    """The windows of the lines, dates as ISO. Raises LineProblem for the first line that is wrong.

    Rule D6. A window whose week begins before its cut-off is refused.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    return [_window(number, line) for number, line in lines if line]


def write_windows(windows: list[tuple[str, str, str]] | list[list[str]]) -> str:
    """The lines of the windows, dates as French readers write them."""
    return "\n".join(f"{_written(cut_off)} ; {_written(week)} ; {label}" for cut_off, week, label in windows)


def _window(number: int, line: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in line.split(";", 2)]
    if len(parts) != 3 or not parts[2]:
        raise LineProblem(number, "three_parts", line)
    try:
        cut_off, week = _date(parts[0]), _date(parts[1])
    except ValueError:
        raise LineProblem(number, "not_a_date", line) from None
    if week < cut_off:
        raise LineProblem(number, "week_before_cut_off", line)
    return cut_off.isoformat(), week.isoformat(), parts[2]


def _date(text: str) -> date:
    found = _FRENCH.match(text)
    if found:
        day, month, year = map(int, found.groups())
        return date(year, month, day)
    return date.fromisoformat(text)


def _written(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y")
