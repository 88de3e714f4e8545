"""Files kept on this machine: whole or not at all, nobody else's, and never outside of their folder."""

import hashlib
import io
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_settings
from tracker.storage.choice import open_storage
from tracker.storage.local import LocalStorage
from tracker.storage.storage import FileMissing, FileTooLarge

ROOT = Path(__file__).parents[2]
ABSENT = "agreements/00/" + "0" * 32 + ".pdf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "files"


@pytest.fixture
def storage(folder: Path) -> LocalStorage:
    return LocalStorage(folder)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 signed", bytes(3 << 20)], ids=["nothing", "short", "3 MB"])
def test_a_file_comes_back_as_it_was_with_its_digest_and_size(storage, data):
    kept = storage.put(data, kind="agreements", suffix=".pdf")
    assert storage.read(kept.key) == data
    assert storage.path(kept.key).read_bytes() == data
    with storage.open(kept.key) as file:
        assert file.read() == data
    assert (kept.digest, kept.size) == (hashlib.sha256(data).hexdigest(), len(data))


def test_the_same_content_twice_is_two_files_so_that_one_can_go(storage):
    first, second = (storage.put(b"same", kind="scans", suffix=".jpg") for _ in range(2))
    storage.delete(first.key)
    assert storage.read(second.key) == b"same"


def test_a_key_names_the_kind_and_the_suffix_and_nothing_else_that_could_be_known(storage):
    kind, shelf, name = storage.put(b"x", kind="rosters", suffix=".zip").key.split("/")
    assert (kind, shelf, len(name)) == ("rosters", name[:2], len(".zip") + 32)


def test_a_file_that_is_gone_is_said_to_be_missing(storage):
    kept = storage.put(b"x", kind="rosters", suffix=".zip")
    storage.delete(kept.key)
    storage.delete(kept.key)
    for look in (storage.open, storage.read, storage.path):
        with pytest.raises(FileMissing):
            look(kept.key)


def test_only_the_owner_can_enter_or_read_even_with_a_generous_umask(storage, folder):
    before = os.umask(0)
    try:
        kept = storage.put(b"x", kind="rosters", suffix=".zip")
    finally:
        os.umask(before)
    assert storage.path(kept.key).stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in [folder, *folder.rglob("*")] if path.is_dir()} == {0o700}


@pytest.mark.parametrize(
    "key",
    [
        "", ".", "..", "/etc/passwd", "../secret-key", "rosters/../../secret-key", "rosters/ab/../../../secret-key",
        "rosters/ab/" + "0" * 32, ABSENT + "\n", "\n" + ABSENT, ABSENT + "\0", ABSENT.replace("/", "\\"), "./" + ABSENT,
        "agreements//00/" + "0" * 32 + ".pdf", "unfinished/" + "0" * 32,
    ],
)  # fmt: skip
def test_a_key_that_could_lead_elsewhere_is_refused(storage, folder, key):
    (folder.parent).mkdir(parents=True)
    (folder.parent / "secret-key").write_text("secret")
    for use in (storage.open, storage.read, storage.path, storage.delete):
        with pytest.raises(ValueError, match="is not a key"):
            use(key)
    assert (folder.parent / "secret-key").read_text() == "secret"


@given(st.text(max_size=60))
def test_no_text_whatever_opens_a_file_that_was_not_stored(key):
    with pytest.raises((ValueError, FileMissing)):
        LocalStorage(ROOT / "tests").read(key)


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("..", ".pdf"), ("a/b", ".pdf"), ("", ".pdf"), ("Rosters", ".pdf"), ("rosters", "pdf"), ("rosters", "./../x"),
     ("rosters", ".tar.gz"), ("rosters", "")],
)  # fmt: skip
def test_words_that_make_no_key_keep_nothing(storage, folder, kind, suffix):
    with pytest.raises(ValueError, match="make no key"):
        storage.put(b"x", kind=kind, suffix=suffix)
    assert not folder.exists()


@pytest.mark.parametrize("size", [0, 10, 3 << 20])
def test_a_stream_may_have_exactly_as_many_bytes_as_its_limit(storage, size):
    data = bytes(size)
    kept = storage.put_stream(io.BytesIO(data), kind="scans", suffix=".pdf", limit=size)
    assert (storage.read(kept.key), kept.digest) == (data, hashlib.sha256(data).hexdigest())


class Endless(io.RawIOBase):
    """An upload that never ends and counts what was taken."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return bytes(size)


def test_a_stream_over_its_limit_is_stopped_and_leaves_nothing(storage, folder):
    upload = Endless()
    with pytest.raises(FileTooLarge) as refusal:
        storage.put_stream(upload, kind="scans", suffix=".pdf", limit=5 << 20)
    assert (refusal.value.limit, upload.taken) == (5 << 20, 6 << 20)
    assert files_in(folder) == []


class Broken(io.RawIOBase):
    """An upload whose line breaks after the first piece."""

    pieces = 1

    def read(self, size: int = -1) -> bytes:
        if not self.pieces:
            raise ConnectionResetError
        self.pieces -= 1
        return b"first"


def test_an_upload_that_breaks_off_leaves_nothing(storage, folder):
    with pytest.raises(ConnectionResetError):
        storage.put_stream(Broken(), kind="scans", suffix=".pdf", limit=100)
    assert files_in(folder) == []


DIES_BEFORE_THE_RENAME = """
import os, pathlib, signal, sys
from tracker.storage.local import LocalStorage
os.rename = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
LocalStorage(pathlib.Path(sys.argv[1])).put(b"half of a signed agreement", kind="agreements", suffix=".pdf")
"""


def test_a_process_that_dies_before_the_rename_leaves_no_key_and_what_it_left_is_cleared(storage, folder):
    died = subprocess.run([sys.executable, "-c", DIES_BEFORE_THE_RENAME, str(folder)], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    (left,) = files_in(folder)
    assert left.parent == folder / "unfinished"
    kept = storage.put(b"another", kind="agreements", suffix=".pdf")
    written = datetime.fromtimestamp(left.stat().st_mtime, UTC)
    assert storage.clear_unfinished(written - timedelta(hours=1)) == 0
    assert storage.clear_unfinished(written + timedelta(hours=1)) == 1
    assert files_in(folder) == [storage.path(kept.key)]


def test_nothing_is_unfinished_where_nothing_was_written(storage):
    assert storage.clear_unfinished(datetime.now(UTC)) == 0


def test_the_settings_say_where_files_are_kept(tmp_path):
    kept = (storage := open_storage(make_settings("sqlite:///x", tmp_path))).put(b"x", kind="scans", suffix=".png")
    assert storage.path(kept.key).is_relative_to(tmp_path / "files")
