"""Uploads for tests, built byte by byte: piles of scanned pages, and PDFs that mean harm."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from tests.paper import opened, rendered
from tracker import labels
from tracker.labels import PageCaptions, PupilSlip
from tracker.rules.codes import OwnKind, own_code

CAPTIONS = PageCaptions("Fiches élèves", "Imprimé le 21 novembre 2026", "Page {page} sur {pages}")


def codes(count: int) -> list[str]:
    return [own_code(OwnKind.PUPIL_SLIP, 7919 * number) for number in range(count)]


def printed(slips: Sequence[str]) -> bytes:
    """A PDF with each code on a page of its own."""
    return labels.pupil_slips(
        [PupilSlip("Zoé ŸVETOT", code, "Lycée Malherbe", code) for code in slips], captions=CAPTIONS
    )


def scanned(pdf: bytes, *, dpi: int = 200, crooked: float = 0.0, quality: int = 60) -> list[bytes]:
    """The pages as a scanner gives them: a little blurred, noisy, perhaps crooked, in JPEG."""
    return [_scanned(rendered(page, dpi), crooked, quality) for page in opened(pdf)]


def _scanned(page: npt.NDArray[np.uint8], crooked: float, quality: int) -> bytes:
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), crooked, 1)
    turned = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    noise = np.random.default_rng(3).normal(0, 6, turned.shape)
    grey = np.clip(40 + 0.8 * cv2.GaussianBlur(turned, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of numbered objects, of which the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table + end


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def one_page(
    content: bytes, *others: bytes, size: tuple[int, int] = (595, 842), resources: bytes = b"", catalogue: bytes = b""
) -> bytes:
    """A PDF of one page; `others` are the objects from number 5 on."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<<%s>>>>" % (*size, resources)
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page,
            stream(content),
            *others,
        ]
    )


def pile_of(pictures: Sequence[bytes], size: tuple[int, int] = (595, 842)) -> bytes:
    """A PDF as a scanner makes it: one grey JPEG on each page."""
    kids = b" ".join(b"%d 0 R" % (3 + 3 * number) for number in range(len(pictures)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pictures))]
    for number, picture in enumerate(pictures):
        objects += _page_with(picture, 4 + 3 * number, size)
    return pdf_of(objects)


def _page_with(picture: bytes, number: int, size: tuple[int, int]) -> list[bytes]:
    height, width = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE).shape
    facts = b"/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode"
    resources = b"/Contents %d 0 R/Resources<</XObject<</X %d 0 R>>>>" % (number, number + 1)
    return [
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]%s>>" % (*size, resources),
        stream(b"%d 0 0 %d 0 0 cm /X Do" % size),
        stream(picture, facts % (width, height)),
    ]


def locked() -> bytes:
    """A PDF that asks for a password."""
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/Length 40/P -4/O<%s>/U<%s>>>/ID[<00><00>]" % (b"5a" * 32, b"a5" * 32)
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    return pdf_of([*objects, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"], lock)


def forms_within_forms(depth: int) -> bytes:
    """Less than two kilobytes that ask for 10 to the power of `depth` rectangles."""
    form, inner = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]", b"/Resources<</XObject<</X %d 0 R>>>>"
    forms = [stream(b"/X Do " * 10, form + inner % (6 + level)) for level in range(depth)]
    return one_page(b"/X Do", *forms, stream(b"0 0 500 800 re f", form), resources=b"/XObject<</X 5 0 R>>")
