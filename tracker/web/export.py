"""A list as a file: CSV and XLSX as Excel opens them in French, streamed, with no cell that it would run."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import IO, Any

import structlog
import xlsxwriter
from flask import Response, request, stream_with_context
from flask_babel import gettext as _
from flask_login import current_user

from tracker.models.database import connected
from tracker.rules.calendar import local_date
from tracker.web.clock import today
from tracker.web.language import day

log = structlog.get_logger()

FORMS = ("csv", "xlsx")
ROWS_OF_A_SHEET = 1_000_000
"""Excel takes 1,048,576 rows a sheet; a longer list goes on in the next sheet."""

_BOM = "\ufeff"
_CHUNK = 64 * 1024
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet runs as a formula, or strips until one is left; the full-width signs are folded to them.
_DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")

Row = Iterable[Any]


def export(form: str, name: str, headings: list[str], rows: Iterable[Row]) -> Response:
    """The rows as a file to save, `form` one of FORMS. `rows` are drawn while the file is sent (csv) or made (xlsx).

    Who takes which list out of the program is one line of the log, by ids alone.
    """
    log.info("list_exported", list=request.endpoint, user_id=current_user.id, **(request.view_args or {}))
    content, kind = (
        (_csv(headings, rows), "text/csv; charset=utf-8") if form == "csv" else (_xlsx(headings, rows), _XLSX)
    )
    response = Response(stream_with_context(content), mimetype=None, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{today():%Y-%m-%d}.{form}"'
    return response


def harmless(value: Any) -> str:
    """The text of a cell; an apostrophe goes before what a spreadsheet would take for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_DANGEROUS) else text


def _csv(headings: list[str], rows: Iterable[Row]) -> Iterator[str]:
    """UTF-8 with a byte order mark, semicolons and CRLF: what Excel in French opens by a double click."""
    with connected():
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
        buffer.write(_BOM)
        writer.writerow(headings)
        for row in rows:
            writer.writerow([_plain(cell) for cell in row])
            if buffer.tell() >= _CHUNK:
                yield _emptied(buffer)
        yield _emptied(buffer)


def _plain(value: Any) -> str:
    """A cell of a CSV file: dates in words, numbers with the comma that a French spreadsheet reads."""
    if isinstance(value, date):
        return day(value)
    return str(value).replace(".", ",") if isinstance(value, float) else harmless(value)


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _xlsx(headings: list[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Written row by row into a file on disk, then sent from there."""
    with connected(), tempfile.TemporaryFile() as file:
        _write_workbook(file, headings, rows)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _write_workbook(file: IO[bytes], headings: list[str], rows: Iterable[Row]) -> None:
    with closing(xlsxwriter.Workbook(file, {"constant_memory": True})) as book:
        bold = book.add_format({"bold": True})
        as_date = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet, line = None, ROWS_OF_A_SHEET
        for row in rows:
            if line >= ROWS_OF_A_SHEET:
                sheet, line = _add_sheet(book, headings, bold), 0
            line += 1
            _write_row(sheet, line, row, as_date=as_date)
        if sheet is None:
            _add_sheet(book, headings, bold)


def _add_sheet(book: xlsxwriter.Workbook, headings: list[str], bold: Any) -> Any:
    sheet = book.add_worksheet(_("List") + (f" {len(book.worksheets()) + 1}" if book.worksheets() else ""))
    sheet.set_column(0, len(headings) - 1, 20)
    sheet.freeze_panes(1, 0)
    _write_row(sheet, 0, headings, bold)
    return sheet


def _write_row(sheet: Any, line: int, cells: Row, style: Any = None, as_date: Any = None) -> None:
    """Texts always as texts: a serial of digits keeps its zeros, an address never becomes a link.

    What is a number or a date in the program is one in the file, to be added up and sorted.
    """
    for column, cell in enumerate(cells):
        if isinstance(cell, date):
            local = local_date(cell) if isinstance(cell, datetime) else cell
            sheet.write_datetime(line, column, datetime.combine(local, time()), as_date)
        elif isinstance(cell, int | float) and not isinstance(cell, bool):
            sheet.write_number(line, column, cell)
        elif text := harmless(cell):
            sheet.write_string(line, column, text, style)
