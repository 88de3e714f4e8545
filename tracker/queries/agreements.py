"""The pupils whose agreement is not signed and validated yet, each with the reason."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from types import SimpleNamespace

import peewee
from peewee import JOIN, SQL, Case, fn

from tracker.models.agreements import Agreement, Invitation
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import School
from tracker.queries.pupils import Year, named, schooled
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.ages import latest_birth_of_age
from tracker.rules.agreements import AgreementState
from tracker.rules.calendar import TIME_ZONE
from tracker.rules.eligibility import Eligible
from tracker.rules.recipients import Unreachable
from tracker.rules.unsigned import Why


@dataclass(frozen=True)
class UnsignedFilter:
    """What the list is narrowed to; empty: every eligible pupil still schooled without a validated agreement."""

    q: str = ""
    school: int | None = None
    class_name: str = ""
    level: str = ""
    why: str = ""


# An expression is no key of an index: a long list is walked by name, where SQLite would sort all of the year.
_BY_NAME = SimpleNamespace(
    school_year=peewee.Expression(Enrolment.school_year, "+", SQL("0")),
    class_name=Enrolment.class_name,
    left_on=Enrolment.left_on,
    id=Enrolment.id,
)


def counted(scope: Scope, year: Year, *, by_name: bool = False) -> peewee.ModelSelect:
    """Rule A6, L5. Whom the signature rate counts: eligible, schooled today, alive; with the agreement of the year."""
    return (
        Enrolment.select(Enrolment.id)
        .join(Pupil)
        .join_from(Enrolment, School)
        .join_from(
            Enrolment, Agreement, JOIN.LEFT_OUTER,
            on=(Agreement.pupil == Enrolment.pupil) & (Agreement.school_year == year.school_year),
        )
        .where(schooled(year, _BY_NAME if by_name else Enrolment))
        .where(Enrolment.eligible == Eligible.YES.value, ~Pupil.deceased)
        .where(within(scope, Enrolment.school))
    )  # fmt: skip


def unsigned(filters: UnsignedFilter, scope: Scope, year: Year) -> peewee.ModelSelect:
    """The enrolments that match, to be ordered by queries.pupils.ORDER and cut by queries.pages."""
    is_long = scope.school_ids is None and not filters.school and not filters.q
    query = counted(scope, year, by_name=is_long)
    query = query.where(Agreement.state.is_null() | (Agreement.state != AgreementState.VALIDATED.value))
    equal = {
        Enrolment.school: filters.school, Enrolment.class_name: filters.class_name.strip(),
        Enrolment.level: filters.level,
    }  # fmt: skip
    query = query.where(SQL("1 = 1"), *(column == value for column, value in equal.items() if value))
    if filters.q:
        query = query.where(named(filters.q))
    return query.where(_why(year) == filters.why) if filters.why else query


def unsigned_with_columns(filters: UnsignedFilter, scope: Scope, year: Year) -> peewee.ModelSelect:
    """The same with what the list shows of each: `why`, `unreachable` (its reason), the dates, how many reminders."""
    asked = Invitation.select().where(Invitation.agreement == Agreement.id)
    return unsigned(filters, scope, year).select(
        Pupil.id, Pupil.last_name, Pupil.first_name, Enrolment.class_name, Enrolment.level,
        School.id.alias("school_id"), School.name.alias("school"), School.uai,
        Agreement.id.alias("agreement_id"), Agreement.state, Agreement.sent_at, Agreement.printed_at,
        Agreement.signed_at, Agreement.decided_at, Agreement.refusal,
        _why(year).alias("why"), _unreachable(year).alias("unreachable"),
        _moment(asked.select(fn.MAX(Invitation.created_at))).alias("last_sent_at"),
        _moment(asked.select(fn.MIN(Invitation.seen_at))).alias("seen_at"),
        # Both parents are reminded at the same moment: that is one reminder.
        asked.select(fn.COUNT(Invitation.created_at.distinct())).where(Invitation.reminder).alias("reminders"),
    )  # fmt: skip


def _moment(query: peewee.ModelSelect) -> peewee.Node:
    """The one moment that a query within a query finds, in the form of every other moment."""
    return fn.COALESCE(query, SQL("NULL")).converter(Invitation.created_at.python_value)


def counts_by_reason(filters: UnsignedFilter, scope: Scope, year: Year) -> dict[Why, int]:
    """How many of them have each reason, in the order of the reasons. One query."""
    query = unsigned(filters, scope, year).select(_why(year), fn.COUNT(SQL("*"))).group_by(SQL("1")).tuples()
    found = dict(query)
    return {why: found[why] for why in Why if why in found}


def _why(year: Year) -> peewee.Node:
    """The first reason that holds, in the order of Why."""
    asked = Invitation.select(SQL("1")).where(Invitation.agreement == Agreement.id)
    is_printed = Agreement.printed_at.is_null(False) & (
        Agreement.decided_at.is_null() | (Agreement.printed_at > Agreement.decided_at)
    )
    conditions = {
        Why.SCAN_WAITING: Agreement.state == AgreementState.SIGNED.value,
        Why.REFUSED: (Agreement.state == AgreementState.REFUSED.value) & ~is_printed,
        Why.WITHDRAWN: Agreement.state == AgreementState.WITHDRAWN.value,
        Why.PRINTED: is_printed,
        Why.BOUNCED: _came_back(asked, year),
        Why.SEEN: fn.EXISTS(asked.where(Invitation.seen_at.is_null(False))),
        Why.SENT: fn.EXISTS(asked),
        Why.UNREACHABLE: _unreachable(year).is_null(False),
    }
    branches = [(condition, SQL(f"'{why}'")) for why, condition in conditions.items()]
    return Case(None, branches, SQL(f"'{Why.NOT_SENT}'"))


def _came_back(asked: peewee.ModelSelect, year: Year) -> peewee.Node:
    """Whether no request of today reaches anybody: of those that can still be used every one came back, else of all.

    Programs that check mails open links too, so `seen_at` does not count; an earlier delivery to the address neither.
    """
    later, mail = Invitation.alias(), OutboxMail.alias()
    given_back = (
        later.select(SQL("1")).join(mail, on=(mail.id == later.mail))
        .where(later.agreement == Invitation.agreement, later.recipient == Invitation.recipient)
        .where(later.id >= Invitation.id, mail.failed_at.is_null(False))
    )  # fmt: skip
    midnight = datetime.combine(year.today, time(), TIME_ZONE).astimezone(UTC)
    live = asked.where(Invitation.expires_at > midnight)
    nobody = [
        fn.EXISTS(requests) & ~fn.EXISTS(requests.where(~fn.EXISTS(given_back))) for requests in (live, asked)
    ]  # fmt: skip
    return nobody[0] | nobody[1]


def _unreachable(year: Year) -> peewee.Node:
    """Rule A1, as rules.recipients says it of one pupil: why nobody can be written to today, or nothing."""
    is_of_age = Pupil.birth_date.is_null(False) & (Pupil.birth_date <= latest_birth_of_age(year.today))
    legal = Guardian.select(SQL("1")).where(Guardian.pupil == Pupil.id, Guardian.legal)
    branches = [
        (is_of_age & (Pupil.email.contains("@")), SQL("NULL")),
        (is_of_age, SQL(f"'{Unreachable.NO_PUPIL_ADDRESS}'")),
        (~fn.EXISTS(legal), SQL(f"'{Unreachable.NO_LEGAL_GUARDIAN}'")),
        (~fn.EXISTS(legal.where(Guardian.email.contains("@"))), SQL(f"'{Unreachable.NO_GUARDIAN_ADDRESS}'")),
    ]
    return Case(None, branches, SQL("NULL"))
