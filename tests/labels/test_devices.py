"""Device labels: every code read back, each label in its place, every word inside it."""

import random
from itertools import pairwise

import numpy as np
import pypdfium2.raw
import pytest
import zxingcpp

from tests.paper import (
    Box,
    cut_out,
    kinds_of_objects,
    opened,
    outlines,
    rendered,
    signs,
    texts_read,
    upright_bars_read,
    words,
)
from tracker import labels, scanning
from tracker.labels import ROLL, STOCKS, DeviceLabel, LabelCaptions, Stock
from tracker.rules.codes import BODIES, OwnKind, own_code

CAPTIONS = LabelCaptions("Étiquettes des appareils", "N° de série")
OWNER = "Région Normandie"
CONTACT = "Assistance : 0 800 97 87 00"
ALL_STOCKS = [*STOCKS.values(), ROLL]
SERIALS = ["PF3K2L9X", "5CD1234XYZ", "NXVPWEF0013470E8A97600", "356938035643809", "J7K2M93"]

stocks = pytest.mark.parametrize("stock", ALL_STOCKS, ids=lambda stock: stock.name)


def some_labels(count: int) -> list[DeviceLabel]:
    dice = random.Random(count)
    return [
        DeviceLabel(own_code(OwnKind.DEVICE_TAG, body), dice.choice(SERIALS), "HP ProBook 430", OWNER, CONTACT)
        for body in dice.sample(range(BODIES), count)
    ]


def a_label(**words_on_it: str) -> DeviceLabel:
    said = {"serial": "PF3K2L9X", "maker_model": "Lenovo L13", "owner": OWNER, "contact": CONTACT}
    return DeviceLabel(tag=own_code(OwnKind.DEVICE_TAG, 77), **(said | words_on_it))


def box_of(stock: Stock, slot: int) -> Box:
    x, y = stock.position(slot)
    return Box(x, y, x + stock.label_width, y + stock.label_height)


def without_the_square(picture: np.ndarray) -> np.ndarray:
    bars_alone = picture.copy()
    bars_alone[int(bars_alone.shape[0] * 0.46) :] = 255
    return bars_alone


def bars_of(picture: np.ndarray, dpi: float) -> tuple[float, float]:
    """Left and right end of the bars of a label, in millimetres from the label's left edge."""
    row = picture[int(picture.shape[0] * 0.27)] < 128
    dark = np.flatnonzero(row)
    return dark[0] / dpi * 25.4, (dark[-1] + 1) / dpi * 25.4


@stocks
@pytest.mark.parametrize("dpi", [150, 300])
def test_every_code_of_a_page_is_read_back_where_it_was_put(stock, dpi):
    printed = some_labels(stock.per_page)
    picture = rendered(opened(labels.device_labels(printed, stock, captions=CAPTIONS))[0], dpi)
    for slot, label in enumerate(printed):
        one = cut_out(picture, box_of(stock, slot), dpi)
        read = scanning.read(one).symbols
        assert [symbol.text for symbol in read] == [label.tag] * len(read)
        assert scanning.Symbology.QR in {symbol.symbology for symbol in read}
        bars_alone = without_the_square(one)
        assert [(symbol.text, symbol.symbology.value) for symbol in scanning.read(bars_alone).symbols] == [
            (label.tag, "code_128")
        ]


@stocks
def test_zxing_alone_reads_the_page_of_an_office_printer(stock):
    printed = some_labels(stock.per_page)
    picture = rendered(opened(labels.device_labels(printed, stock, captions=CAPTIONS))[0], 300)
    assert texts_read(picture) == sorted([label.tag for label in printed] * 2)


def test_a_thousand_labels_fill_their_pages_and_are_all_read_back():
    printed = some_labels(1000)
    document = opened(labels.device_labels(printed, STOCKS["L7160"], captions=CAPTIONS))
    assert len(document) == 48
    read = [text for page in document for text in upright_bars_read(rendered(page, 200))]
    assert sorted(read) == sorted(label.tag for label in printed)


def test_a_roll_gives_each_label_a_page_of_its_own_size():
    printed = some_labels(3)
    document = opened(labels.device_labels(printed, ROLL, captions=CAPTIONS))
    assert [texts_read(rendered(page, 300)) for page in document] == [[label.tag] * 2 for label in printed]
    assert [size * 25.4 / 72 for size in document[0].get_size()] == pytest.approx([62, 29], abs=0.01)


