"""The pupils' file of SIECLE: pupils, and the divisions they are in, whichever of the two comes first."""

from __future__ import annotations

from sys import intern

from tracker.rosters.fields import french_date, tidy
from tracker.rosters.findings import FileRefused, Findings
from tracker.rosters.markup import Handler, Record
from tracker.rosters.pupils import CLASS_LENGTH, Headings, PupilRows, is_no_class
from tracker.rosters.rows import PupilRow, Roster
from tracker.rosters.twins import settle_twins

HEADINGS = Headings(
    roster_id="ELEVE_ID",
    ines=("ID_NATIONAL", "INE_RNIE", "INE_BEA"),
    last_name="NOM_DE_FAMILLE",
    usual_name="NOM_USAGE",
    first_name="PRENOM",
    birth_date="DATE_NAISS",
    mef="CODE_MEF",
    status="CODE_STATUT",
    class_name="",
    email="MEL",
    regime="CODE_REGIME",
    entered_on="DATE_ENTREE",
    left_on="DATE_SORTIE",
    exit_reason="CODE_MOTIF_SORTIE",
    repeats_year="DOUBLEMENT",
)
_LAST_YEAR = "SCOLARITE_AN_DERNIER"
_DIVISION, _GROUP = "D", "G"
_USED = frozenset(
    {HEADINGS.last_name, HEADINGS.first_name, HEADINGS.birth_date, HEADINGS.email, HEADINGS.mef, HEADINGS.left_on}
)


class PupilFile:
    """Takes the records of BEE_ELEVES."""

    def __init__(self, findings: Findings) -> None:
        self.paths: dict[tuple[str, ...], Handler] = {
            ("DONNEES", "ELEVES", "ELEVE"): self._pupil,
            ("DONNEES", "STRUCTURES", "STRUCTURES_ELEVE"): self._structures,
        }
        self._findings = findings
        self._rows = PupilRows(HEADINGS, french_date, findings)
        self._divisions: dict[str, tuple[str, int]] = {}

    def _pupil(self, record: Record) -> None:
        raw = record.fields
        raw["ELEVE_ID"] = record.attributes.get("ELEVE_ID", "").strip()
        previous_uai = previous_mef = ""
        for _, parent, name, text in record.inner:
            if parent == _LAST_YEAR:
                if name == "CODE_RNE":
                    previous_uai = text
                elif name == "CODE_MEF":
                    previous_mef = text
        if record.repeated:
            self._say_repeated(record)
        self._rows.add(record.line, raw, previous_uai, previous_mef)

    def _say_repeated(self, record: Record) -> None:
        for name, text in record.repeated:
            if name in _USED and text != record.fields[name]:
                self._findings.warn(
                    "field_twice", record.line, record.fields["ELEVE_ID"], name, found=text, kept=record.fields[name]
                )

    def _structures(self, record: Record) -> None:
        """All structures of one pupil."""
        pupil = record.attributes.get("ELEVE_ID", "").strip()[:40]
        if pupil not in self._divisions:
            if len(self._divisions) >= self._findings.limits.rows:
                raise FileRefused("too_many_rows", record.line, expected=self._findings.limits.rows)
            self._divisions[pupil] = ("", record.line)
        found: dict[int, dict[str, str]] = {}
        for place, parent, name, text in record.inner:
            if parent == "STRUCTURE":
                found.setdefault(place, {})[name] = text
        for structure in found.values():
            self._structure(record, pupil, structure)

    def _structure(self, record: Record, pupil: str, structure: dict[str, str]) -> None:
        """A pupil's first division counts; groups are no class."""
        kind = structure.get("TYPE_STRUCTURE", "")
        if kind == _DIVISION:
            self._division(record, pupil, tidy(structure.get("CODE_STRUCTURE", "")))
        elif kind != _GROUP:
            self._findings.warn("structure_kind", record.line, pupil, "TYPE_STRUCTURE", found=kind)

    def _division(self, record: Record, pupil: str, code: str) -> None:
        before = self._divisions[pupil][0]
        if is_no_class(code):
            self._findings.inform("division_inactive", record.line, pupil, "CODE_STRUCTURE", found=code)
        elif not before:
            self._divisions[pupil] = (intern(code), record.line)
        elif before != code:
            self._findings.warn("two_divisions", record.line, pupil, "CODE_STRUCTURE", found=code, kept=before)

    def finish(self, roster: Roster) -> dict[str, str]:
        """Pupils get their classes, twins are settled; answers the names behind the pupils' numbers."""
        rows = self._rows
        names = {row.roster_id: row.name for row in (*rows.refused, *rows.taken) if row.name}
        known = {row.roster_id for row in (*rows.refused, *rows.taken)}
        for row in (*rows.taken, *rows.refused):
            self._place(row)
        for pupil, (code, line) in self._divisions.items():
            if pupil not in known:
                self._findings.warn("structure_without_pupil", line, pupil, "ELEVE_ID", found=code)
        settle_twins(rows, "ID_NATIONAL", "ELEVE_ID", self._findings)
        for row in rows.taken:
            if not row.class_name and row.left_on is None:
                self._findings.inform("class_missing", row.line, row.name, "CODE_STRUCTURE")
        roster.pupils, roster.refused_rows = rows.taken, rows.refused
        return names

    def _place(self, row: PupilRow) -> None:
        code = self._divisions.get(row.roster_id, ("", 0))[0]
        if len(code) > CLASS_LENGTH:
            self._findings.warn(
                "class_too_long", row.line, row.name, "CODE_STRUCTURE", found=code, expected=CLASS_LENGTH
            )
        row.class_name = code if len(code) <= CLASS_LENGTH else ""
