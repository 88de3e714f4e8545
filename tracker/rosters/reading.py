"""Reads a roster file: what it is, by its content; its rows; and every problem of it in one list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tracker.rosters.encodings import LATIN_9, WINDOWS, declared_encoding, decoded, guessed
from tracker.rosters.findings import FileRefused, Findings
from tracker.rosters.fregata_csv import read_csv
from tracker.rosters.fregata_json import read_json
from tracker.rosters.limits import LIMITS, Limits
from tracker.rosters.rows import Roster
from tracker.rosters.siecle import read_siecle
from tracker.rosters.sources import Progress, opened

_PACKED = (b"PK", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_NO_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")
_FEW_NULLS = 2


def read_roster(
    source: Path | bytes | BinaryIO, *, progress: Progress | None = None, limits: Limits = LIMITS
) -> Roster:
    """Read a file of SIECLE or FREGATA, recognised by its content and never by its name.

    Never raises for what the file holds: every problem is in `problems`, in the order of lines, and `refused` says
    whether nothing may be taken. Raises OSError where the file cannot be opened. `progress` gets the bytes read and
    their number. `refused_rows` are pupils who are in the file and cannot be taken: they have not left.
    """
    roster, findings = Roster(), Findings(limits)
    names: dict[str, str] = {}
    try:
        with opened(source, limits, progress) as pieces:
            names = _read(pieces, roster, findings)
    except FileRefused as refused:
        findings.add(refused.problem)
        roster = Roster(roster.kind, roster.uai, roster.school_year, roster.exported_at)
    roster.problems = findings.in_order(names)
    return roster


def _read(pieces: Iterator[bytes], roster: Roster, findings: Findings) -> dict[str, str]:
    head = next(pieces, b"")
    while head and not head.strip() and (more := next(pieces, b"")):
        head = more
    _refuse_what_is_no_text(head)
    first = _first_sign(head)
    whole = _again(head, pieces)
    if first == "<":
        text = decoded(whole, findings, declared=declared_encoding(head), usual=LATIN_9)
        return read_siecle(text, roster, findings)
    if first in ("[", "{"):
        return read_json(decoded(whole, findings, usual=WINDOWS), roster, findings)
    return read_csv(_table(whole, findings), roster, findings)


def _refuse_what_is_no_text(head: bytes) -> None:
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise FileRefused("file_empty")
    if head.startswith(_PACKED):
        raise FileRefused("zip_nested")
    if head.startswith(_NO_TEXT):
        raise FileRefused("not_recognised")


def _first_sign(head: bytes) -> str:
    """The first sign of the text that is no space, in whatever alphabet."""
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    return head[:4096].replace(b"\0", b"").lstrip()[:1].decode("latin-1")


def _again(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from pieces


def _table(pieces: Iterator[bytes], findings: Findings) -> str:
    """A table is read at once: its alphabet is told from all of its letters, its headings among them."""
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > findings.limits.table:
            raise FileRefused("file_too_big", expected=f"{findings.limits.table // 1_000_000} MB")
    name = guessed(bytes(data))
    text = "".join(decoded(iter([bytes(data)]), findings, usual=name))
    if text.count("\0") > _FEW_NULLS:
        raise FileRefused("not_recognised")
    return text
