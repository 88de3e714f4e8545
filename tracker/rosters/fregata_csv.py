"""FREGATA's pupils as CSV: any separator, alphabet and order of columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from tracker.rosters.fields import french_date, heading, tidy
from tracker.rosters.findings import FileRefused, Findings
from tracker.rosters.pupils import Headings, PupilRows, is_no_class
from tracker.rosters.rows import Kind, Roster
from tracker.rosters.twins import settle_twins

HEADINGS = Headings(
    roster_id="",
    ines=("Identifiant unique",),
    last_name="Nom de famille",
    usual_name="Nom d'usage",
    first_name="Premier prénom",
    birth_date="Date de naissance",
    mef="Code MEF",
    status="Statut",
    class_name="Division",
)
_NEEDED = (
    HEADINGS.ines[0],
    HEADINGS.first_name,
    HEADINGS.last_name,
    HEADINGS.birth_date,
    HEADINGS.status,
    HEADINGS.mef,
    HEADINGS.class_name,
)
_NAMES = {heading(name): name for name in (*_NEEDED, HEADINGS.usual_name)}
_SEPARATORS = (";", "\t", ",")
STATUSES = frozenset({"ST", "AP"})


def read_csv(text: str, roster: Roster, findings: Findings) -> dict[str, str]:
    """Read a table into `roster`; raises FileRefused when columns are missing, naming all of them."""
    first = next((line for line in text.splitlines() if line.strip(" ;,\t")), "")
    table = _rows(text, _separator(first), findings)
    line, titles = next(table, (1, []))
    columns = _columns(line, titles, findings)
    roster.kind = Kind.FREGATA_CSV
    rows = PupilRows(HEADINGS, french_date, findings)
    for line, cells in table:
        _take(line, cells, columns, len(titles), rows, findings)
    settle_twins(rows, HEADINGS.ines[0], "", findings)
    roster.pupils, roster.refused_rows = rows.taken, rows.refused
    return {}


def _separator(first: str) -> str:
    return max(_SEPARATORS, key=first.count)


def _rows(text: str, separator: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, with the line where each begins."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=False)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused("csv_broken", line, found=str(error)[:100]) from error


def _columns(line: int, titles: list[str], findings: Findings) -> dict[int, str]:
    """Which column holds what; the first of two columns of the same name counts."""
    columns: dict[int, str] = {}
    for place, title in enumerate(titles[: findings.limits.names]):
        name = _NAMES.get(heading(title))
        if name in columns.values():
            findings.warn("column_twice", line, field=title)
        elif name:
            columns[place] = name
    if not columns:
        raise FileRefused("not_recognised")
    missing = [name for name in _NEEDED if name not in columns.values()]
    if missing:
        raise FileRefused("columns_missing", line, found=", ".join(columns.values()), expected=", ".join(missing))
    return columns


def _take(
    line: int, cells: list[str], columns: dict[int, str], width: int, rows: PupilRows, findings: Findings
) -> None:
    """One pupil; a row of another width is refused, for its values may stand in other columns."""
    filled = (
        len(cells) if len(cells) <= width else len("".join(f"{bool(cell.strip()):d}" for cell in cells).rstrip("0"))
    )
    texts = {name: tidy(cells[place]) for place, name in columns.items() if place < len(cells)}
    texts[HEADINGS.status] = _status(line, texts, findings)
    if is_no_class(texts.get(HEADINGS.class_name, "")):
        texts[HEADINGS.class_name] = ""
    refused_before = len(rows.refused)
    rows.add(line, texts)
    if filled > width or len(cells) < width:
        found, expected = len(cells), width
        who = f"{texts.get(HEADINGS.last_name, '')} {texts.get(HEADINGS.first_name, '')}".strip()
        findings.error("row_width", line, who, found=found, expected=expected)
        if len(rows.refused) == refused_before:
            rows.refused.append(rows.taken.pop())


def _status(line: int, texts: dict[str, str], findings: Findings) -> str:
    status = texts.get(HEADINGS.status, "").upper()
    if status and status not in STATUSES:
        who = f"{texts.get(HEADINGS.last_name, '')} {texts.get(HEADINGS.first_name, '')}".strip()
        findings.warn("status_unknown", line, who, HEADINGS.status, found=status, expected="ST AP")
    return status
