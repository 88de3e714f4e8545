"""Signed papers scanned back: each page finds its agreement, the rest is for a person; on both engines."""

from datetime import timedelta

import cv2
import numpy as np
import pytest

from tests.factories import (
    NOW,
    actor,
    make_campaign,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
    make_text,
)
from tests.operations.papers import BLANK, filed, printed
from tests.scanning.uploads import pile_of
from tracker.models.agreements import Agreement, AgreementText, ScannedPage, ScanPile
from tracker.models.database import database
from tracker.operations import filing, piles, validation
from tracker.operations.paper import Selection, print_forms
from tracker.rules.agreements import AgreementState
from tracker.rules.refusals import Refused
from tracker.scanning.blank import is_blank
from tracker.storage.local import LocalStorage

LATE = NOW + timedelta(days=15)


@pytest.fixture
def storage(tmp_path) -> LocalStorage:
    return LocalStorage(tmp_path / "files")


@pytest.fixture
def campaign(db):
    make_text(french="\n\n".join(["Un engagement de l’élève. " * 12] * 16), pages=2)
    return make_campaign()


@pytest.fixture
def school(campaign):
    return make_school()


def asked(school, **changes):
    pupil = make_pupil(school, agreement=None, **changes)
    make_invitation(pupil, make_guardian(pupil))
    return pupil


def of(pupil) -> Agreement:
    return Agreement.get(Agreement.pupil == pupil)


def refusal_of(call, *arguments, **options) -> str:
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.code


def pages() -> list[ScannedPage]:
    return list(ScannedPage.select().order_by(ScannedPage.pile, ScannedPage.number))


def test_a_shuffled_pile_of_several_agreements_files_itself(campaign, school, storage):
    one, two = asked(school), asked(school)
    paper = printed(campaign, one, two, now=LATE)
    pile, found = filed(school, [paper[two.id][1], paper[one.id][1], BLANK, paper[two.id][0]], storage, now=LATE)
    assert (found.pages, found.filed, found.blank, found.unread) == (4, 3, 1, 0)
    assert [(page.agreement_id, page.page_number, page.note, page.set_aside) for page in pages()] == [
        (of(two).id, 2, "", False), (of(one).id, 2, "", False), (None, None, "blank", True), (of(two).id, 1, "", False),
    ]  # fmt: skip
    for pupil in (one, two):
        agreement = of(pupil)
        assert (agreement.state, agreement.signed_by, agreement.signed_at) == (AgreementState.SIGNED, "paper", LATE)
        assert agreement.text == AgreementText.get()
    assert all(storage.read(page.image).startswith(b"\xff\xd8") for page in pages())
    assert storage.read(pile.file).startswith(b"%PDF")


def test_without_its_signature_page_an_agreement_is_not_signed(campaign, school, storage):
    pupil = asked(school)
    filed(school, [printed(campaign, pupil, now=LATE)[pupil.id][0]], storage)
    assert of(pupil).state == AgreementState.SENT


def test_a_page_of_another_school_is_not_filed_by_a_school(campaign, school, storage):
    elsewhere = asked(make_school())
    paper = printed(campaign, elsewhere, now=LATE)
    own = actor("school", [school])
    _pile, found = filed(school, paper[elsewhere.id], storage, who=own)
    assert (found.filed, found.unread) == (0, 2)
    assert {page.note for page in pages()} == {"foreign"}
    assert of(elsewhere).state == AgreementState.SENT
    assert refusal_of(
        filing.file_by_hand, pages()[0].id, elsewhere.id, 1, campaign=campaign, actor=own, now=LATE
    ) == "not_found"  # fmt: skip


def test_two_sheets_on_one_photograph_are_for_a_person(campaign, school, storage):
    pupil = asked(school)
    both = [cv2.imdecode(np.frombuffer(each, np.uint8), 0) for each in printed(campaign, pupil, now=LATE)[pupil.id]]
    photograph = cv2.imencode(".jpg", np.hstack(both))[1].tobytes()
    pile = piles.keep_pile(school.id, "photo.jpg", photograph, storage=storage, actor=actor(), now=LATE)
    piles.file_pile(pile.id, storage=storage, actor=actor(), now=LATE)
    assert [page.note for page in pages()] == ["several"]


def test_a_page_for_an_agreement_that_is_signed_already_is_kept_and_says_so(campaign, school, storage):
    pupil = asked(school)
    paper = printed(campaign, pupil, now=LATE)[pupil.id]
    Agreement.update(state="validated", signed_by="link", signed_at=NOW).execute()
    filed(school, paper, storage)
    assert [page.note for page in pages()] == ["already", "already"]
    assert (of(pupil).state, of(pupil).signed_by) == (AgreementState.VALIDATED, "link")


def test_the_very_same_file_again_says_since_when_it_is_there(campaign, school, storage):
    pile, _found = filed(school, [BLANK], storage)
    data = pile_of([BLANK])
    with pytest.raises(Refused) as refused:
        piles.keep_pile(school.id, "again.pdf", data, storage=storage, actor=actor(), now=LATE)
    assert (refused.value.code, refused.value.facts["pile_id"], refused.value.facts["at"]) == (
        "pile_known",
        pile.id,
        NOW,
    )


