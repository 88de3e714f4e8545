"""Reading frames: every symbology, every way a camera spoils them, several at a time, within a budget."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from bench.pictures import blurred, drawn, faint, jpeg, noisy, on_frame, shrunk, tilted, turned
from tracker.scanning import Effort, Symbol, Symbology, read
from tracker.scanning.cascade import Look

TEXTS = {
    "code_128": "PF3A7K2M",
    "code_39": "5CG0123BCD",
    "qr": "PNDBCDFGHJKL",
    "data_matrix": "PNPBCDFGHJKL",
    "ean_13": "4006381333931",
    "ean_8": "96385074",
    "upc_a": "036000291452",
}
SPOILS = {
    "a quarter turn": lambda p: turned(p, 90),
    "upside down": lambda p: turned(p, 180),
    "three quarters": lambda p: turned(p, 270),
    "a little askew": lambda p: turned(p, 17),
    "diagonal": lambda p: turned(p, 45),
    "diagonal and upside down": lambda p: turned(p, 133),
    "seen from the side": lambda p: tilted(p, 0.2),
    "out of focus": lambda p: blurred(p, 1.5),
    "grain": lambda p: noisy(p, 30),
    "low contrast": lambda p: faint(p, 0.15),
    "far away": lambda p: shrunk(p, 0.4),
    "white on black": lambda p: 255 - p,
    "askew, soft and grainy": lambda p: noisy(blurred(turned(p, 25), 1.2), 12),
}
PLENTY_MS = 5000


@pytest.mark.parametrize("symbology", TEXTS)
def test_each_symbology_is_read_upright_by_the_first_stage(symbology: str) -> None:
    reading = read(on_frame(drawn(TEXTS[symbology], symbology)), PLENTY_MS)

    assert [(s.text, s.symbology, s.stage) for s in reading.symbols] == [(TEXTS[symbology], symbology, 1)]


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("symbology", TEXTS)
def test_a_spoilt_symbol_is_read_and_nothing_else(symbology: str, spoil: str) -> None:
    frame = SPOILS[spoil](on_frame(drawn(TEXTS[symbology], symbology), size=(400, 700)))

    assert read(frame, PLENTY_MS).texts == (TEXTS[symbology],)


@pytest.mark.parametrize(("symbology", "blur"), [("code_128", 2.4), ("code_128", 2.7), ("code_39", 2.2)])
def test_bars_too_blurred_for_the_decoders_are_restored(symbology: str, blur: float) -> None:
    frame = blurred(on_frame(drawn(TEXTS[symbology], symbology, module=3), size=(400, 700)), blur)

    (symbol,) = read(frame, PLENTY_MS).symbols

    assert (symbol.text, symbol.stage) == (TEXTS[symbology], 5)


@pytest.mark.parametrize("symbology", ["qr", "data_matrix"])
def test_a_two_dimensional_code_too_soft_for_the_decoders_is_sharpened(symbology: str) -> None:
    frame = blurred(on_frame(drawn(TEXTS[symbology], symbology), size=(400, 700)), 1.7)

    assert [(s.text, s.stage) for s in read(frame, PLENTY_MS).symbols] == [(TEXTS[symbology], 6)]


def test_all_symbols_of_a_carton_are_read_at_once() -> None:
    symbols = [drawn(text, symbology, module=2) for symbology, text in TEXTS.items()]

    reading = read(on_frame(*symbols))

    assert {(s.symbology, s.text) for s in reading.symbols} == set(TEXTS.items())
    assert {s.stage for s in reading.symbols} == {1}


def test_it_goes_on_while_nothing_wanted_was_read_and_keeps_what_it_has() -> None:
    article, serial = drawn(TEXTS["ean_13"], "ean_13"), turned(drawn(TEXTS["code_128"]), 60)
    frame = on_frame(article, serial)

    content = read(frame, PLENTY_MS)
    searching = read(frame, PLENTY_MS, wanted=lambda symbol: symbol.symbology is Symbology.CODE_128)

    assert content.texts == (TEXTS["ean_13"],)
    assert set(searching.texts) == {TEXTS["ean_13"], TEXTS["code_128"]}


def test_a_spent_budget_ends_the_search_after_the_first_stage() -> None:
    frame = on_frame(drawn(TEXTS["ean_13"], "ean_13"), turned(drawn(TEXTS["code_128"]), 60))

    reading = read(frame, 0, wanted=lambda symbol: symbol.symbology is Symbology.CODE_128)

    assert reading.texts == (TEXTS["ean_13"],)


def test_live_frames_get_three_stages_and_snapshots_all() -> None:
    frame = turned(on_frame(drawn(TEXTS["data_matrix"], "data_matrix"), size=(300, 300)), 180)

    assert read(frame, PLENTY_MS, effort=Effort.LIVE).symbols == ()
    assert read(frame, PLENTY_MS, effort=Effort.FULL).texts == (TEXTS["data_matrix"],)


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 120, 180])
@pytest.mark.parametrize("symbology", ["code_128", "qr", "data_matrix"])
def test_the_corners_stand_around_the_symbol(symbology: str, degrees: float) -> None:
    frame = turned(drawn(TEXTS[symbology], symbology), degrees, ground=255)

    (symbol,) = read(frame, PLENTY_MS).symbols

    ys, xs = np.nonzero(frame < 128)
    middle = (float(xs.mean()), float(ys.mean()))
    inside = cv2.pointPolygonTest(cv2.convexHull(np.array(symbol.corners, np.float32)), middle, True)
    assert inside > -12
    (x, y), _ = cv2.minEnclosingCircle(np.array(symbol.corners, np.float32))
    assert np.hypot(x - middle[0], y - middle[1]) < 0.15 * max(frame.shape)


def test_the_separators_of_gs1_are_kept() -> None:
    picture = drawn("(01)09501101530003(21)ABC12(10)XY", "code_128", gs1=True)

    assert read(picture).texts == ("010950110153000321ABC12\x1d10XY",)
    assert read(turned(picture, 90)).texts == ("010950110153000321ABC12\x1d10XY",)


@pytest.mark.parametrize("degrees", [0, 90])
def test_accents_of_a_code_128_survive_whichever_decoder_reads_them(degrees: float) -> None:
    assert read(turned(drawn("LYCÉE-42"), degrees)).texts == ("LYCÉE-42",)


def test_a_second_text_at_the_same_place_is_not_believed() -> None:
    look = Look(np.zeros((100, 300), np.uint8), 0.0, 0.0)
    here, beside = ((0, 0), (100, 0), (100, 40), (0, 40)), ((150, 0), (250, 0), (250, 40), (150, 40))
    first, again, other, elsewhere = (
        Symbol(text, Symbology.CODE_128, place, "zbar", stage)
        for text, place, stage in (("A", here, 1), ("A", here, 2), ("B", here, 2), ("C", beside, 2))
    )

    look.add([first])
    look.add([again, other, elsewhere])

    assert [symbol.text for symbol in look.symbols] == ["A", "C"]


def test_frames_read_at_the_same_time_do_not_mix() -> None:
    texts = [f"PF{number:06d}" for number in range(40)]
    frames = [jpeg(turned(drawn(text, module=2), 90 * (i % 4))) for i, text in enumerate(texts)]

    with ThreadPoolExecutor(8) as pool:
        readings = list(pool.map(read, frames))

    assert [reading.texts for reading in readings] == [(text,) for text in texts]


def test_a_small_code_in_a_large_photograph_is_found() -> None:
    photograph = on_frame(size=(3000, 4000))
    code = turned(drawn(TEXTS["code_128"], module=3), 20)
    photograph[1900 : 1900 + code.shape[0], 2500 : 2500 + code.shape[1]] = code

    (symbol,) = read(jpeg(photograph), PLENTY_MS).symbols

    assert symbol.text == TEXTS["code_128"]
    assert all(2500 < x < 2500 + code.shape[1] and 1900 < y < 1900 + code.shape[0] for x, y in symbol.corners)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_read_where_there_is_no_code(seed: int) -> None:
    assert read(_clutter(seed), PLENTY_MS).symbols == ()


def _clutter(seed: int) -> np.ndarray:
    """Noise, stripes, grids and letters."""
    rng = np.random.default_rng(seed)
    frame = np.full((480, 640), 200, np.uint8)
    for _ in range(60):
        x = int(rng.integers(0, 300))
        cv2.line(frame, (x, 20), (x + 10, 200), int(rng.integers(0, 255)), int(rng.integers(1, 7)))
    for x in range(330, 620, int(rng.integers(5, 14))):
        cv2.line(frame, (x, 20), (x, 200), 30, int(rng.integers(1, 4)))
        cv2.line(frame, (330, x - 300), (620, x - 300), 30, 2)
    for row in range(5):
        words = "".join(rng.choice(list("IlHEM |/-_#%"), 30))
        cv2.putText(frame, words, (10, 260 + 40 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 20, 2)
    return noisy(frame, float(rng.uniform(0, 30)), seed)
