"""gunicorn inside this program: threads, connections kept open, calm logs."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


@dataclass(frozen=True)
class Service:
    """What is served: the application, the socket that it listens on, and how."""

    app: Flask
    listener: socket.socket
    workers: int
    threads: int
    certificate: Path | None = None
    key: Path | None = None

    def options(self) -> dict[str, Any]:
        """gunicorn's settings."""
        return {
            "bind": f"fd://{self.listener.fileno()}",
            "worker_class": "gthread",
            "workers": self.workers,
            "threads": self.threads,
            "preload_app": True,  # made before the fork: the workers share its memory
            "keepalive": 60,  # a desk scans every few seconds: no handshake for each scan
            "timeout": 60,
            "graceful_timeout": 20,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # TRACKER_TRUSTED_PROXIES decides, in the application
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 - heartbeat, not data
            "certfile": str(self.certificate) if self.certificate else None,
            "keyfile": str(self.key) if self.key else None,
        }


class WebServer(BaseApplication):
    """A gunicorn that takes its settings from a Service instead of a command line."""

    def __init__(self, service: Service) -> None:
        self.service = service
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its settings."""
        for name, value in self.service.options().items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made already."""
        return self.service.app
