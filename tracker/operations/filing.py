"""A scanned page under its agreement: by its code, by hand, set aside; what that means for the agreement (A3)."""

from datetime import datetime

from tracker.models.agreements import Agreement, AgreementText, ScannedPage, ScanPile
from tracker.models.database import database, locked
from tracker.models.pupils import Enrolment
from tracker.models.schools import Campaign
from tracker.operations.paper import form_pages
from tracker.queries.scope import within
from tracker.rules.access import Actor, Permission
from tracker.rules.agreements import AgreementState, SignedBy, may_become
from tracker.rules.paper import Aside, PageNote, is_signature_page
from tracker.rules.refusals import Refused


def file_by_hand(
    page_id: int, pupil_id: int, page_number: int, *, campaign: Campaign, actor: Actor, now: datetime
) -> ScannedPage:
    """Rule A3. File a page that a person has looked at under a pupil's agreement; one that was filed wrongly moves.

    Raises Refused: not_found, page_number_wrong, page_validated.
    """
    _check_may(actor)
    with database.atomic():
        page = _page(page_id, actor)
        if not is_within(pupil_id, campaign.school_year, actor):
            raise Refused("not_found")
        _take_out(page)
        agreement, _ = Agreement.get_or_create(
            pupil=pupil_id, school_year=campaign.school_year, defaults={"state": AgreementState.PREPARED}
        )
        text, pages = form_pages(agreement.id)
        if not 1 <= page_number <= pages:
            raise Refused("page_number_wrong", rule="A3", pages=pages)
        return place(page, agreement.id, page_number, text, pages, filed_by=actor.user_id, now=now)


def set_aside(page_id: int, because: Aside | None = None, *, actor: Actor, now: datetime) -> ScannedPage:
    """Rule A3. This page belongs to no agreement; the reason is kept. Raises Refused: not_found, page_validated."""
    _check_may(actor)
    with database.atomic():
        page = _page(page_id, actor)
        _take_out(page)
        page.set_aside, page.filed_at, page.filed_by = True, now, actor.user_id
        page.note = because or page.note
        page.save()
        return page


def place(
    page: ScannedPage, agreement_id: int, number: int, text: AgreementText | None, pages: int, *,
    filed_by: int | None, now: datetime,
) -> ScannedPage:  # fmt: skip
    """Rule A3. File the page; the one with the signature makes the agreement signed on paper, to be validated.

    Call it inside the operation's transaction. `filed_by` is empty where the page's code says whose it is.
    """
    agreement = locked(Agreement.select().where(Agreement.id == agreement_id)).get()
    is_validated = agreement.state == AgreementState.VALIDATED
    page.agreement, page.page_number, page.filed_at, page.filed_by = agreement, number, now, filed_by
    page.set_aside, page.note = False, PageNote.ALREADY if is_validated else ""
    page.save()
    if is_signature_page(number, pages) and may_become(AgreementState(agreement.state), AgreementState.SIGNED):
        agreement.state, agreement.signed_by, agreement.signed_at = AgreementState.SIGNED, SignedBy.PAPER, now
        agreement.text = text
        agreement.save()
    return page


def is_within(pupil_id: int, school_year: int, actor: Actor) -> bool:
    """Whether the pupil is, or was this year, at one of the actor's schools."""
    theirs = (Enrolment.pupil == pupil_id) & (Enrolment.school_year == school_year)
    return Enrolment.select().where(theirs, within(actor.scope, Enrolment.school)).exists()


def _take_out(page: ScannedPage) -> None:
    """The page leaves the agreement under which it was filed, which is unsigned again if it was its signature."""
    if page.agreement_id is None:
        return
    agreement = locked(Agreement.select().where(Agreement.id == page.agreement_id)).get()
    if agreement.state == AgreementState.VALIDATED and agreement.signed_by == SignedBy.PAPER:
        raise Refused("page_validated", rule="A3")
    page.agreement = page.page_number = page.filed_at = page.filed_by = None
    page.save()
    _text, pages = form_pages(agreement.id, agreement.text_id)
    signatures = ScannedPage.select().where(ScannedPage.agreement == agreement, ScannedPage.page_number >= pages)
    if agreement.state == AgreementState.SIGNED and not signatures.exists():
        agreement.state = AgreementState.SENT if agreement.sent_at else AgreementState.PREPARED
        agreement.signed_by = agreement.signed_at = agreement.text = None
        agreement.save()


def _page(page_id: int, actor: Actor) -> ScannedPage:
    query = ScannedPage.select().join(ScanPile).where(ScannedPage.id == page_id, within(actor.scope, ScanPile.school))
    if not query.exists():
        raise Refused("not_found")
    return locked(ScannedPage.select().where(ScannedPage.id == page_id)).get()


def _check_may(actor: Actor) -> None:
    if not actor.may(Permission.PRINT_AGREEMENTS):
        raise Refused("not_allowed")
