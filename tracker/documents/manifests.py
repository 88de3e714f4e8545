"""The manifest of a scan-out as PDF: what the carrier takes, line by line, and where it signs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.typesetting import A4_HEIGHT, A4_WIDTH, FONTS, pdf

_TEMPLATE = Path(__file__).with_name("manifest.typ")


@dataclass(frozen=True)
class ManifestLine:
    """One parcel: its number spelled out, the carrier's, where it goes, how many devices."""

    reference: str
    tracking: str
    name: str
    place: str
    devices: int


@dataclass(frozen=True)
class ManifestWords:
    """The fixed words, already translated; `page` holds the placeholders {page} and {pages}."""

    title: str
    lead: str
    total: str
    when: str
    sender: str
    headings: tuple[str, str, str, str, str]
    signature: str
    page: str
    language: str = "fr"


def manifest_pdf(
    lines: Sequence[ManifestLine], senders: Sequence[Sequence[str]], *, words: ManifestWords, fonts: Path = FONTS
) -> bytes:
    """The PDF of the lines in their order, below who sends: an address each, line by line.

    Raises ValueError when there is no parcel.
    """
    if not lines:
        raise ValueError("there is no parcel on the manifest")
    data = asdict(words) | {"page_width": A4_WIDTH, "page_height": A4_HEIGHT, "printed_on": words.when}
    return pdf(_TEMPLATE, data | {"senders": senders, "lines": [asdict(line) for line in lines]}, fonts=fonts)
