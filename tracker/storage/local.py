"""Files kept in a folder of this machine, readable by their owner only."""

import hashlib
import io
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tracker.storage.storage import FileMissing, FileTooLarge, Stored

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_KEY = re.compile(rf"{_KIND.pattern}/[0-9a-f]{{2}}/[0-9a-f]{{32}}{_SUFFIX.pattern}")
_PIECE = 1 << 20  # bytes read at a time
_UNFINISHED = "unfinished"


class LocalStorage:
    """Keys are paths below the folder: `kind/ab/random.suffix`; what is being written has another folder, no key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, *, kind: str, suffix: str) -> Stored:
        """Keep the bytes: once this returns, they survive a power cut."""
        return self.put_stream(io.BytesIO(data), kind=kind, suffix=suffix, limit=len(data))

    def put_stream(self, file: BinaryIO, *, kind: str, suffix: str, limit: int) -> Stored:
        """Keep what can be read from `file`; FileTooLarge as soon as more than `limit` bytes came."""
        key = _new_key(kind, suffix)
        target = self._folder / key
        self._make(target.parent)
        with self._unfinished_file() as (part, out):
            digest, size = _copied(file, out, limit)
            os.fsync(out.fileno())
            os.rename(part, target)
        _settle(target.parent)
        return Stored(key, digest, size)

    def open(self, key: str) -> BinaryIO:
        """The file, to be read and closed."""
        try:
            return self._place(key).open("rb")
        except FileNotFoundError:
            raise FileMissing(key) from None

    def read(self, key: str) -> bytes:
        """The whole content."""
        with self.open(key) as file:
            return file.read()

    def path(self, key: str) -> Path:
        """The file itself."""
        place = self._place(key)
        if not place.is_file():
            raise FileMissing(key)
        return place

    def delete(self, key: str) -> None:
        """Forget the file."""
        self._place(key).unlink(missing_ok=True)

    def clear_unfinished(self, before: datetime) -> int:
        """Remove the parts that nobody has written to since `before`: their process died."""
        old = [part for part in self._parts() if part.stat().st_mtime < before.timestamp()]
        for part in old:
            part.unlink(missing_ok=True)
        return len(old)

    def _parts(self) -> list[Path]:
        folder = self._folder / _UNFINISHED
        return list(folder.iterdir()) if folder.is_dir() else []

    def _place(self, key: str) -> Path:
        """The path of a key. A key has one form only: none can lead out of the folder."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not a key of this storage")
        return self._folder / key

    @contextmanager
    def _unfinished_file(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file beside the kept ones, gone afterwards unless it was renamed."""
        part = self._make(self._folder / _UNFINISHED) / uuid.uuid4().hex
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                yield part, out
        finally:
            part.unlink(missing_ok=True)

    def _make(self, folder: Path) -> Path:
        """The folder, with the missing ones above it, each its owner's only and each noted on the disk."""
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            _settle(folder.parent)
        return folder


def _new_key(kind: str, suffix: str) -> str:
    if not _KIND.fullmatch(kind) or not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"{kind!r} and {suffix!r} make no key")
    name = uuid.uuid4().hex
    return f"{kind}/{name[:2]}/{name}{suffix}"


def _copied(file: BinaryIO, out: BinaryIO, limit: int) -> tuple[str, int]:
    """Copy piece by piece; the SHA-256 and the size of what was copied."""
    digest, size = hashlib.sha256(), 0
    while piece := file.read(_PIECE):
        size += len(piece)
        if size > limit:
            raise FileTooLarge(limit)
        digest.update(piece)
        out.write(piece)
    out.flush()
    return digest.hexdigest(), size


def _settle(folder: Path) -> None:
    """Have the folder's own list of names on the disk: without it a power cut can lose a name that was given."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
