"""What 1,000 labels of devices and of parcels as PDF cost, beside the same pages without content, in the same run.

Without content is measured twice for shipping labels: blank pages (`empty`), and the label's own frame and fixed words
with nothing of any parcel in it (`frame`). Both are made by the same engine in the same process.

`python -m bench.labels` prints a table, `--json` one line for machines.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pypdfium2
import typst

from tracker.labels import (
    ROLL,
    STOCKS,
    DeviceLabel,
    LabelCaptions,
    Paper,
    ShippingCaptions,
    ShippingLabel,
    device_labels,
    shipping,
    shipping_labels,
)
from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.rules.sscc import sscc

COUNT = 1000
NAMES = [*STOCKS, "roll", "shipping"]
CAPTIONS = LabelCaptions("Étiquettes des appareils", "N° de série")
MODELS = ["Lenovo ThinkPad L13", "HP ProBook 430 G8", "Acer TravelMate Spin B3", "Dell Latitude 3190", "Huawei E5577"]
SERIAL_LENGTHS = [8, 10, 22, 7, 15]
EMPTY = """
#set page(width: float(sys.inputs.width) * 1mm, height: float(sys.inputs.height) * 1mm, margin: 0mm)
#for number in range(int(sys.inputs.pages)) { if number > 0 { pagebreak() }; box() }
"""


@dataclass(frozen=True)
class Measured:
    """One stock: seconds of CPU for the labels and for as many empty pages, and what came out."""

    stock: str
    labels: int
    pages: int
    bytes: int
    cpu_s: float
    empty_cpu_s: float
    ratio: float
    frame_cpu_s: float = 0.0
    frame_ratio: float = 0.0


def invented_labels(count: int) -> list[DeviceLabel]:
    """Labels of five makers in equal parts, the same at every run."""
    dice = random.Random(1)
    return [
        DeviceLabel(
            own_code(OwnKind.DEVICE_TAG, dice.randrange(BODIES)),
            "".join(dice.choices("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", k=SERIAL_LENGTHS[number % 5])),
            MODELS[number % 5],
            "Région Normandie · Pack Numérique Lycéen",
            "Assistance : 0 800 97 87 00 (appel gratuit)",
        )
        for number in range(count)
    ]


def cpu_of(work: Callable[[], bytes]) -> tuple[float, bytes]:
    """Seconds of CPU, of all threads, and the result."""
    started = time.process_time()
    made = work()
    return time.process_time() - started, made


def empty_pages(width: float, height: float, pages: int) -> bytes:
    """A PDF of `pages` pages of this size with nothing on them."""
    size = {"width": str(width), "height": str(height), "pages": str(pages)}
    fonts = typst.Fonts(include_system_fonts=False)
    return bytes(typst.compile(EMPTY.encode(), font_paths=fonts, sys_inputs=size, pdf_tags=False))


SHIPPING = "shipping"
SHIPPING_CAPTIONS = ShippingCaptions(
    "Étiquettes d’expédition", "Région Normandie · Pack Numérique Lycéen", "Expéditeur", "Destinataire", "Contenu",
    "Assistance : 0 800 97 87 00", "Financé par la Région Normandie et l’Union européenne",
)  # fmt: skip


def invented_parcels(count: int) -> list[ShippingLabel]:
    """Named parcels for as many schools, the same at every run."""
    sender = ("Région Normandie – retours PNL", "12 rue de l’Essai", "14000 CAEN")
    return [
        ShippingLabel(
            sscc("", number), "COLIS NOMINATIF", sender,
            (f"Lycée Jean-Baptiste Colbert {number}", "Bâtiment B", f"{number} rue du Port", "76140 LE PETIT-QUEVILLY"),
            "1 appareil", f"Martin Léa {number} · 2GT{number % 9}",
        )
        for number in range(1, count + 1)
    ]  # fmt: skip


def framed_pages(labels: list[ShippingLabel], folder: Path) -> bytes:
    """The pages of these labels with the frame alone: the same template and data, nothing of a parcel drawn."""
    template = folder / "frame.typ"
    template.write_text(shipping._TEMPLATE.read_text().replace("{ same; label(item) }", "same"))
    whole, shipping._TEMPLATE = shipping._TEMPLATE, template
    try:
        return shipping_labels(labels, Paper.ALONE, captions=SHIPPING_CAPTIONS)
    finally:
        shipping._TEMPLATE = whole


def measure_shipping() -> Measured:
    """1,000 labels of 10 × 15 cm; the labels first: nothing of theirs was laid out before."""
    labels = invented_parcels(COUNT)
    shipping_labels(invented_parcels(COUNT + 1)[-1:], Paper.ALONE, captions=SHIPPING_CAPTIONS)  # fonts are read once
    cpu_s, made = cpu_of(lambda: shipping_labels(labels, Paper.ALONE, captions=SHIPPING_CAPTIONS))
    pages = len(pypdfium2.PdfDocument(made))
    empty_cpu_s, _ = cpu_of(lambda: empty_pages(shipping.LABEL_WIDTH, shipping.LABEL_HEIGHT, pages))
    with tempfile.TemporaryDirectory() as folder:
        frame_cpu_s, _ = cpu_of(lambda: framed_pages(invented_parcels(COUNT), Path(folder)))
    return Measured(
        SHIPPING, COUNT, pages, len(made), round(cpu_s, 3), round(empty_cpu_s, 4), round(cpu_s / empty_cpu_s, 1),
        round(frame_cpu_s, 4), round(cpu_s / frame_cpu_s, 1),
    )  # fmt: skip


def measure(name: str) -> Measured:
    """Measures one stock. Only once in a process: typst remembers what it has already laid out."""
    if name == SHIPPING:
        return measure_shipping()
    stock = ROLL if name == "roll" else STOCKS[name]
    labels = invented_labels(COUNT)
    cpu_s, made = cpu_of(lambda: device_labels(labels, stock, captions=CAPTIONS))
    pages = len(pypdfium2.PdfDocument(made))
    empty_cpu_s, empty = cpu_of(lambda: empty_pages(stock.page_width, stock.page_height, pages))
    assert len(pypdfium2.PdfDocument(empty)) == pages
    ratio = round(cpu_s / empty_cpu_s, 1)
    return Measured(name, COUNT, pages, len(made), round(cpu_s, 3), round(empty_cpu_s, 4), ratio)


def measure_in_a_fresh_process(name: str) -> Measured:
    """The same in a process of its own, so that no stock profits from the one before."""
    command = [sys.executable, "-m", "bench.labels", "--stock", name, "--json"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Measured(**json.loads(printed)[0])


def table(rows: list[Measured]) -> str:
    """The figures for people."""
    lines = ["stock     labels   pages      kB   CPU s   empty CPU s    ratio   frame CPU s    ratio"]
    for row in rows:
        figures = f"{row.labels:8}{row.pages:8}{row.bytes // 1000:8}{row.cpu_s:8.2f}{row.empty_cpu_s:14.4f}"
        framed = f"{row.frame_cpu_s:14.4f}{row.frame_ratio:9.1f}" if row.frame_cpu_s else ""
        lines.append(f"{row.stock:8}{figures}{row.ratio:9.1f}{framed}")
    return "\n".join(lines)


def main() -> None:
    """Measures all stocks, or the one asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stock", choices=NAMES)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = [measure(asked.stock)] if asked.stock else [measure_in_a_fresh_process(name) for name in NAMES]
    print(json.dumps([asdict(row) for row in rows]) if asked.json else table(rows))


if __name__ == "__main__":
    main()
