"""Hand-overs per second over HTTP, next to the bare database transaction measured in the same run.

python -m bench.handovers [--json] [--pairs 400] [--clients 4] [--rounds 4]

Over HTTP: `tracker serve` with 2 workers; each client is signed in, sends its CSRF token, its permissions are
checked, the ledger is written and the fragment for htmx rendered. Bare: operations.loans.hand_over in a loop.
Both on SQLite with synchronous=FULL, in turns, on the same file.
"""

import argparse
import json
import statistics
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.desk_client import DeskClient
from bench.hall import Hall, Pair, fill
from bench.server import served
from tracker import logs
from tracker.models.database import connected, database, open_database
from tracker.models.migrations import migrate
from tracker.operations import ledger, loans
from tracker.rules.access import Actor, Role

AIM = 0.40


def main(arguments: list[str] | None = None) -> None:
    """Print the figures, as lines or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pairs", type=int, default=400, help="hand-overs of each kind")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args(arguments)
    figures = measure(options.pairs, options.clients, options.rounds)
    print(json.dumps(figures, indent=2) if options.json else _lines(figures))


def measure(pairs: int, clients: int, rounds: int) -> dict[str, Any]:
    """Both rates, their ratio, and the latencies over HTTP; the ledger of the run is verified at the end."""
    logs.configure(as_json=False)
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'tracker.db'}"
        open_database(url)
        with connected():
            migrate(database)
            hall = fill(2 * pairs + 2 * clients, now=now, people=clients)
        database.close_all()
        with served(url, folder) as (port, _process):
            desks = [_desk(port, hall, number) for number in range(clients)]
            figures = _in_turns(hall, desks, pairs, rounds)
        with connected():
            if broken := ledger.verify().broken:
                raise RuntimeError(f"the ledger is broken: {broken}")
    return figures


def _desk(port: int, hall: Hall, number: int) -> DeskClient:
    desk = DeskClient(port, hall.school_id)
    desk.sign_in(hall.staff[number][1])
    for place in (2 * number, 2 * number + 1):  # a first scan or two: both workers have seen every template
        desk.hand_over(hall.pairs[-1 - place])
    return desk


def _in_turns(hall: Hall, desks: list[DeskClient], pairs: int, rounds: int) -> dict[str, Any]:
    share = pairs // rounds
    bare_rates, http_rates, latencies = [], [], []
    waiting = iter(hall.pairs)
    for _round in range(rounds):
        bare_rates.append(_bare(hall, [next(waiting) for _ in range(share)]))
        rate, taken = _over_http(desks, [next(waiting) for _ in range(share)])
        http_rates.append(rate)
        latencies += taken
    bare, over_http = statistics.median(bare_rates), statistics.median(http_rates)
    return {
        "bare_per_s": round(bare, 1),
        "http_per_s": round(over_http, 1),
        "ratio": round(over_http / bare, 3),
        "aim": AIM,
        "http_ms_p50": round(1000 * statistics.median(latencies), 1),
        "http_ms_p95": round(1000 * statistics.quantiles(latencies, n=20)[-1], 1),
        "clients": len(desks),
        "workers": 2,
        "hand_overs": 2 * share * rounds,
    }


def _bare(hall: Hall, pairs: list[Pair]) -> float:
    who = Actor(hall.staff[0][0], Role.STAFF)
    with connected():
        begun = time.perf_counter()
        for pair in pairs:
            request = loans.Request(pair.device_id, pair.pupil_id, hall.school_id, uuid.uuid4(), scanned=pair.tag)
            loans.hand_over(request, campaign=hall.campaign, actor=who, now=datetime.now(UTC))
        return len(pairs) / (time.perf_counter() - begun)


def _over_http(desks: list[DeskClient], pairs: list[Pair]) -> tuple[float, list[float]]:
    shares = [pairs[number :: len(desks)] for number in range(len(desks))]
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(desks)) as pool:
        taken = [each for some in pool.map(_scan_all, desks, shares) for each in some]
    return len(pairs) / (time.perf_counter() - begun), taken


def _scan_all(desk: DeskClient, pairs: list[Pair]) -> list[float]:
    taken = []
    for pair in pairs:
        begun = time.perf_counter()
        kind = desk.hand_over(pair)
        taken.append(time.perf_counter() - begun)
        if kind != "done":
            raise RuntimeError(f"a hand-over was {kind}")
    return taken


def _lines(figures: dict[str, Any]) -> str:
    return "\n".join(
        [
            "Hand-overs per second, SQLite, synchronous=FULL",
            f"  bare transaction, one process   {figures['bare_per_s']:>8}",
            f"  over HTTP, 2 workers            {figures['http_per_s']:>8}   ({figures['clients']} clients)",
            f"  ratio                           {figures['ratio']:>8}   (aim: at least {figures['aim']})",
            f"  HTTP p50 / p95                  {figures['http_ms_p50']} / {figures['http_ms_p95']} ms",
        ]
    )


if __name__ == "__main__":
    main()
