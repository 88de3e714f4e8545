"""Printed agreements and the scans of them, for tests."""

from collections import defaultdict
from collections.abc import Iterable

import cv2
import numpy as np

from tests.factories import NOW, actor
from tests.paper import opened, rendered
from tests.scanning.uploads import pile_of
from tracker.models.agreements import Agreement, AgreementPage
from tracker.operations import paper, piles
from tracker.operations.paper import Selection

# A sheet that came through the feeder with its back.
BLANK = cv2.imencode(".jpg", np.full((1169, 827), 240, np.uint8))[1].tobytes()


def printed(campaign, *pupils, now=NOW, who=None) -> dict[int, list[bytes]]:
    """The forms of these pupils on paper, scanned: by pupil the pictures of the pages, in their order."""
    found = defaultdict(list)
    for pupil in pupils:
        pdf = paper.print_forms(Selection(pupil_id=pupil.id), campaign=campaign, actor=who or actor(), now=now).pdf
        found[pupil.id] = [scan(page) for page in opened(pdf)]
    return found


def scan(page) -> bytes:
    return cv2.imencode(".jpg", rendered(page, 120), [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()


def filed(school, pictures: Iterable[bytes], storage, *, who=None, now=NOW):
    """The pile of these pictures, uploaded and filed: the pile and what became of it."""
    who = who or actor()
    pile = piles.keep_pile(school.id, "scan.pdf", pile_of(list(pictures)), storage=storage, actor=who, now=now)
    return pile, piles.file_pile(pile.id, storage=storage, actor=who, now=now)


def code_pages(pupil) -> dict[int, str]:
    rows = AgreementPage.select().join(Agreement).where(Agreement.pupil == pupil)
    return {row.number: row.code for row in rows}
