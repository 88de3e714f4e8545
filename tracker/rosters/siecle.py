"""SIECLE files: told apart by their root, their parameters read, each kind handed to its own reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from tracker.rosters.fields import french_moment
from tracker.rosters.findings import FileRefused, Findings
from tracker.rosters.markup import Handler, Record, RecordReader, Schema
from tracker.rosters.rows import Kind, Roster
from tracker.rosters.siecle_classes import ClassFile, MefFile
from tracker.rosters.siecle_guardians import GuardianFile
from tracker.rosters.siecle_pupils import PupilFile
from tracker.rules.identifiers import is_uai


class SiecleFile(Protocol):
    """What reads the records of one kind of file."""

    paths: dict[tuple[str, ...], Handler]

    def finish(self, roster: Roster) -> dict[str, str]:
        """Put what was read into the roster; answers who is behind each identifier named in a finding."""


_KINDS: dict[str, tuple[Kind, Callable[[Findings], SiecleFile]]] = {
    "BEE_ELEVES": (Kind.SIECLE_PUPILS, PupilFile),
    "BEE_RESPONSABLES": (Kind.SIECLE_GUARDIANS, GuardianFile),
    "BEE_STRUCTURES": (Kind.SIECLE_STRUCTURES, ClassFile),
    "BEE_NOMENCLATURES": (Kind.SIECLE_NOMENCLATURES, MefFile),
}
_ANSWER_OF_THE_SERVICE = "erreur"
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def read_siecle(pieces: Iterator[str], roster: Roster, findings: Findings) -> dict[str, str]:
    """Read an XML document into `roster`; raises FileRefused where nothing of it can be taken."""
    document = _Document(roster, findings)
    document.reader.read(_without_declaration(pieces))
    return document.finish()


class _Document:
    def __init__(self, roster: Roster, findings: Findings) -> None:
        self.roster = roster
        self.findings = findings
        self.reader = RecordReader(self._schema_of, findings.limits)
        self.file: SiecleFile | None = None

    def finish(self) -> dict[str, str]:
        """Whose file this is must be known; then the rows."""
        if not self.roster.uai:
            raise FileRefused("uai_missing", field="UAJ")
        return self.file.finish(self.roster) if self.file else {}

    def _schema_of(self, root: str) -> Schema:
        if root.casefold() == _ANSWER_OF_THE_SERVICE:
            return {(root,): self._refuse_answer}
        if root not in _KINDS:
            raise FileRefused("root_unknown", self.reader.line, found=root[:60], expected=", ".join(_KINDS))
        self.roster.kind, reader = _KINDS[root]
        self.file = file = reader(self.findings)
        return {(root, "PARAMETRES"): self._parameters} | {(root, *path): take for path, take in file.paths.items()}

    def _refuse_answer(self, record: Record) -> None:
        words = [record.text, *record.fields.values(), *(text for *_, text in record.inner)]
        said = " ".join(word for word in words if word)
        raise FileRefused("service_error", record.line, found=" ".join(said.split())[:300])

    def _parameters(self, record: Record) -> None:
        self._school(record)
        self._year(record)
        stamp = record.fields.get("HORODATAGE") or record.fields.get("DATE_EXPORT", "")
        self.roster.exported_at = french_moment(stamp) or french_moment(record.fields.get("DATE_EXPORT", ""))
        if self.roster.exported_at is None:
            self.findings.warn("export_date_missing", record.line, field="HORODATAGE", found=stamp)

    def _school(self, record: Record) -> None:
        self.roster.uai = record.fields.get("UAJ", "").upper()[:20] or None
        if self.roster.uai and not is_uai(self.roster.uai):
            self.findings.warn("uai_form", record.line, field="UAJ", found=self.roster.uai)

    def _year(self, record: Record) -> None:
        text = record.fields.get("ANNEE_SCOLAIRE", "")
        year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
        if _FIRST_YEAR <= year <= _LAST_YEAR:
            self.roster.school_year = year
        else:
            self.findings.warn("school_year_missing", record.line, field="ANNEE_SCOLAIRE", found=text)


def _without_declaration(pieces: Iterator[str]) -> Iterator[str]:
    """The document without what it says of its encoding: that was settled before; lines keep their numbers."""
    head = next(pieces, "")
    if head.lstrip().startswith("<?xml"):
        declaration, closing, rest = head.partition("?>")
        head = "\n" * declaration.count("\n") + rest if closing else head
    yield head
    yield from pieces
