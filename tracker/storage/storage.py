"""What every way of keeping files has in common: a file goes in whole and comes back under its key."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


class FileMissing(Exception):
    """No file is kept under this key (any more)."""


class FileTooLarge(Exception):
    """The file has more bytes than its limit, which `limit` holds; nothing of it was kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


@dataclass(frozen=True)
class Stored:
    """A file that is kept: its key, the SHA-256 of its content in hexadecimal, its size in bytes."""

    key: str
    digest: str
    size: int


class Storage(Protocol):
    """A way of keeping files. A key is random, made here, never from what people send; ValueError for any other."""

    def put(self, data: bytes, *, kind: str, suffix: str) -> Stored:
        """Keep the bytes, whole or not at all; `kind` and `suffix` (".pdf") are words of the program's own."""

    def put_stream(self, file: BinaryIO, *, kind: str, suffix: str, limit: int) -> Stored:
        """Keep what can be read from `file`, in pieces. Raises FileTooLarge beyond `limit` bytes."""

    def open(self, key: str) -> BinaryIO:
        """The file, to be read and closed. Raises FileMissing."""

    def read(self, key: str) -> bytes:
        """The whole content. Raises FileMissing."""

    def path(self, key: str) -> Path:
        """Where the file can be read on this machine. Raises FileMissing."""

    def delete(self, key: str) -> None:
        """Forget the file; one that is gone already is fine."""

    def clear_unfinished(self, before: datetime) -> int:
        """Remove what interrupted writes left, if last written before that moment; how many there were."""
