"""`tracker serve`: the web server and, beside it, the consumer of jobs."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from tracker.cli.addresses import listen, own_addresses, reachable_at
from tracker.cli.sample import announce_accounts, load_when_empty
from tracker.cli.supervisor import Child, Supervisor
from tracker.cli.words import _
from tracker.config import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only with --tls, and it is said


@click.command(help=_("Serve the pages."))
@click.option("--host", help=_("Address to listen on (HOST)."))
@click.option("--port", type=click.IntRange(1, 65535), help=_("Port to listen on (PORT)."))
@click.option("--workers", type=click.IntRange(1), help=_("Processes (TRACKER_WORKERS)."))
@click.option("--threads", type=click.IntRange(1), help=_("Threads of each process (TRACKER_THREADS)."))
@click.option("--tls", is_flag=True, help=_("HTTPS with a certificate made here, for the cameras of phones."))
@click.option("--jobs/--no-jobs", default=True, help=_("Also run the consumer of jobs."))
@click.option("--prepare", is_flag=True, help=_("First migrate, and load the sample data into an empty database."))
def serve(tls: bool, jobs: bool, prepare: bool, **given: str | int | None) -> None:
    """Listen, prepare, then run until Ctrl-C or SIGTERM."""
    settings = with_options(Settings(), given, tls)
    listener = listen(settings.host, settings.port)
    files = certificate_files(settings.var_dir / "tls") if tls else None
    children = _children(settings, listener, files, jobs, prepare)
    supervisor = Supervisor(children)
    supervisor.start()
    listener.close()  # the server has it now: its end frees the port
    announce(settings, tls)
    sys.exit(supervisor.wait())


def with_options(settings: Settings, given: dict[str, str | int | None], tls: bool) -> Settings:
    """The settings, with what was typed in their place; --tls listens on every address unless one is named."""
    typed = {name: value for name, value in given.items() if value is not None}
    if tls:
        typed["secure_cookies"] = True
        if "host" not in settings.model_fields_set:
            typed.setdefault("host", EVERYWHERE)
    settings = settings.model_copy(update=typed)
    if "public_url" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"public_url": address(settings, tls)})


def address(settings: Settings, tls: bool) -> str:
    """What is typed into a browser."""
    host = reachable_at(settings.host)
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def certificate_files(folder: Path) -> tuple[Path, Path]:
    """The certificate and the key for every name and address of this machine."""
    from tracker.cli.certificates import certificate

    names = ["localhost", *own_addresses(), socket.gethostname()]
    return certificate(folder, list(dict.fromkeys(names)), datetime.now(UTC))


def _children(
    settings: Settings, listener: socket.socket, files: tuple[Path, Path] | None, jobs: bool, prepare: bool
) -> list[Child]:
    from tracker.app import create_app
    from tracker.cli.web_server import Service, WebServer

    app = create_app(settings)
    if prepare:
        _prepare(settings)
    service = Service(app, listener, settings.workers, settings.threads, *(files or ()))
    children = [Child(WebServer(service).run)]
    if jobs:
        children.append(Child(lambda: _consume(settings, listener), signal.SIGINT, is_restarted=True))
    gc.freeze()  # what is loaded now is shared with the children for good
    return children


def _prepare(settings: Settings) -> None:
    from tracker.models.database import connected, database
    from tracker.models.migrations import migrate

    with connected():
        migrate(database.obj)
        load_when_empty(settings)
    database.close_all()  # no connection may be open when the children are forked


def _consume(settings: Settings, listener: socket.socket) -> None:
    listener.close()
    from tracker.jobs import run_consumer

    run_consumer(settings)


def announce(settings: Settings, tls: bool) -> None:
    """Print who can sign in and where the pages are; with TLS also as a QR code for a phone's camera."""
    where = address(settings, tls)
    announce_accounts(settings)
    click.echo("\n" + _("Tracker answers at %(address)s (Ctrl-C stops it)", address=where))
    if not tls:
        return
    if settings.host == EVERYWHERE:
        click.echo(_("It listens on every address of this machine: any device of this network can open it."))
    click.echo(_("The phone warns about the certificate, which this machine made itself: accept it once."))
    import segno

    segno.make(where, error="l").terminal(compact=True)