@pytest.mark.parametrize(("data", "code"), [(b"", "pile_empty"), (b"PK\x03\x04", "pile_not_a_scan")])
def test_what_is_no_scan_is_refused_and_nothing_is_kept(school, storage, data, code):
    assert refusal_of(piles.keep_pile, school.id, "x", data, storage=storage, actor=actor(), now=NOW) == code
    assert ScanPile.select().count() == 0


def test_only_for_ones_own_school_and_only_who_may(school, storage):
    data, other = pile_of([BLANK]), make_school()
    own = actor("school", [school])
    how = {"storage": storage, "now": NOW}
    assert refusal_of(piles.keep_pile, other.id, "x", data, actor=own, **how) == "school_not_found"
    assert refusal_of(piles.keep_pile, school.id, "x", data, actor=actor("staff"), **how) == "not_allowed"
    pile = piles.keep_pile(other.id, "x", data, actor=actor(), **how)
    assert refusal_of(piles.file_pile, pile.id, actor=own, **how) == "not_found"


def test_a_pile_that_was_stopped_goes_on_where_it_stopped(campaign, school, storage):
    pupil = asked(school)
    paper = printed(campaign, pupil, now=LATE)[pupil.id]
    pile = piles.keep_pile(school.id, "x", pile_of([BLANK, *paper]), storage=storage, actor=actor(), now=LATE)

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        piles.file_pile(pile.id, storage=storage, actor=actor(), now=LATE, progress=stop)
    assert len(pages()) == 2
    seen = []
    found = piles.file_pile(
        pile.id, storage=storage, actor=actor(), now=LATE, progress=lambda done, total: seen.append((done, total))
    )
    assert (found.pages, found.filed, seen[-1]) == (3, 2, (3, 3))
    assert len(list((storage._folder / "scans").rglob("*.jpg"))) == 3


def test_what_is_not_read_is_filed_by_hand(campaign, school, storage):
    pupil = asked(school)
    make_invitation(pupil, make_guardian(pupil))
    filed(school, [_writing()], storage)
    page = pages()[0]
    assert (page.note, page.set_aside) == ("unread", False)
    clerk = actor("school", [school])
    assert refusal_of(
        filing.file_by_hand, page.id, pupil.id, 3, campaign=campaign, actor=clerk, now=LATE
    ) == "page_number_wrong"  # fmt: skip
    placed = filing.file_by_hand(page.id, pupil.id, 2, campaign=campaign, actor=clerk, now=LATE)
    assert (placed.page_number, placed.note, placed.filed_at) == (2, "", LATE)
    assert of(pupil).state == AgreementState.SIGNED


def test_a_page_that_was_filed_wrongly_moves_and_the_first_agreement_is_unsigned_again(campaign, school, storage):
    wrong, right = asked(school), asked(school)
    filed(school, [_writing()], storage)
    page = pages()[0]
    for pupil in (wrong, right):
        filing.file_by_hand(page.id, pupil.id, 2, campaign=campaign, actor=actor(), now=LATE)
    assert (of(wrong).state, of(wrong).signed_at) == (AgreementState.SENT, None)
    assert of(right).state == AgreementState.SIGNED
    filing.set_aside(page.id, actor=actor(), now=LATE)
    assert of(right).state == AgreementState.SENT
    assert pages()[0].set_aside


def test_the_form_that_was_signed_says_which_page_bears_the_signature_whatever_was_printed_since(
    campaign, school, storage
):
    pupil = asked(school)
    paper = printed(campaign, pupil, now=LATE)[pupil.id]
    make_text()
    assert len(printed(campaign, pupil, now=LATE)[pupil.id]) == 1
    filed(school, paper, storage, now=LATE)
    assert of(pupil).state == AgreementState.SIGNED
    filing.set_aside(pages()[1].id, actor=actor(), now=LATE)
    assert of(pupil).state == AgreementState.SENT


def test_a_page_that_an_accepted_agreement_rests_on_stays(campaign, school, storage):
    pupil = asked(school)
    filed(school, printed(campaign, pupil, now=LATE)[pupil.id], storage)
    validation.accept(of(pupil).id, actor=actor("logistics"), now=LATE)
    assert refusal_of(filing.set_aside, pages()[1].id, actor=actor(), now=LATE) == "page_validated"


def test_after_a_refusal_the_form_is_printed_and_scanned_again(campaign, school, storage):
    pupil = asked(school)
    paper = printed(campaign, pupil, now=LATE)[pupil.id]
    filed(school, paper, storage)
    validation.refuse(of(pupil).id, "no signature", actor=actor("logistics"), now=LATE)
    again = print_forms(Selection(pupil_id=pupil.id), campaign=campaign, actor=actor(), now=LATE)
    assert again.pupils == 1
    filed(school, [*paper, BLANK], storage)
    assert of(pupil).state == AgreementState.SIGNED


def _writing() -> bytes:
    """A page with text and no code."""
    page = np.full((1169, 827), 250, np.uint8)
    cv2.putText(page, "lu et approuve", (200, 600), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, 40, 2)
    return cv2.imencode(".jpg", page)[1].tobytes()


def test_no_picture_is_looked_at_while_the_database_is_held(school, storage, monkeypatch):
    held = []

    def looked_at(picture) -> bool:
        held.append(database.in_transaction())
        return is_blank(picture)

    monkeypatch.setattr(piles, "is_blank", looked_at)
    _pile, found = filed(school, [BLANK], storage)
    assert (held, found.blank) == ([False], 1)
