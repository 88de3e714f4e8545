"""What 10,000 loan agreements as one PDF cost, beside as many empty pages made by the same engine in the same run.

python -m bench.agreements [--json] [--count 10000]
"""

import argparse
import json
import random
import resource
import time
from dataclasses import asdict, dataclass
from datetime import date

import pypdfium2
import typst

from tracker.documents import Contacts, Named, Text, default_texts, default_words, digest_of, page_count, paper_forms
from tracker.operations.sample.names import FAMILY, GIVEN
from tracker.rules.codes import BODIES, OwnKind, own_code

CONTACTS = Contacts("0 800 97 87 00", "du lundi au vendredi", "support@example.org", "Financé par la Région Normandie")
EMPTY = """
#set page(width: 210mm, height: 297mm, margin: 0mm)
#for number in range(int(sys.inputs.pages)) { if number > 0 { pagebreak() }; box() }
"""


@dataclass(frozen=True)
class Measured:
    """Seconds of CPU for the agreements and for as many empty pages, what came out, and the peak of memory."""

    agreements: int
    pages: int
    mb: float
    cpu_s: float
    cpu_s_per_1000: float
    empty_cpu_s: float
    peak_mb: float


def invented(count: int, pages: int) -> list[Named]:
    """Agreements of invented pupils, each page with its code, the same at every run."""
    dice = random.Random(1)
    return [
        Named(
            f"{dice.choice(FAMILY)} {dice.choice(GIVEN)}", date(2011, 1 + number % 12, 1 + number % 28),
            "Lycée Jean Rostand", f"2GT{number % 9 + 1}", "2026-2027", (f"{dice.choice(FAMILY)} {dice.choice(GIVEN)}",),
            tuple(own_code(OwnKind.AGREEMENT_PAGE, dice.randrange(BODIES)) for _ in range(pages)),
        )
        for number in range(count)
    ]  # fmt: skip


def measure(count: int) -> Measured:
    """Measures once: typst remembers what it has already laid out."""
    body = default_texts()["fr"]
    text, words = Text(1, body, digest_of(body)), default_words("fr")
    pages = page_count(text, words=words, contacts=CONTACTS)
    items = invented(count, pages)
    started = time.process_time()
    made = paper_forms(text, items, words=words, contacts=CONTACTS)
    cpu_s = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = len(pypdfium2.PdfDocument(made))
    assert whole == count * pages
    started = time.process_time()
    typst.compile(
        EMPTY.encode(),
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"pages": str(whole)},
        pdf_tags=False,
    )
    empty = time.process_time() - started
    return Measured(
        count, whole, round(len(made) / 1e6, 1), round(cpu_s, 2), round(cpu_s * 1000 / count, 2), round(empty, 2),
        round(peak, 1),
    )  # fmt: skip


def main() -> None:
    """Print the figures, as lines or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args()
    figures = asdict(measure(options.count))
    print(
        json.dumps(figures) if options.json else "\n".join(f"{name:16}{value:>12}" for name, value in figures.items())
    )


if __name__ == "__main__":
    main()
