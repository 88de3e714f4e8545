"""Agreements on paper: named forms for those not yet signed, a code on each page (A3)."""

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

import structlog
from peewee import SQL, fn

from tracker import documents
from tracker.documents import Named
from tracker.models.agreements import Agreement, AgreementPage, AgreementText
from tracker.models.database import database
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import Campaign, School
from tracker.operations.agreement_texts import contacts_on, ensure_text, newest_text, text_of
from tracker.queries.campaigns import settings_of
from tracker.queries.families import Family, entitled, families
from tracker.queries.pupils import Year
from tracker.rules.access import Actor, Permission
from tracker.rules.agreements import AgreementState
from tracker.rules.calendar import local_date
from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.rules.paper import PaperCase, may_print
from tracker.rules.refusals import Refused

log = structlog.get_logger()

MOST_FORMS = 2_000
"""Forms of one PDF: a large school at once."""


@dataclass(frozen=True)
class Selection:
    """Whose forms: of one pupil, of a school, of one of its classes, or of these pupils."""

    pupil_id: int | None = None
    pupil_ids: tuple[int, ...] = ()
    school_id: int | None = None
    class_name: str = ""


@dataclass(frozen=True)
class Printed:
    """The PDF, of how many pupils; `skipped`: how many others of the selection, by the code of the reason."""

    pdf: bytes
    pupils: int
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Printable:
    """What a printing would bring today; `later`: how many more from which day on, `skipped`: the others, by code."""

    pupils: int
    later: dict[date, int]
    skipped: Counter[str]


def printable(selection: Selection, *, campaign: Campaign, actor: Actor, now: datetime) -> Printable:
    """Rule A3. How many forms of the selection may be printed today, and from when on the others."""
    found, refusals = _sorted_out(selection, campaign, actor, now)
    later = Counter(each.facts["first_day"] for each in refusals if each.code == "paper_too_early")
    skipped = Counter(each.code for each in refusals if each.code != "paper_too_early")
    return Printable(len(found), dict(sorted(later.items())), skipped)


def print_forms(
    selection: Selection, *, campaign: Campaign, actor: Actor, now: datetime, duplex: bool = False
) -> Printed:
    """Rule A3. The forms of the selected pupils who may sign on paper today, by school, class and name.

    Printed again, a page keeps its code. Raises Refused: for one pupil the reason why not; nothing_to_print,
    too_many_forms.
    """
    if not actor.may(Permission.PRINT_AGREEMENTS):
        raise Refused("not_allowed")
    listed, skipped = _printable(selection, campaign, actor, now)
    text, contacts = ensure_text(now=now, campaign=campaign), contacts_on(campaign, now)
    words = documents.default_words("fr")
    pages = documents.page_count(text_of(text), words=words, contacts=contacts)
    with database.atomic():
        agreements = _agreements(listed, campaign)
        codes = _codes(agreements.values(), text, pages)
    forms = [_named(each, campaign, codes[agreements[each.pupil_id]]) for each in listed]
    pdf = documents.paper_forms(text_of(text), forms, words=words, contacts=contacts, duplex=duplex)
    Agreement.update(printed_at=now).where(Agreement.id.in_(list(agreements.values()))).execute()
    log.info("agreements printed", by=actor.user_id, agreements=len(forms))
    return Printed(pdf, len(forms), skipped)


def _printable(
    selection: Selection, campaign: Campaign, actor: Actor, now: datetime
) -> tuple[list[Family], Counter[str]]:
    found, refusals = _sorted_out(selection, campaign, actor, now)
    if not found:
        raise refusals[0] if selection.pupil_id and refusals else Refused("nothing_to_print", rule="A3")
    if len(found) > MOST_FORMS:
        raise Refused("too_many_forms", most=MOST_FORMS)
    return found, Counter(each.code for each in refusals)


def _sorted_out(
    selection: Selection, campaign: Campaign, actor: Actor, now: datetime
) -> tuple[list[Family], list[Refused]]:
    """Who of the selection may sign on paper today, and why the others may not."""
    after_days = settings_of(campaign, local_date(now))["paper_agreement_after_days"]
    found: list[Family] = []
    refusals: list[Refused] = []
    for family in _selected(selection, campaign, actor, now):
        answer = may_print(_case(family), today=local_date(now), after_days=after_days)
        if isinstance(answer, Refused):
            refusals.append(answer)
        else:
            found.append(family)
    return found, refusals


