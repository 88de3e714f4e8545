"""Files that people add: known by what they hold, drawn anew, and nothing else of them is kept."""

import cv2
import numpy as np
import pytest

from tests.cases import make_case
from tests.factories import NOW, actor
from tests.paper import opened
from tests.scanning.uploads import one_page, pdf_of, pile_of
from tracker.models.attachments import Attachment
from tracker.operations import attachments
from tracker.operations.attachments import Subject, attach
from tracker.rules.cases import DocumentKind
from tracker.rules.refusals import Refused
from tracker.storage.local import LocalStorage

RED = np.full((60, 90, 3), (0, 0, 200), np.uint8)
PNG = cv2.imencode(".png", RED)[1].tobytes()
JPEG = cv2.imencode(".jpg", RED)[1].tobytes()
PLACE = b"\xff\xe1\x00\x12Exif\x00\x00GPS-SECRET"
SCRIPT = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"


@pytest.fixture
def storage(tmp_path):
    return LocalStorage(tmp_path / "files")


@pytest.fixture
def add(sqlite_db, storage):
    subject = Subject(case=make_case())

    def _add(data, name="plainte.pdf"):
        return attach(data, name, DocumentKind.DECLARATION, subject, storage=storage, actor=actor(), now=NOW)

    return _add


def test_a_photograph_is_kept_in_colour_without_what_else_it_held(add, storage):
    kept = add(JPEG[:2] + PLACE + JPEG[2:], "photo.jpg")
    data = storage.read(kept.file)
    assert (kept.media_type, kept.size) == ("image/jpeg", len(data))
    assert b"GPS-SECRET" not in data
    blue, green, red = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[30, 45]
    assert red > 150
    assert max(blue, green) < 60


def test_a_png_becomes_a_photograph(add):
    assert add(PNG).media_type == "image/jpeg"


def test_of_a_pdf_with_a_script_only_its_pages_are_kept(add, storage):
    kept = add(one_page(b"0 0 1 rg 100 100 300 300 re f", catalogue=SCRIPT))
    data = storage.read(kept.file)
    assert kept.media_type == "application/pdf"
    assert b"JavaScript" not in data
    assert len(opened(data)) == 1


def test_several_pages_stay_several(add, storage):
    kept = add(pile_of([JPEG, JPEG, JPEG]))
    assert len(opened(storage.read(kept.file))) == 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "attachment_empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "attachment_format"),
        (b"<html>", "attachment_format"),
        (b"MZ\x90\x00", "attachment_format"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "attachment_heic"),
        (JPEG[:40], "attachment_broken"),
        (pdf_of([b"nonsense"]), "attachment_broken"),
    ],
)
def test_what_is_no_picture_and_no_page_is_refused_and_nothing_is_kept(add, storage, data, code):
    with pytest.raises(Refused, match=code):
        add(data)
    assert Attachment.select().count() == 0


def test_a_file_of_too_many_bytes_or_pages_is_refused(add, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_PAGES", 2)
    with pytest.raises(Refused, match="attachment_too_long"):
        add(pile_of([JPEG, JPEG, JPEG]))
    monkeypatch.setattr(attachments, "MOST_BYTES", 10)
    with pytest.raises(Refused, match="attachment_too_big"):
        add(JPEG)


def test_the_same_file_is_there_once_and_their_number_has_an_end(add, monkeypatch):
    add(JPEG)
    with pytest.raises(Refused, match="attachment_known"):
        add(JPEG)
    monkeypatch.setattr(attachments, "MOST_FILES", 1)
    with pytest.raises(Refused, match="attachments_too_many"):
        add(PNG)


def test_a_name_keeps_no_folder_and_no_sign_that_breaks_a_header(add):
    assert add(JPEG, 'C:\\Users\\a"b\r\n<c>.jpg').file_name == "abc.jpg"


def test_a_file_whose_row_cannot_be_written_is_not_left_behind(add, tmp_path, monkeypatch):
    monkeypatch.setattr(Attachment, "create", lambda **row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add(JPEG)
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
