"""What can go wrong while installing: one sentence in French, the same in English, and an exit code."""

from __future__ import annotations

import errno

NETWORK, STEP, WRITE, DISK, PYTHON = 69, 70, 73, 74, 78
"""Exit codes, as in sysexits.h: unavailable, a step failed, cannot create, input/output, configuration."""


class Problem(Exception):
    """Ends the command: `french` and `english` are the sentences, `code` is what the shell receives."""

    def __init__(self, code: int, french: str, english: str) -> None:
        super().__init__(english)
        self.code, self.french, self.english = code, french, english

    def __str__(self) -> str:
        return f"{self.french} (code {self.code})\n{self.english} (code {self.code})"


def not_writable(path: object) -> Problem:
    """Nothing can be written at this path."""
    return Problem(
        WRITE,
        f"Impossible d’écrire dans {path} : vérifiez le propriétaire et les droits de ce dossier.",
        f"Cannot write to {path}: check who owns this folder and its permissions.",
    )


def disk_full(path: object) -> Problem:
    """The file system of this path has no room left."""
    return Problem(
        DISK,
        f"Le disque est plein ({path}) : libérez environ 1,5 Go puis recommencez.",
        f"The disk is full ({path}): free about 1.5 GB and start again.",
    )


def unreachable(log: object) -> Problem:
    """The registry of packages does not answer."""
    return Problem(
        NETWORK,
        f"Le registre des paquets ne répond pas : vérifiez le réseau ou le proxy. Détails : {log}",
        f"The package registry does not answer: check the network or the proxy. Details: {log}",
    )


def failed(what: str, log: object) -> Problem:
    """A step ended badly for a reason that has no sentence of its own."""
    return Problem(
        STEP,
        f"L’étape « {what} » n’a pas abouti. Détails : {log}",
        f"The step “{what}” did not succeed. Details: {log}",
    )


def of_system(error: OSError) -> Problem:
    """The sentence for an error of the operating system."""
    path = error.filename or "."
    return disk_full(path) if error.errno in (errno.ENOSPC, errno.EDQUOT) else not_writable(path)


MARKS = {
    disk_full: ("No space left on device", "ENOSPC", "Disk quota exceeded"),
    unreachable: (
        "ConnectionError",
        "NewConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ProxyError",
        "Temporary failure in name resolution",
        "ECONNREFUSED",
        "ECONNRESET",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ETIMEDOUT",
        "Connection refused",
    ),
    not_writable: ("Permission denied", "EACCES", "Read-only file system", "EROFS"),
}
"""Words that pip and npm print → the problem that they mean; the first that is found counts."""


def of_output(output: str, what: str, log: object) -> Problem:
    """The sentence for what a command printed before it failed."""
    for problem, marks in MARKS.items():
        if any(mark in output for mark in marks):
            return problem(log)
    return failed(what, log)