@pytest.mark.parametrize(("stock", "start_at", "count", "pages"), [
    ("L7160", 1, 1, 1), ("L7160", 21, 1, 1), ("L7160", 21, 2, 2), ("L7160", 2, 21, 2),
    ("3474", 24, 25, 2), ("3474", 1, 24, 1),
])  # fmt: skip
def test_printing_starts_at_the_place_asked_for(stock, start_at, count, pages):
    paper = STOCKS[stock]
    printed = some_labels(count)
    document = opened(labels.device_labels(printed, paper, start_at, captions=CAPTIONS))
    assert len(document) == pages
    picture = rendered(document[0], 200)
    assert texts_read(cut_out(picture, box_of(paper, start_at - 1), 200)) == [printed[0].tag] * 2
    before = [cut_out(picture, box_of(paper, slot), 200) for slot in range(start_at - 1)]
    assert all((blank == 255).all() for blank in before)


@pytest.mark.parametrize(("stock", "start_at"), [
    (STOCKS["L7160"], 0), (STOCKS["L7160"], 22), (STOCKS["3474"], 25), (STOCKS["3474"], -1), (ROLL, 2),
])  # fmt: skip
def test_a_place_that_is_not_on_the_sheet_is_refused(stock, start_at):
    with pytest.raises(ValueError, match=rf"places 1 to {stock.per_page}, not {start_at}"):
        labels.device_labels(some_labels(1), stock, start_at, captions=CAPTIONS)


def test_no_label_is_refused():
    with pytest.raises(ValueError, match="no label"):
        labels.device_labels([], ROLL, captions=CAPTIONS)


@pytest.mark.parametrize("tag", ["", "PNDBBBBBBBBC", "pndbbbbbbbb", own_code(OwnKind.PUPIL_SLIP, 5), "PF3K2L9X"])
def test_what_the_desk_would_not_take_for_a_device_tag_is_not_printed(tag):
    with pytest.raises(ValueError, match="is not a device tag"):
        labels.device_labels([DeviceLabel(tag, "S", "M", "O", "C")], ROLL, captions=CAPTIONS)


@stocks
def test_bars_are_wide_enough_and_have_their_quiet_zones(stock):
    dpi = 1200
    page = opened(labels.device_labels([a_label()], stock, captions=CAPTIONS))[0]
    left, right = bars_of(cut_out(rendered(page, dpi), box_of(stock, 0), dpi), dpi)
    module = (right - left) / (11 * 14 + 13)
    assert module == pytest.approx(stock.module, abs=0.001)
    assert module >= 0.25
    assert left == pytest.approx(stock.padding_x, abs=0.1)
    assert min(left, stock.label_width - right) >= 10 * module


@stocks
def test_the_square_has_four_white_modules_on_every_side(stock):
    dpi = 600
    page = opened(labels.device_labels([a_label(contact="W" * 90, serial="W" * 90)], stock, captions=CAPTIONS))[0]
    label = cut_out(rendered(page, dpi), box_of(stock, 0), dpi)
    square = next(code for code in zxingcpp.read_barcodes(label) if code.format == zxingcpp.BarcodeFormat.QRCode)
    top_left, bottom_right = square.position.top_left, square.position.bottom_right
    module = stock.square_module / 25.4 * dpi
    assert bottom_right.x - top_left.x == pytest.approx(21 * module, abs=3)
    quiet = round(4 * module) - 2
    left, right = top_left.x - quiet, bottom_right.x + quiet
    top, bottom = top_left.y - quiet, bottom_right.y + quiet
    assert left >= 0
    assert top >= 0
    assert right <= label.shape[1]
    assert bottom <= label.shape[0]
    around = label[top:bottom, left:right].copy()
    around[quiet - 2 : 2 - quiet, quiet - 2 : 2 - quiet] = 255
    assert (around > 200).all()


@stocks
def test_symbols_are_vectors(stock):
    kinds = kinds_of_objects(opened(labels.device_labels([a_label()], stock, captions=CAPTIONS))[0])
    assert pypdfium2.raw.FPDF_PAGEOBJ_PATH in kinds
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds


