"""`tracker serve` as a person runs it: real processes, real sockets, real signals."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds after which something has gone wrong; nothing is measured here."""

GRACE = 20
"""Seconds that the server gives the requests under way."""


def until(condition: Callable[[], object]) -> object:
    """What the condition gives once it is true."""
    for _attempt in range(PATIENCE * 20):
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children_of(pid: int) -> set[int]:
    """Every process below this one."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
    below = {child for child, parent in parents.items() if parent == pid}
    return below.union(*(children_of(child) for child in below))


def is_running(pid: int) -> bool:
    """True while the process exists and is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def open_databases(pid: int) -> set[str]:
    """The database files that a process holds open."""
    found = {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}
    return {each for each in found if each.endswith((".db", "-wal", "-shm"))}


class Served:
    """One `tracker serve` on a free port of 127.0.0.1, with a data folder of its own."""

    def __init__(self, folder: Path, *options: str, **env: str) -> None:
        self.port, self.folder = free_port(), folder
        self.output = (folder / "output").open("w+")
        settings = {"HOST": "127.0.0.1", "PORT": str(self.port), "TRACKER_VAR_DIR": str(folder / "var")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracker", "serve", "--workers=2", *options],
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | settings | env,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def said(self) -> str:
        return (self.folder / "output").read_text()

    def status(self, path: str = "/", tls: ssl.SSLContext | None = None) -> int | None:
        """The status of an answer; None while nothing answers."""
        options = {"timeout": PATIENCE}
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, context=tls, **options)
            if tls
            else http.client.HTTPConnection("127.0.0.1", self.port, **options)
        )
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionError:
            assert self.process.poll() is None, self.said()
            return None
        finally:
            connection.close()

    def children(self, at_least: int) -> set[int]:
        """Its processes, once there are so many of them."""
        return until(lambda: (found := children_of(self.process.pid)) and len(found) >= at_least and found)

    def close(self) -> None:
        below = children_of(self.process.pid)
        self.process.kill()
        self.process.wait()
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.output.close()


@pytest.fixture
def serve(tmp_path, migrated_sqlite) -> Iterator[Callable[..., Served]]:
    """serve("--tls") → a server on an empty migrated database, ended with the test."""
    started = []

    def start(*options: str, **env: str) -> Served:
        folder = tmp_path / str(len(started))
        (folder / "var").mkdir(parents=True)
        shutil.copy(migrated_sqlite, folder / "var" / "tracker.db")
        started.append(Served(folder, *options, **env))
        return started[-1]

    yield start
    for served in started:
        served.close()


SERVER_AND_JOBS = 4
"""The server, its two workers, the consumer of jobs."""


def test_the_first_start_loads_the_sample_data_and_names_the_accounts(serve):
    served = serve("--prepare", "--no-jobs")
    until(lambda: "Tracker répond" in served.said())
    accounts = served.folder / "var" / "sample-accounts.txt"
    for line in accounts.read_text().splitlines():
        role, email, password, *_schools = line.split()
        assert f"{role:<10} {email}" in served.said()
        assert password not in served.said()
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    # Neither the parent nor the server carries a connection into the processes that it forks.
    assert not [pid for pid in (served.process.pid, *served.children(3)) if open_databases(pid)]


def test_after_the_first_start_a_page_is_typeset_by_every_process(serve):
    """typst's threads do not survive a fork: whatever was typeset before it would leave the first print waiting."""
    served = serve("--prepare", "--no-jobs", TRACKER_RATE_LIMITS="0")
    until(lambda: "Tracker répond" in served.said())
    accounts = (served.folder / "var" / "sample-accounts.txt").read_text().splitlines()
    _role, email, password, *_school = next(line for line in accounts if "region@" in line).split()
    site, browser = f"http://127.0.0.1:{served.port}", build_opener(HTTPCookieProcessor())
    form = browser.open(f"{site}/sign-in", timeout=PATIENCE).read().decode()
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form)[1]
    said = urlencode({"csrf_token": token, "email": email, "password": password}).encode()
    browser.open(f"{site}/sign-in", said, timeout=PATIENCE)
    for _attempt in range(4):
        answer = browser.open(f"{site}/agreement-texts/1/form.pdf", timeout=PATIENCE)
        assert answer.read(5) == b"%PDF-"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process(serve, number):
    served = serve()
    assert until(served.status) < 500
    below = served.children(SERVER_AND_JOBS)
    served.process.send_signal(number)
    assert served.process.wait(PATIENCE) == 0
    assert not [pid for pid in below if is_running(pid)]
    assert "Traceback" not in served.said()


