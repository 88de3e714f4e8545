"""The choice of a way of keeping files, by the settings."""

from tracker.config import Settings
from tracker.storage.local import LocalStorage
from tracker.storage.storage import Storage


def open_storage(settings: Settings) -> Storage:
    """Files below `var_dir`."""
    return LocalStorage(settings.var_dir / "files")
