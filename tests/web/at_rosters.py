"""Rosters in a browser's words: a file brought in, the waiting work done, the import's page."""

import io
from typing import Any

from flask.testing import FlaskClient

from tracker.config import Settings
from tracker.jobs.queue import open_queue
from tracker.jobs.work import do_waiting_work
from tracker.models.rosters import RosterImport

HTMX = {"HX-Request": "true"}


class Browser:
    """A signed-in person with the pages of rosters, and the process that does long work."""

    def __init__(self, client: FlaskClient, settings: Settings) -> None:
        self.client, self._settings = client, settings

    def send(self, content: bytes = b"", name: str = "eleves.xml", **fields: Any) -> Any:
        """The form for the next file, sent."""
        data = fields | ({"file": (io.BytesIO(content), name)} if name else {})
        return self.client.post("/rosters/", data=data)

    def bring_in(self, content: bytes, **fields: Any) -> RosterImport:
        """A file brought in and read."""
        answer = self.send(content, **fields)
        assert answer.status_code == 303, answer.get_data(as_text=True)[-3000:]
        self.work()
        return RosterImport.get_by_id(int(answer.location.rsplit("/", 1)[1]))

    def work(self) -> int:
        """Do the long work that waits."""
        return do_waiting_work(self._settings, open_queue(self._settings))

    def page(self, made: RosterImport, **how: Any) -> str:
        """The import's page."""
        answer = self.client.get(f"/rosters/{made.id}", **how)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def apply(self, made: RosterImport, **fields: Any) -> str:
        """The file applied, to the end; the report."""
        assert self.client.post(f"/rosters/{made.id}/apply", data=fields).status_code == 303
        self.work()
        return self.page(made)
