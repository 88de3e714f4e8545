"""The signature rate over time as a line: points of an SVG that the server draws, and the figures behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.rules.signature_rate import Rate

WIDTH, HEIGHT = 480, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 30


@dataclass(frozen=True)
class Tick:
    """A line of the grid with its label, at `at` from the top or from the left."""

    at: float
    label: str


@dataclass(frozen=True)
class Chart:
    """What the template draws: the line, the grid, the days at its ends, the rows of the table."""

    points: str
    last: tuple[float, float]
    levels: tuple[Tick, ...]
    first_day: date
    last_day: date
    rows: tuple[tuple[date, Rate], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def chart(rows: Sequence[tuple[date, Rate]]) -> Chart | None:
    """The line through the rates; None for less than two points, which make no line."""
    if len(rows) < 2:
        return None
    first, last = rows[0][0], rows[-1][0]
    span = max((last - first).days, 1)
    places = [(_x((day - first).days / span), _y(rate)) for day, rate in rows]
    return Chart(
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        last=places[-1],
        levels=tuple(Tick(_at(share), f"{share}") for share in (0, 25, 50, 75, 100)),
        first_day=first,
        last_day=last,
        rows=tuple(rows),
    )


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(rate: Rate) -> float:
    return _at(float(rate.fraction or 0) * 100)


def _at(percent: float) -> float:
    return TOP + (100 - percent) / 100 * (HEIGHT - TOP - BOTTOM)