def test_a_server_that_is_killed_outright_leaves_nothing_behind(serve):
    served = serve()
    until(served.status)
    below = served.children(SERVER_AND_JOBS)
    served.process.kill()
    until(lambda: not [pid for pid in below if is_running(pid)])


def test_a_second_signal_does_not_wait_for_anybody(serve):
    served = serve("--no-jobs")
    until(served.status)
    with socket.create_connection(("127.0.0.1", served.port)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # a request that never ends
        below = served.children(3)
        asked = time.monotonic()
        # Again and again: two that come at once are one.
        until(lambda: served.process.poll() is not None or served.process.send_signal(signal.SIGINT))
        assert time.monotonic() - asked < GRACE
    until(lambda: not [pid for pid in below if is_running(pid)])


def test_a_consumer_that_dies_is_started_again(serve):
    served = serve()
    until(served.status)
    below = served.children(SERVER_AND_JOBS)
    direct = {pid for pid in below if f"PPid:\t{served.process.pid}\n" in Path(f"/proc/{pid}/status").read_text()}
    consumer = max(direct)  # started after the server
    os.kill(consumer, signal.SIGKILL)
    until(lambda: children_of(served.process.pid) - below)
    assert served.status() < 500


def test_a_port_that_is_taken_is_a_sentence(serve):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        served = serve(PORT=str(port))
        assert served.process.wait(PATIENCE) == 75
    assert served.said().startswith(f"Le port {port} est déjà pris sur 127.0.0.1")
    assert len(served.said().splitlines()) == 1


def test_an_address_of_another_machine_is_a_sentence(serve):
    served = serve("--host", "203.0.113.9")
    assert served.process.wait(PATIENCE) == 71
    assert served.said().startswith("Impossible d’écouter sur 203.0.113.9")
    assert "Traceback" not in served.said()


def test_a_port_that_is_no_number_is_a_sentence(serve):
    served = serve(PORT="eighty")
    assert served.process.wait(PATIENCE) == 78
    assert served.said().startswith("Le réglage PORT ne peut pas valoir eighty")
    assert len(served.said().splitlines()) == 1


def test_a_database_that_does_not_answer_is_a_sentence(serve):
    served = serve("--prepare", DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    assert served.process.wait(PATIENCE) == 69
    assert "La base de données ne répond pas" in served.said()
    assert "Traceback" not in served.said()


def test_a_data_folder_that_cannot_be_made_is_a_sentence(serve, tmp_path):
    (tmp_path / "file").write_text("in the way")
    served = serve("--prepare", TRACKER_VAR_DIR=str(tmp_path / "file"))
    assert served.process.wait(PATIENCE) == 73
    assert served.said().startswith("Impossible d’écrire dans")
    assert "Traceback" not in served.said()


def test_tls_is_served_with_a_certificate_that_verifies(serve):
    served = serve("--tls", "--no-jobs")
    certificate = served.folder / "var" / "tls" / "certificate.pem"
    until(certificate.exists)
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert until(lambda: served.status(tls=trusting)) < 500
    assert f"https://127.0.0.1:{served.port}" in until(lambda: "█" in served.said() and served.said())


def test_tls_refuses_whoever_trusts_other_certificates_only(serve):
    served = serve("--tls", "--no-jobs")
    until((served.folder / "var" / "tls" / "certificate.pem").exists)
    with pytest.raises(ssl.SSLCertVerificationError):
        until(lambda: served.status(tls=ssl.create_default_context()))
