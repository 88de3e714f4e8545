"""FREGATA's pupils as its web service sends them: a JSON list, read one record at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tracker.rosters.fields import iso_date, tidy
from tracker.rosters.findings import FileRefused, Findings
from tracker.rosters.pupils import Headings, PupilRows, is_no_class
from tracker.rosters.rows import Kind, PupilRow, Roster
from tracker.rosters.twins import settle_twins

HEADINGS = Headings(
    roster_id="id",
    ines=("apprenant.ine",),
    last_name="apprenant.nomUsuel",
    usual_name="",
    first_name="apprenant.prenomUsuel",
    birth_date="apprenant.dateNaissance",
    mef="sectionReference.codeMef",
    status="statutApprenant.code",
    class_name="division.libelle",
    entered_on="dateEntreeEtablissement",
    left_on="dateSortieEtablissement",
    date_form="aaaa-mm-jj",
)
_LEFT_TRAINING = "dateSortieFormation"
_YEAR = "sectionReference.anneeScolaireId"
_YEAR_ZERO = 1996
_STATUSES = {"2501": "ST", "2503": "AP"}
_PATHS = (
    HEADINGS.roster_id,
    HEADINGS.ines[0],
    HEADINGS.last_name,
    HEADINGS.first_name,
    HEADINGS.birth_date,
    HEADINGS.mef,
    HEADINGS.status,
    HEADINGS.class_name,
    HEADINGS.entered_on,
    HEADINGS.left_on,
    _LEFT_TRAINING,
    _YEAR,
)
_SPACE = " \t\r\n"


def read_json(pieces: Iterator[str], roster: Roster, findings: Findings) -> dict[str, str]:
    """Read the web service's answer into `roster`; raises FileRefused where it is none."""
    reading = _Reading(findings)
    for line, record in _records(pieces, findings):
        reading.take(line, record)
    roster.kind = Kind.FREGATA_JSON
    reading.finish(roster)
    return {}


class _Reading:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.rows = PupilRows(HEADINGS, iso_date, findings)
        self.years: dict[int, int] = {}  # the year of each pupil, by the identity of the row
        self.nameless = 0

    def take(self, line: int, record: Any) -> None:
        """One record of the list."""
        if not isinstance(record, dict) or not isinstance(record.get("apprenant"), dict):
            self.findings.error("record_form", line, found=json.dumps(record)[:60], expected="apprenant")
            self.nameless += 1
            return
        if record.get("estEN") is True:
            who = f"{_text(record, HEADINGS.last_name)} {_text(record, HEADINGS.first_name)}"
            self.findings.inform("counted_elsewhere", line, who.strip(), "estEN")
            return
        texts = {path: _text(record, path) for path in _PATHS}
        texts[HEADINGS.left_on] = texts[HEADINGS.left_on] or texts[_LEFT_TRAINING]
        texts[HEADINGS.status] = self._status(line, texts)
        if is_no_class(texts[HEADINGS.class_name]):
            texts[HEADINGS.class_name] = ""
        self._add(line, texts)

    def _add(self, line: int, texts: dict[str, str]) -> None:
        refused = len(self.rows.refused)
        self.rows.add(line, texts)
        row = (self.rows.refused if len(self.rows.refused) > refused else self.rows.taken)[-1]
        year = texts[_YEAR]
        if year.isascii() and year.isdigit() and len(year) <= 3:
            self.years[id(row)] = int(year) + _YEAR_ZERO
        else:
            self.findings.warn("school_year_missing", line, row.name, _YEAR, found=year)

    def _status(self, line: int, texts: dict[str, str]) -> str:
        code = texts[HEADINGS.status]
        if code and code not in _STATUSES:
            who = f"{texts[HEADINGS.last_name]} {texts[HEADINGS.first_name]}".strip()
            self.findings.warn("status_unknown", line, who, HEADINGS.status, found=code, expected="2501 2503")
        return _STATUSES.get(code, "")

    def finish(self, roster: Roster) -> None:
        """The school year of most pupils is the file's; who is of another one is left out, and said."""
        often = Counter(self.years.values())
        roster.school_year = max(often, key=lambda year: (often[year], year), default=None)
        for row in self.rows.taken:
            if self._is_of_another_year(row, roster.school_year):
                self.findings.inform(
                    "other_year", row.line, row.name, _YEAR, found=self.years[id(row)], expected=roster.school_year
                )
        self.rows.taken[:] = [row for row in self.rows.taken if not self._is_of_another_year(row, roster.school_year)]
        settle_twins(self.rows, HEADINGS.ines[0], HEADINGS.roster_id, self.findings)
        roster.pupils, roster.refused_rows = self.rows.taken, self.rows.refused
        roster.nameless = self.nameless

    def _is_of_another_year(self, row: PupilRow, year: int | None) -> bool:
        return year is not None and self.years.get(id(row), year) != year


def _text(record: dict, path: str) -> str:
    """The value at `path`, as text; empty for null and for what is no plain value."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return tidy(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _records(pieces: Iterator[str], findings: Findings) -> Iterator[tuple[int, Any]]:
    """The records of the list with the line where each begins; no more than one record and one piece is held."""
    text = _Window(pieces, findings.limits.token)
    if text.next_sign() != "[":
        raise FileRefused("json_no_list", 1, found=text.rest()[:100])
    text.skip()
    if text.next_sign() == "]":
        return
    while True:
        yield text.line, text.value()
        sign = text.next_sign()
        if sign == "]":
            return
        if sign != ",":
            raise FileRefused("json_broken" if sign else "json_truncated", text.line)
        text.skip()


class _Window:
    """A JSON text that is read on as it comes in."""

    def __init__(self, pieces: Iterator[str], most: int) -> None:
        self.line = 1
        self._pieces = pieces
        self._most = most
        self._text = ""
        self._at = 0
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)

    def next_sign(self) -> str:
        """The next sign that is no space, left in place; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self.line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Past the sign."""
        self._at += 1

    def rest(self) -> str:
        """What is held and not yet read."""
        return self._text[self._at :]

    def value(self) -> Any:
        """The value that begins here; raises FileRefused for a broken, endless or too deeply nested one."""
        self.next_sign()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise FileRefused("too_deep", self.line) from error
            except ValueError as error:
                self._read_on_or_refuse(error)
                continue
            self.line += self._text.count("\n", self._at, end)
            self._at = end
            return found

    def _read_on_or_refuse(self, error: ValueError) -> None:
        """A value that is cut by the end of the piece goes on; one that is wrong before the end is broken."""
        if len(self._text) - self._at > self._most:
            raise FileRefused("token_too_long", self.line) from error
        if not self._more():
            line = self.line + getattr(error, "lineno", 1) - 1
            raise FileRefused("json_truncated" if self._ends_early() else "json_broken", line) from error

    def _ends_early(self) -> bool:
        return not self.rest().rstrip().endswith("]")

    def _more(self) -> bool:
        piece = next(self._pieces, "")
        self._text = self._text[self._at :] + piece
        self._at = 0
        return bool(piece)


def _no_constant(name: str) -> Any:
    raise ValueError(name)
