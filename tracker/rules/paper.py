"""When an agreement may be printed to be signed on paper, and what its scanned pages mean: rule A3."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.rules.agreements import AgreementState
from tracker.rules.refusals import Refused


class PaperBecause(StrEnum):
    """Why an agreement may be printed."""

    UNSIGNED = "unsigned"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


class PageNote(StrEnum):
    """What is to be known of a scanned page that did not simply find its place."""

    UNREAD = "unread"
    SEVERAL = "several"
    BLANK = "blank"
    FOREIGN = "foreign"
    ALREADY = "already"
    BROKEN = "broken"


@dataclass(frozen=True)
class PaperCase:
    """What the verdict rests on; `reachable`: at least one address gets its mail."""

    state: AgreementState | None
    sent_on: date | None
    reachable: bool


class Aside(StrEnum):
    """Why a person set a scanned page aside."""

    NOT_AN_AGREEMENT = "not_an_agreement"
    UNREADABLE = "unreadable"
    TWICE = "twice"
    OTHER_SCHOOL = "other_school"


def paper_from(sent_on: date, after_days: int) -> date:
    """Rule A3. The first day on which an agreement that was sent and not signed may be printed."""
    return sent_on + timedelta(days=after_days)


def may_print(case: PaperCase, *, today: date, after_days: int) -> PaperBecause | Refused:
    """Rule A3. Why the agreement may be printed today, or why not.

    From `after_days` days after sending; at once where no mail reaches anybody, or where a signed paper was refused.
    """
    if case.state in _NO_MORE:
        return Refused(_NO_MORE[case.state], rule="A3")
    if case.state is AgreementState.REFUSED:
        return PaperBecause.REFUSED
    if not case.reachable:
        return PaperBecause.UNREACHABLE
    if case.sent_on is None:
        return Refused("agreement_not_sent", rule="A3")
    first_day = paper_from(case.sent_on, after_days)
    if today >= first_day:
        return PaperBecause.UNSIGNED
    return Refused("paper_too_early", rule="A3", days=after_days, sent_on=case.sent_on, first_day=first_day)


_NO_MORE = {
    AgreementState.VALIDATED: "agreement_signed",
    AgreementState.SIGNED: "paper_waiting",
    AgreementState.WITHDRAWN: "withdrawn",
}


def is_signature_page(number: int, pages: int) -> bool:
    """Rule A3. Whether this page of a form bears the signature: the last one."""
    return number >= pages


def missing_pages(pages: int, filed: Collection[int | None]) -> tuple[int, ...]:
    """Rule A3. The pages of a form of which no scan is filed."""
    return tuple(number for number in range(1, pages + 1) if number not in filed)