def _selected(selection: Selection, campaign: Campaign, actor: Actor, now: datetime) -> list[Family]:
    year = Year(campaign.school_year, local_date(now))
    chosen = {
        Enrolment.pupil: selection.pupil_id,
        Enrolment.school: selection.school_id,
        Enrolment.class_name: selection.class_name,
    }
    if not selection.pupil_id and not selection.school_id and not selection.pupil_ids:
        raise Refused("nothing_to_print", rule="A3")
    query = entitled(actor.scope, year).where(SQL("1 = 1"), *(each == value for each, value in chosen.items() if value))
    if selection.pupil_ids:
        query = query.where(Enrolment.pupil.in_(selection.pupil_ids))
    return families(query.order_by(School.name_key, Enrolment.class_name, Pupil.name_key, Pupil.id), year.today)


def _case(family: Family) -> PaperCase:
    sent_on = local_date(family.sent_at) if family.sent_at else None
    return PaperCase(family.state, sent_on, family.reachable)


def _agreements(listed: Iterable[Family], campaign: Campaign) -> dict[int, int]:
    """The agreement of each pupil; whoever can be written to by no mail has none yet."""
    ids = {each.pupil_id: each.agreement_id for each in listed}
    rows = [
        {"pupil": pupil_id, "school_year": campaign.school_year, "state": AgreementState.PREPARED}
        for pupil_id, agreement_id in ids.items()
        if agreement_id is None
    ]
    if rows:
        Agreement.insert_many(rows).on_conflict_ignore().execute()
    found = Agreement.select(Agreement.pupil, Agreement.id).where(
        Agreement.pupil.in_(list(ids)), Agreement.school_year == campaign.school_year
    )
    return dict(found.tuples())


def _codes(agreement_ids: Iterable[int], text: AgreementText, pages: int) -> dict[int, tuple[str, ...]]:
    """The codes of each form's pages, made where there are none yet."""
    ids = list(agreement_ids)
    theirs = AgreementPage.agreement.in_(ids) & (AgreementPage.text == text)
    # Contacts in the text may have grown shorter, and the form with them: the signature is on its last page now.
    AgreementPage.delete().where(theirs, AgreementPage.number > pages).execute()
    while missing := _missing(ids, text, pages):
        # A random code that is taken already is passed over, and another one drawn in the next round.
        AgreementPage.insert_many(
            [
                {"code": _new_code(), "agreement": each, "text": text.id, "number": number}
                for each, number in sorted(missing)
            ]
        ).on_conflict_ignore().execute()
    rows = AgreementPage.select().where(theirs).order_by(AgreementPage.agreement, AgreementPage.number)
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        found[row.agreement_id] = (*found.get(row.agreement_id, ()), row.code)
    return found


def _missing(ids: list[int], text: AgreementText, pages: int) -> set[tuple[int, int]]:
    there = AgreementPage.select(AgreementPage.agreement, AgreementPage.number).where(
        AgreementPage.agreement.in_(ids), AgreementPage.text == text
    )
    return {(each, number) for each in ids for number in range(1, pages + 1)} - set(there.tuples())


def _new_code() -> str:
    return own_code(OwnKind.AGREEMENT_PAGE, secrets.randbelow(BODIES))


def form_pages(agreement_id: int, text_id: int | None = None) -> tuple[AgreementText | None, int]:
    """The text of the agreement's newest printed form (or of the one with that text), and how many pages it has.

    Where none was printed: the newest text, and the pages of its form.
    """
    query = AgreementPage.select(AgreementPage.text, fn.MAX(AgreementPage.number))
    if text_id is not None:
        query = query.where(AgreementPage.text == text_id)
    query = query.where(AgreementPage.agreement == agreement_id).group_by(AgreementPage.text)
    row = query.order_by(AgreementPage.text.desc()).tuples().first()
    if row:
        return AgreementText.get_by_id(row[0]), row[1]
    text = newest_text()
    return text, text.pages if text else 1


def _named(family: Family, campaign: Campaign, codes: tuple[str, ...]) -> Named:
    of_age = any(each.guardian_id is None for each in family.reach.recipients)
    guardians = () if of_age else family.guardians
    return Named(family.pupil, family.birth_date, family.school, family.class_name, campaign.label, guardians, codes)
