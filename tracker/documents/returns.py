"""The receipt of a returned device as PDF: what came back, from whom, when and where, with the device's own code."""

from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.documents.words import Contacts
from tracker.rules.codes import parse_own_code
from tracker.typesetting import A4_HEIGHT, A4_WIDTH, FONTS, Symbology, pdf, symbol

_TEMPLATE = Path(__file__).with_name("receipt.typ")


@dataclass(frozen=True)
class ReturnReceipt:
    """Everything on the page, already in words. `code`: the tag of the device, which any desk reads back."""

    title: str
    programme: str
    code: str
    code_caption: str
    facts: tuple[tuple[str, str], ...]
    note: str
    assistance: str
    printed_on: str
    page: str
    language: str = "fr"


def return_receipt(receipt: ReturnReceipt, *, contacts: Contacts, fonts: Path = FONTS) -> bytes:
    """Rules I1, I4. The PDF of the receipt, with the families' contacts. Raises ValueError: the code is not ours."""
    if parse_own_code(receipt.code) is None:
        raise ValueError(f"{receipt.code!r} is none of our codes")
    page = {
        "page_width": A4_WIDTH,
        "page_height": A4_HEIGHT,
        "square": symbol(receipt.code, Symbology.QR).svg,
        "bars": symbol(receipt.code, Symbology.CODE_128).svg,
        "hours": contacts.families_hours,
        "email": contacts.families_email,
        "funding": contacts.funding_mention,
    }
    return pdf(_TEMPLATE, asdict(receipt) | page, fonts=fonts)