def test_a_label_says_whose_it_is_what_it_is_and_whom_to_call():
    page = opened(labels.device_labels([a_label()], STOCKS["L7160"], captions=CAPTIONS))[0]
    tag = own_code(OwnKind.DEVICE_TAG, 77)
    assert words(page) == f"RégionNormandie{tag}N°desériePF3K2L9XLenovoL13Assistance:0800978700"


@stocks
def test_what_looks_like_typst_prints_literally(stock):
    hostile = {
        "owner": '#eval("1+1") *gras* _x_',
        "maker_model": '$a^2$ `code` <label> @ref "q" \\ // -> --- ...',
        "serial": "#panic()]}[{",
        "contact": "= Titre\n- liste\t~ #pagebreak()",
    }
    document = opened(labels.device_labels([a_label(**hostile)], stock, captions=CAPTIONS))
    assert len(document) == 1
    printed = words(document[0])
    for text in hostile.values():
        assert "".join(text.split()) in printed


@stocks
@pytest.mark.parametrize("long", [
    "W" * 60, "Wm" * 150, "Éléonore-Marie de la Rochefoucauld-Montmorency-Laval du Plessis", "W" * 12,
    "x " * 40 + "é" * 40, "W" * 8, "W" * 14,
])  # fmt: skip
def test_long_words_stay_whole_and_inside_their_label(stock, long):
    long = long.strip()
    label = a_label(serial=long, maker_model=long, owner=long, contact=long)
    start_at = min(5, stock.per_page)
    page = opened(labels.device_labels([label], stock, start_at, captions=CAPTIONS))[0]
    assert words(page).count("".join(long.split())) == 4
    frame = box_of(stock, start_at - 1)
    assert [sign for sign in signs(page) if not frame.holds(sign.box)] == []


@stocks
def test_lines_of_a_label_do_not_run_into_each_other(stock):
    label = a_label(serial="W" * 60, maker_model="É" * 60, owner="g" * 60, contact="ç" * 60)
    page = opened(labels.device_labels([label], stock, captions=CAPTIONS))[0]
    rows = [[sign.box for sign in signs(page) if sign.text == letter] for letter in "gWÉç"]
    for above, below in pairwise(rows):
        assert max(box.bottom for box in above) <= min(box.top for box in below)


def test_a_label_with_nothing_but_its_tag_is_printed():
    label = a_label(serial="", maker_model="", owner="", contact="")
    page = opened(labels.device_labels([label], ROLL, captions=CAPTIONS))[0]
    assert words(page) == label.tag + "N°desérie"
    assert texts_read(rendered(page, 300)) == [label.tag] * 2


def test_a_shift_moves_every_label():
    stock = STOCKS["L7160"]
    plain, moved = (
        signs(opened(labels.device_labels(some_labels(30), stock, captions=CAPTIONS, shift=shift))[1])
        for shift in [(0.0, 0.0), (1.5, -0.7)]
    )
    assert len(plain) == len(moved) > 0
    for one, other in zip(plain, moved, strict=True):
        assert other.box.left - one.box.left == pytest.approx(1.5, abs=0.01)
        assert other.box.top - one.box.top == pytest.approx(-0.7, abs=0.01)


@stocks
def test_the_calibration_page_outlines_every_label_to_a_fifth_of_a_millimetre(stock):
    document = opened(labels.calibration_page(stock, title="Page de réglage", note="Imprimez à 100 %."))
    assert len(document) == 1
    assert "Pagederéglage" in words(document[0])
    drawn = outlines(document[0])
    for slot in range(stock.per_page):
        asked = box_of(stock, slot)
        assert any(asked.holds(box, slack=0.2) and box.holds(asked, slack=0.2) for box in drawn)


@pytest.mark.parametrize(
    ("name", "per_page", "right", "bottom"), [("L7160", 21, 202.79, 281.85), ("3474", 24, 210, 296.5)]
)
def test_a_sheet_fits_its_paper(name, per_page, right, bottom):
    stock = STOCKS[name]
    assert stock.per_page == per_page
    last = box_of(stock, per_page - 1)
    assert (last.right, last.bottom) == pytest.approx((right, bottom), abs=0.01)


def test_the_same_labels_give_the_same_file():
    once, again = (labels.device_labels(some_labels(3), ROLL, captions=CAPTIONS) for _ in range(2))
    assert once == again
