"""Opens a file that somebody sent: its bytes piece by piece, out of a ZIP if need be, counted while they are read."""

import io
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from tracker.rosters.fields import visible
from tracker.rosters.findings import FileRefused
from tracker.rosters.limits import Limits

Progress = Callable[[int, int | None], None]
"""Called with the bytes read so far and, where it is known, how many there are."""

CHUNK = 64 * 1024
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_END_OF_DIRECTORY = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_PACKED_SPREADSHEETS = frozenset({"[Content_Types].xml", "mimetype"})
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    ValueError,
    KeyError,
    IndexError,
)


@contextmanager
def opened(source: Path | bytes | BinaryIO, limits: Limits, progress: Progress | None) -> Iterator[Iterator[bytes]]:
    """The pieces of the one file in `source`; raises FileRefused where there is none or it may not be opened."""
    with _seekable(source) as file:
        head = file.read(4)
        file.seek(0)
        if head in (_ZIP, _EMPTY_ZIP):
            with _unpacked(file, limits) as (entry, packed, size):
                yield _counted(entry, limits, progress, size, packed)
        else:
            yield _counted(file, limits, progress, _size(file))


@contextmanager
def _seekable(source: Path | bytes | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    elif source.seekable():
        source.seek(0)
        yield source
    else:
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(source, kept)
            kept.seek(0)
            yield cast(BinaryIO, kept)


def _size(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def _counted(
    file: BinaryIO, limits: Limits, progress: Progress | None, total: int | None, packed: int | None = None
) -> Iterator[bytes]:
    """The pieces; what is read is counted, whatever the directory of a ZIP says of its size."""
    read = 0
    while piece := _piece(file, packed is not None):
        read += len(piece)
        if read > limits.file:
            raise FileRefused("file_too_big", expected=f"{limits.file // 1_000_000} MB")
        if packed is not None and read > limits.ratio_from and read > limits.ratio * max(packed, 1):
            raise FileRefused("zip_bomb", found=f"{read // max(packed, 1)}:1", expected=f"{limits.ratio}:1")
        if progress:
            progress(read, total)
        yield piece


def _piece(file: BinaryIO, from_zip: bool) -> bytes:
    if not from_zip:
        return file.read(CHUNK)
    try:
        return file.read(CHUNK)
    except _DAMAGED as error:
        raise FileRefused("zip_damaged") from error


@contextmanager
def _unpacked(file: BinaryIO, limits: Limits) -> Iterator[tuple[BinaryIO, int, int]]:
    """The one entry of a ZIP, its packed and stated sizes."""
    _check_directory(file, limits)
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGED as error:
        raise FileRefused("zip_damaged") from error
    with archive:
        chosen = _only_entry(archive)
        try:
            entry = archive.open(chosen)
        except _DAMAGED as error:
            raise FileRefused("zip_damaged") from error
        with entry:
            yield cast(BinaryIO, entry), chosen.compress_size, chosen.file_size


def _check_directory(file: BinaryIO, limits: Limits) -> None:
    """Refuse a directory of contents that is too large to be read at once; a roster's holds one entry or a few."""
    size = _size(file)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(_END_OF_DIRECTORY)
    if end < 0 or len(tail) < end + 22:
        raise FileRefused("zip_damaged")
    if _ZIP64_LOCATOR in tail or int.from_bytes(tail[end + 12 : end + 16], "little") > limits.directory:
        raise FileRefused("zip_too_many_entries")


def _only_entry(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    entries = [
        entry for entry in archive.infolist() if not entry.filename.endswith("/") and not _is_extra(entry.filename)
    ]
    unsafe = [entry.filename for entry in archive.infolist() if _is_unsafe(entry.filename)]
    if unsafe:
        raise FileRefused("zip_unsafe_name", found=visible(unsafe[0])[:60])
    if any(entry.filename in _PACKED_SPREADSHEETS for entry in entries):
        raise FileRefused("spreadsheet")
    if not entries:
        raise FileRefused("zip_empty")
    if len(entries) > 1:
        raise FileRefused("zip_several_files", found=visible(", ".join(entry.filename for entry in entries[:5]))[:200])
    return _readable(entries[0])


def _readable(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    if entry.flag_bits & 0x1:
        raise FileRefused("zip_encrypted", found=entry.filename[:100])
    # The other methods may ask for gigabytes to unpack a few bytes; no school's export uses them.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileRefused("zip_damaged")
    return entry


def _is_extra(name: str) -> bool:
    """What macOS and Windows add by themselves."""
    last = name.rsplit("/", 1)[-1]
    return name.startswith("__MACOSX/") or last.startswith("._") or last in (".DS_Store", "Thumbs.db", "desktop.ini")


def _is_unsafe(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":")
