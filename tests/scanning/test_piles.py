"""Uploaded piles as pages: all of them in order, drawn anew, and what is none refused before it does harm."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scanning import uploads
from tracker import scanning
from tracker.scanning import pdf_pages, piles, tiff_pages
from tracker.scanning.symbols import UnreadablePile

PRINTED = uploads.printed(uploads.codes(2))
(SCAN,) = uploads.scanned(uploads.printed(uploads.codes(1)), crooked=2)


def texts_of(page: bytes) -> set[str]:
    return set(scanning.read(page).texts)


def shape_of(page: bytes) -> tuple[int, ...]:
    return cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_UNCHANGED).shape


def refusal_of(data: bytes, **options: int) -> UnreadablePile:
    with pytest.raises(UnreadablePile) as caught:
        list(piles.pages_of(data, **options))
    return caught.value


def children() -> list[str]:
    return [child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()]


def test_the_pages_of_a_printed_pdf_come_in_order_and_are_read():
    assert [texts_of(page) for page in piles.pages_of(PRINTED)] == [{code} for code in uploads.codes(2)]
    assert piles.page_count(PRINTED) == 2


@pytest.mark.parametrize("dpi", [100, 200, 300])
@pytest.mark.parametrize("crooked", [-2.0, 5.0])
def test_a_crooked_scan_is_read(dpi, crooked):
    codes = uploads.codes(2)
    pile = uploads.pile_of(uploads.scanned(uploads.printed(codes), dpi=dpi, crooked=crooked))
    assert [codes[number] in texts_of(page) for number, page in enumerate(piles.pages_of(pile))] == [True, True]


@pytest.mark.parametrize("turn", [cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_page_scanned_sideways_or_upside_down_is_read(turn):
    grey = cv2.rotate(cv2.imdecode(np.frombuffer(SCAN, np.uint8), cv2.IMREAD_GRAYSCALE), turn)
    (page,) = piles.pages_of(cv2.imencode(".png", grey)[1].tobytes())
    assert uploads.codes(1)[0] in texts_of(page)


def test_two_hundred_pages_come_in_order_and_one_more_is_too_many():
    codes = uploads.codes(201)
    pile = uploads.printed(codes[:200])
    assert [texts_of(page) for page in piles.pages_of(pile)] == [{code} for code in codes[:200]]
    refusal = refusal_of(uploads.printed(codes))
    assert (refusal.reason, refusal.pages) == ("too_many_pages", 201)


@pytest.mark.parametrize("form", [".jpg", ".png", ".tiff"])
def test_a_picture_is_a_pile_of_one_page(form):
    colour = cv2.cvtColor(cv2.imdecode(np.frombuffer(SCAN, np.uint8), cv2.IMREAD_GRAYSCALE), cv2.COLOR_GRAY2BGR)
    data = cv2.imencode(form, colour)[1].tobytes()
    (page,) = piles.pages_of(data)
    assert (page[:3], shape_of(page), piles.page_count(data)) == (b"\xff\xd8\xff", colour.shape[:2], 1)
    assert uploads.codes(1)[0] in texts_of(page)


def tiff_of(*pages: np.ndarray) -> bytes:
    return cv2.imencodemulti(".tiff", list(pages))[1].tobytes()


def test_a_tiff_has_several_pages():
    tiff = tiff_of(*(np.full((300, 200 + number), 40 * number, np.uint8) for number in range(5)))
    assert piles.page_count(tiff) == 5
    assert [shape_of(page) for page in piles.pages_of(tiff)] == [(300, 200 + number) for number in range(5)]
    refusal = refusal_of(tiff, most=4)
    assert (refusal.reason, refusal.pages) == ("too_many_pages", 5)


def test_a_black_and_white_scan_of_a_fax_keeps_its_page():
    grey = cv2.imdecode(np.frombuffer(SCAN, np.uint8), cv2.IMREAD_GRAYSCALE)
    bilevel = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1]
    data = cv2.imencode(".tiff", bilevel, [cv2.IMWRITE_TIFF_COMPRESSION, 5])[1].tobytes()
    (page,) = piles.pages_of(data)
    assert uploads.codes(1)[0] in texts_of(page)


def test_a_photograph_that_an_app_put_on_a_page_as_wide_as_its_pixels_is_drawn_and_read():
    (page,) = piles.pages_of(uploads.pile_of([SCAN], size=(3024, 4032)))
    height, width = shape_of(page)
    assert abs(height * width - pdf_pages.MOST_PIXELS) < 10_000
    assert uploads.codes(1)[0] in texts_of(page)


def test_a_page_carries_nothing_of_the_file_but_what_it_shows():
    place = b"Exif\0\0" + b"GPS 49.18 N 0.37 W"
    photograph = SCAN[:2] + b"\xff\xe1" + struct.pack(">H", len(place) + 2) + place + SCAN[2:] + b"<script>"
    script = uploads.one_page(
        b"BT ET", catalogue=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/Names<</EmbeddedFiles<</Names[]>>>>"
    )
    for data in (photograph, script):
        (page,) = piles.pages_of(data)
        assert not any(word in page for word in (b"GPS", b"script", b"alert", b"%PDF"))


TIFF = tiff_of(*(np.full((60, 80), shade, np.uint8) for shade in (0, 200)))
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@pytest.mark.parametrize(
    ("data", "reason", "page"),
    [
        (b"", "empty", 0),
        (b"no scan", "not_a_scan", 0),
        (b"PK\x03\x04" + bytes(100), "not_a_scan", 0),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_scan", 0),
        (b"\0\0\0\x18ftypmp42", "not_a_scan", 0),
        (HEIC, "heic", 0),
        (uploads.locked(), "encrypted_pdf", 0),
        (b"%PDF-1.7 and then nothing", "broken", 0),
        (PRINTED[: len(PRINTED) // 2], "broken", 0),
        (uploads.pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]), "empty", 0),
        (uploads.one_page(b"", size=(14_400, 14_400)), "page_too_large", 1),
        (uploads.one_page(b"", size=(2, 800)), "broken", 1),
        (SCAN[:100], "broken", 1),
        (cv2.imencode(".png", np.zeros((4, 4), np.uint8))[1].tobytes(), "broken", 1),
        (b"II*\0" + bytes(60), "empty", 0),
        (tiff_of(np.zeros((4, 4), np.uint8)), "broken", 1),
        (tiff_of(np.zeros((90, 90), np.uint8))[:100], "broken", 0),
    ],
)  # fmt: skip
def test_what_is_no_scan_is_refused_with_its_reason(data, reason, page):
    refusal = refusal_of(data)
    assert (refusal.reason, refusal.page) == (reason, page)


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("form", ["pdf", ".jpg", ".png", ".tiff"])
def test_an_upload_that_broke_off_is_never_taken_for_a_whole_one(form, share):
    grey = cv2.imdecode(np.frombuffer(SCAN, np.uint8), cv2.IMREAD_GRAYSCALE)
    data = uploads.pile_of([SCAN] * 3) if form == "pdf" else cv2.imencode(form, grey)[1].tobytes()
    assert refusal_of(data[: int(len(data) * share)]).reason == "broken"


def test_an_upload_of_too_many_bytes_is_not_even_looked_at(monkeypatch):
    monkeypatch.setattr(piles, "MOST_BYTES", len(PRINTED) - 1)
    for ask in (piles.page_count, lambda data: next(piles.pages_of(data))):
        with pytest.raises(UnreadablePile, match="too_big"):
            ask(PRINTED)


def test_one_bad_page_in_a_pile_comes_after_the_good_ones_and_is_named():
    pages = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d 842]>>" % width for width in (595, 500_000, 595)]
    data = uploads.pdf_of(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3>>", *pages]
    )
    found = piles.pages_of(data)
    assert shape_of(next(found)) == (1708, 1207)
    with pytest.raises(UnreadablePile) as refusal:
        next(found)
    assert (refusal.value.reason, refusal.value.page, piles.page_count(data)) == ("page_too_large", 2, 3)


def test_a_picture_that_declares_too_many_pixels_is_refused_by_its_header():
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + header
        + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    tags = b"".join(struct.pack("<HHII", tag, 4, 1, 60_000) for tag in (256, 257))
    tiff = b"II*\0" + struct.pack("<IH", 8, 2) + tags + bytes(4)
    assert [refusal_of(data).reason for data in (png, tiff)] == ["page_too_large"] * 2


def test_a_tiff_whose_directories_form_a_ring_is_broken():
    ring = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 256, 4, 1, 50, 8)
    assert refusal_of(ring).reason == "broken"
    with pytest.raises(UnreadablePile, match="broken"):
        piles.page_count(ring)


@pytest.mark.parametrize(("limit", "value"), [("MEMORY", 300_000_000), ("SECONDS", 1)])
def test_a_page_that_asks_for_everything_is_stopped_and_the_program_goes_on(monkeypatch, limit, value):
    monkeypatch.setattr(pdf_pages, limit, value)
    refusal = refusal_of(uploads.forms_within_forms(8))
    assert (refusal.reason, refusal.page) == ("broken", 1)
    assert len(list(piles.pages_of(PRINTED))) == 2


def test_a_pile_left_in_the_middle_leaves_no_process():
    before, pages = children(), piles.pages_of(PRINTED)
    next(pages)
    assert len(children()) == len(before) + 1
    pages.close()
    assert children() == before


def test_the_drawing_process_learns_nothing_of_the_settings(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    before, pages = children(), piles.pages_of(PRINTED)
    next(pages)
    (child,) = set(children()) - set(before)
    assert b"secret" not in Path(f"/proc/{child}/environ").read_bytes()
    pages.close()


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", *tiff_pages.STARTS]),
)
@settings(max_examples=40, deadline=None)
def test_no_bytes_whatever_raise_anything_else(rest, start):
    refusal_of(start + rest)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_damaged_pile_gives_pages_or_the_refusal(data):
    raw = bytearray(data.draw(st.sampled_from([PRINTED, SCAN, TIFF, uploads.pile_of([SCAN])])))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    try:
        pages = list(piles.pages_of(bytes(raw)))
    except UnreadablePile:
        return
    assert pages
    assert all(page.startswith(b"\xff\xd8\xff") for page in pages)
