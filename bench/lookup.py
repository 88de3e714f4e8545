"""A scan looked up among 10,000 and among 1,000,000 devices, in turns in the same run.

python -m bench.lookup [--json] [--small 10000] [--large 1000000] [--rounds 200]

Look-up: a serial number as it is scanned → the device, its holder and its school, in words, as the desk asks for it.
Search: the one search field: the exact hit of a code, then what begins with a serial and with a family name.
Both databases are SQLite files made by plain SQL in a temporary folder; each round asks both for a device drawn by lot.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench.population import Population, populate
from tracker.models.database import Sqlite, connected, database, open_database
from tracker.queries import desk, scanned, search
from tracker.queries.custody import custody_now
from tracker.queries.pupils import Year
from tracker.rules.access import EVERYWHERE

AIM = 1.3


def main(arguments: list[str] | None = None) -> None:
    """Print the figures, as lines or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args(arguments)
    figures = measure(options.small, options.large, options.rounds)
    print(json.dumps(figures, indent=2) if options.json else _lines(figures))


@dataclass(frozen=True)
class Made:
    """One database and what is in it."""

    opened: Any
    population: Population


def measure(small: int, large: int, rounds: int) -> dict[str, Any]:
    """Medians in ms for both sizes and their ratio, for each question."""
    with tempfile.TemporaryDirectory() as name:
        made = [_make(Path(name) / f"{count}.db", count) for count in (small, large)]
        figures = {question.__name__: _compare(question, made, rounds) for question in QUESTIONS}
        for each in made:
            each.opened.close_all()
    return {"small": small, "large": large, "rounds": rounds, "aim": AIM} | figures


def _make(path: Path, count: int) -> Made:
    opened = open_database(f"sqlite:///{path}")
    assert isinstance(opened, Sqlite)
    with connected():
        return Made(opened, populate(opened, count))


def _compare(question: Callable[[Population, int], Any], made: list[Made], rounds: int) -> dict[str, float]:
    dice = Random(11)
    taken: list[list[tuple[float, float]]] = [[] for _ in made]
    for number in range(rounds + 20):
        for place, each in enumerate(made):
            spent = _ask(question, each, dice.randrange(each.population.devices))
            if number >= 20:  # the first rounds fill caches of statements and pages
                taken[place].append(spent)
    (small, small_cpu), (large, large_cpu) = (map(statistics.median, zip(*each, strict=True)) for each in taken)
    return {
        "small_ms": round(1000 * small, 3),
        "large_ms": round(1000 * large, 3),
        "ratio": round(large / small, 3),
        "cpu_ratio": round(large_cpu / small_cpu, 3),
    }


def _ask(question: Callable[[Population, int], Any], made: Made, number: int) -> tuple[float, float]:
    database.initialize(made.opened)
    with connected():
        begun, cpu_begun = time.perf_counter(), time.thread_time()
        found = question(made.population, number)
        spent = time.perf_counter() - begun, time.thread_time() - cpu_begun
    if not found:
        raise RuntimeError(f"{question.__name__} found nothing for device {number}")
    return spent


def look_up(population: Population, number: int) -> bool:
    """Serial → device, its situation, its names for the desk."""
    place = scanned.Place(1, population.school_year)
    found = scanned.named([scanned.ScannedText(population.serial(number))], place, EVERYWHERE)
    device = found.devices[0]
    return bool(custody_now(device.id) and desk.device_names((device.id,)))


def search_exactly(population: Population, number: int) -> bool:
    """The search field, a whole serial typed."""
    values = search.readings(population.serial(number))
    return search.exact(values, EVERYWHERE, sees_pupils=True) is not None


def search_beginnings(population: Population, number: int) -> bool:
    """The search field, the beginning of a serial."""
    text = population.serial(number)[:6]
    year = Year(population.school_year, population.today)
    return bool(search.beginning_with(text, EVERYWHERE, year, sees_pupils=True).devices.rows)


def search_names(population: Population, number: int) -> bool:
    """The search field, a family name with the beginning of a given name."""
    year = Year(population.school_year, population.today)
    found = search.beginning_with(population.name(number), EVERYWHERE, year, sees_pupils=True)
    return bool(found.pupils and found.pupils.rows)


QUESTIONS = (look_up, search_exactly, search_beginnings, search_names)


def _lines(figures: dict[str, Any]) -> str:
    lines = [f"Among {figures['small']} and {figures['large']} devices, median ms of {figures['rounds']} rounds"]
    for question in QUESTIONS:
        one = figures[question.__name__]
        times = f"{one['small_ms']:>8} {one['large_ms']:>8}"
        lines.append(f"  {question.__name__:<18} {times}   ratio {one['ratio']} (CPU {one['cpu_ratio']})")
    return "\n".join([*lines, f"  aim: ratio of at most {figures['aim']}"])


if __name__ == "__main__":
    main()
