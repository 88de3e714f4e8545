"""Stamps: a step is skipped while the fingerprint of its inputs is the one it last succeeded with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(inputs: Iterable[Path | str]) -> str:
    """One hash for the contents of files (Path) and for words (str), in the order given."""
    digest = hashlib.sha256()
    for item in inputs:
        content = item.read_bytes() if isinstance(item, Path) else item.encode()
        digest.update(f"{len(content)}:".encode() + content)
    return digest.hexdigest()


def is_fresh(stamp: Path, mark: str) -> bool:
    """True when this stamp was last written with this fingerprint."""
    try:
        return stamp.read_text() == mark
    except (FileNotFoundError, NotADirectoryError):
        return False


def write(stamp: Path, mark: str) -> None:
    """Remember that the step succeeded."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark)
