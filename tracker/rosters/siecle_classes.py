"""The structures' and the nomenclatures' files of SIECLE: divisions, level codes."""

from tracker.rosters.fields import tidy
from tracker.rosters.findings import FileRefused, Findings
from tracker.rosters.markup import Handler, Record
from tracker.rosters.pupils import CLASS_LENGTH, is_no_class
from tracker.rosters.rows import ClassRow, MefRow, Roster
from tracker.rules.levels import mef_key

_LABEL_LENGTH = 100


class ClassFile:
    """Takes the records of BEE_STRUCTURES."""

    def __init__(self, findings: Findings) -> None:
        self.paths: dict[tuple[str, ...], Handler] = {("DONNEES", "DIVISIONS", "DIVISION"): self._division}
        self._findings = findings
        self._classes: dict[str, ClassRow] = {}

    def _division(self, record: Record) -> None:
        code = _code(record, "CODE_STRUCTURE")
        if not code or len(code) > CLASS_LENGTH or code in self._classes:
            problem = "class_twice" if code in self._classes else "class_code"
            self._findings.warn(problem, record.line, "", "CODE_STRUCTURE", found=code, expected=CLASS_LENGTH)
            return
        if is_no_class(code):
            return
        _check_count(self._classes, record, self._findings)
        mefs = dict.fromkeys(text for *_, name, text in record.inner if name == "CODE_MEF" and text)
        self._classes[code] = ClassRow(code, _label(record, "LIBELLE_LONG"), tuple(mefs))

    def finish(self, roster: Roster) -> dict[str, str]:
        """The divisions in the order of the file."""
        roster.classes = list(self._classes.values())
        return {}


class MefFile:
    """Takes the level codes of BEE_NOMENCLATURES."""

    def __init__(self, findings: Findings) -> None:
        self.paths: dict[tuple[str, ...], Handler] = {("DONNEES", "MEFS", "MEF"): self._mef}
        self._findings = findings
        self._mefs: dict[str, MefRow] = {}

    def _mef(self, record: Record) -> None:
        code = _code(record, "CODE_MEF")
        if not mef_key(code) or len(code) > 11:
            self._findings.warn("mef_form", record.line, "", "CODE_MEF", found=code)
            return
        _check_count(self._mefs, record, self._findings)
        label = _label(record, "LIBELLE_LONG") or _label(record, "FORMATION")
        self._mefs.setdefault(code, MefRow(code, label, tidy(record.fields.get("CODE_MEFSTAT", ""))[:11]))

    def finish(self, roster: Roster) -> dict[str, str]:
        """The level codes in the order of the file."""
        roster.mefs = list(self._mefs.values())
        return {}


def _code(record: Record, name: str) -> str:
    """An attribute in the files seen; an element of the same name is understood as well."""
    return tidy(record.attributes.get(name, "") or record.fields.get(name, ""))


def _label(record: Record, name: str) -> str:
    return tidy(record.fields.get(name, ""))[:_LABEL_LENGTH]


def _check_count(rows: dict, record: Record, findings: Findings) -> None:
    if len(rows) >= findings.limits.rows:
        raise FileRefused("too_many_rows", record.line, expected=findings.limits.rows)
