"""Reads an invented file of very many pupils, made while it is read, and says what memory that took."""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.rosters.siecle import in_class, parameters, pupil
from tracker.rosters import Roster, read_roster


def pieces(pupils: int) -> Iterator[bytes]:
    """The file, a hundred pupils at a time: their names, INE, addresses and birth dates all differ."""
    yield b'<?xml version="1.0" encoding="ISO-8859-15"?>\n<BEE_ELEVES VERSION="3.0">' + parameters().encode()
    yield b"<DONNEES><ELEVES>"
    yield from _blocks(pupils, lambda n: pupil(n, PRENOM=f"Zoé{n}", DATE_NAISS=f"{n % 28 + 1:02}/{n % 12 + 1:02}/2010"))
    yield b"</ELEVES><STRUCTURES>"
    yield from _blocks(pupils, lambda n: in_class(n, f"2GT{n % 40}"))
    yield b"</STRUCTURES></DONNEES></BEE_ELEVES>"


def _blocks(pupils, one) -> Iterator[bytes]:
    for first in range(1, pupils + 1, 100):
        yield "".join(one(number) for number in range(first, min(first + 100, pupils + 1))).encode("iso8859-15")


class Stream(io.RawIOBase):
    """The pieces as a file that cannot go back."""

    def __init__(self, made: Iterator[bytes]) -> None:
        super().__init__()
        self._made = made
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._rest and (piece := next(self._made, b"")):
            self._rest = piece
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def read(pupils: int) -> Roster:
    """The roster of so many pupils."""
    return read_roster(io.BufferedReader(Stream(pieces(pupils))))


if __name__ == "__main__":
    roster = read(int(sys.argv[1]))
    # Not ru_maxrss: a child begins with the peak of the process that forked it.
    status = Path("/proc/self/status").read_text()
    peak = int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) // 1024
    sys.stdout.write(f"{len(roster.pupils)} {peak}\n")
