"""Files as a spreadsheet opens them: accents, semicolons, zeros kept, nothing that it would run."""

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime
from types import SimpleNamespace

import openpyxl
import pytest
from flask import g
from structlog.testing import capture_logs

from tracker.web import export as exports
from tracker.web.export import export, harmless

HEADINGS = ["Numéro", "Élève"]
HOSTILE = ["=1+1", "+33 6", "-2", "@cmd", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a", "  =1", "\u00a0@a"]


@pytest.fixture
def asked(app):
    """Somebody asks for a list of import 5 as a file."""
    with app.test_request_context("/rosters/5/problems.csv"):
        g._login_user = SimpleNamespace(id=7, is_authenticated=False)
        yield


@pytest.fixture
def saved(asked):
    """saved("csv", rows) → the whole file, as bytes."""
    return lambda form, rows: export(form, "liste", HEADINGS, rows).get_data()


def test_who_takes_which_list_out_is_one_line_of_the_log(saved):
    with capture_logs() as lines:
        saved("csv", [])
    (line,) = [each for each in lines if each["event"] == "list_exported"]
    assert (line["user_id"], line["list"], line["import_id"]) == (7, "rosters.export_problems", 5)


def rows_of_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def rows_of_xlsx(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def test_csv_opens_in_excel_with_its_accents(saved):
    data = saved("csv", [["007", "Éléa d’Œuf ; « A »\nB"]])
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 2
    assert rows_of_csv(data) == [HEADINGS, ["007", "Éléa d’Œuf ; « A »\nB"]]


def test_xlsx_keeps_texts_as_texts(saved):
    rows = rows_of_xlsx(saved("xlsx", [["007", "https://example.org"], ["Œ", None]]))
    assert rows == [HEADINGS, ["007", "https://example.org"], ["Œ", None]]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_empty_list_is_a_file_with_its_headings(saved, form):
    rows = {"csv": rows_of_csv, "xlsx": rows_of_xlsx}[form](saved(form, []))
    assert rows == [HEADINGS]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(saved, text):
    assert harmless(text) == f"'{text}"
    assert rows_of_csv(saved("csv", [[text, "x"]]))[1][0] == f"'{text}"
    assert rows_of_xlsx(saved("xlsx", [[text, "x"]]))[1][0].startswith("'")


@pytest.mark.parametrize("text", ["Martin-Durand", "a=b", "PF12", "", "d’Arc", "1+1"])
def test_other_cells_stay_as_they_are(text):
    assert harmless(text) == text


def test_a_file_says_its_name_and_kind(asked):
    answer = export("xlsx", "liste", HEADINGS, [])
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="liste-')
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    assert "spreadsheetml" in answer.content_type


def test_a_long_list_goes_on_in_the_next_sheet(saved, monkeypatch):
    monkeypatch.setattr(exports, "ROWS_OF_A_SHEET", 2)
    book = openpyxl.load_workbook(io.BytesIO(saved("xlsx", [[str(number), ""] for number in range(5)])))
    assert [sheet.max_row for sheet in book.worksheets] == [3, 3, 2]
    assert {sheet["A1"].value for sheet in book.worksheets} == {"Numéro"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_list(asked, form):
    def peak(count):
        rows = ([f"{number:012d}" * 4, "Élève"] for number in range(count))
        chunks = export(form, "liste", HEADINGS, rows).response
        tracemalloc.start()
        for _chunk in chunks:
            pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(10)  # what is loaded once
    assert peak(20_000) < peak(2_000) + 400_000


def test_numbers_and_dates_are_numbers_and_dates(saved):
    row = [3, 80.77, date(2026, 10, 5), datetime(2026, 10, 5, 23, 30, tzinfo=UTC), True]
    book = openpyxl.load_workbook(io.BytesIO(saved("xlsx", [row])))
    number, share, day, moment, other = (cell.value for cell in list(book.active.iter_rows())[1])
    assert (number, share, other) == (3, 80.77, "True")
    assert [day.date(), moment.date()] == [date(2026, 10, 5), date(2026, 10, 6)]
    assert "3;80,77;5 oct. 2026;6 oct. 2026;True" in saved("csv", [row]).decode("utf-8-sig")
