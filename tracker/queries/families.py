"""The families that are asked to sign: their pupils with the agreement, whom mail reaches, what was sent before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any

import peewee
from peewee import JOIN

from tracker.models.agreements import Agreement, Invitation
from tracker.models.family_links import FamilyLink
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import School
from tracker.queries.pupils import Year, schooled
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState
from tracker.rules.calendar import TIME_ZONE, local_date
from tracker.rules.eligibility import Eligible
from tracker.rules.mail import MOST_ATTEMPTS
from tracker.rules.recipients import Asked, Contact, Reach, reach

BATCH = 1_000

# An expression is no key of an index: without statistics SQLite would walk all of the year for each batch of pupils.
_BY_KEY = SimpleNamespace(
    school_year=peewee.Expression(Enrolment.school_year, "+", peewee.SQL("0")),
    class_name=Enrolment.class_name,
    left_on=Enrolment.left_on,
    id=Enrolment.id,
)


@dataclass(frozen=True)
class Family:
    """One pupil whose agreement is asked for; `agreement_id` is empty before the first mail.

    `asked`: the mails so far, by address; after a refused paper, those since.
    """

    pupil_id: int
    enrolment_id: int
    pupil: str
    birth_date: date | None
    school: str
    class_name: str
    guardians: tuple[str, ...]
    agreement_id: int | None
    state: AgreementState | None
    sent_at: datetime | None
    reach: Reach
    asked: dict[str, list[Asked]]

    @property
    def asked_on(self) -> date | None:
        """The day of the last mail, to whichever address."""
        return max((mail.on for mails in self.asked.values() for mail in mails), default=None)

    @property
    def reachable(self) -> bool:
        """Whether there is an address that has not given mail back."""
        addresses = [each.address for each in self.reach.recipients]
        return any(not any(mail.bounced for mail in self.asked.get(address, ())) for address in addresses)


def families(query: peewee.ModelSelect, today: date) -> list[Family]:
    """The families of the enrolments that `query` (see `entitled`) selects, each pupil once. Three queries."""
    rows = list({row["pupil"]: row for row in query.dicts()}.values())
    contacts = _contacts([row["pupil"] for row in rows])
    asked = _asked([row for row in rows if row["agreement"]])
    return [_family(row, contacts[row["pupil"]], asked[row["agreement"]], today) for row in rows]


def entitled(scope: Scope, year: Year) -> peewee.ModelSelect:
    """Rules A1, E3, L5: eligible, schooled today, alive; with what a family shows of each."""
    return (
        Enrolment.select(
            Enrolment.id.alias("enrolment"), Enrolment.class_name, Enrolment.pupil, Pupil.last_name, Pupil.first_name,
            Pupil.birth_date, Pupil.email, Pupil.deceased, School.name.alias("school"),
            Agreement.id.alias("agreement"), Agreement.state, Agreement.sent_at, Agreement.decided_at,
        )
        .join(Pupil)
        .join_from(Enrolment, School)
        .join_from(
            Enrolment, Agreement, JOIN.LEFT_OUTER,
            on=(Agreement.pupil == Enrolment.pupil) & (Agreement.school_year == year.school_year),
        )
        .where(schooled(year, _BY_KEY), Enrolment.eligible == Eligible.YES.value, ~Pupil.deceased)
        .where(within(scope, Enrolment.school))
    )  # fmt: skip


def in_batches(query: peewee.ModelSelect, today: date) -> Iterator[list[Family]]:
    """All of them, a thousand at a time."""
    last = 0
    while found := families(query.where(Enrolment.id > last).order_by(Enrolment.id).limit(BATCH), today):
        yield found
        last = max(each.enrolment_id for each in found)


def written_today(addresses: Collection[str], now: datetime) -> set[str]:
    """Which of the addresses got a mail with personal links on this local day already: to sign, or to send back."""
    midnight = datetime.combine(local_date(now), time(), TIME_ZONE).astimezone(UTC)
    found: set[str] = set()
    for table in (Invitation, FamilyLink):
        is_today = table.recipient.in_(sorted(addresses)) & (table.created_at >= midnight)
        found |= {address for (address,) in table.select(table.recipient).where(is_today).tuples()}
    return found


def contacts_of(pupil_ids: Collection[int]) -> dict[int, list[Contact]]:
    """Whom the enrolment files have around these pupils. One query, none for nobody."""
    found: dict[int, list[Contact]] = defaultdict(list)
    for each in Guardian.select().where(Guardian.pupil.in_(sorted(pupil_ids))) if pupil_ids else ():
        found[each.pupil_id].append(Contact(each.id, each.email, each.legal, each.rank))
    return found


def has_left() -> peewee.Expression:
    """The mails that left or will; one that was given up because our own mail server was away counts as none."""
    never_left = OutboxMail.sent_at.is_null() & OutboxMail.failed_at.is_null(False)
    return OutboxMail.id.is_null() | ~(never_left & (OutboxMail.attempts >= MOST_ATTEMPTS))


def _family(row: dict[str, Any], contacts: list[Guardian], asked: list[dict[str, Any]], today: date) -> Family:
    around = [Contact(each.id, each.email, each.legal, each.rank) for each in contacts]
    found = reach(row["birth_date"], row["email"], around, deceased=row["deceased"], today=today)
    by_address: dict[str, list[Asked]] = defaultdict(list)
    for mail in asked:
        if row["state"] != AgreementState.REFUSED or not row["decided_at"] or mail["created_at"] > row["decided_at"]:
            by_address[mail["recipient"]].append(
                Asked(local_date(mail["created_at"]), mail["reminder"], mail["failed_at"] is not None)
            )
    return Family(
        pupil_id=row["pupil"], enrolment_id=row["enrolment"], pupil=f"{row['first_name']} {row['last_name']}",
        birth_date=row["birth_date"], school=row["school"], class_name=row["class_name"],
        guardians=tuple(f"{each.first_name} {each.last_name}".strip() for each in contacts if each.legal),
        agreement_id=row["agreement"], state=AgreementState(row["state"]) if row["state"] else None,
        sent_at=row["sent_at"], reach=found, asked=dict(by_address),
    )  # fmt: skip


def _contacts(pupil_ids: Iterable[int]) -> dict[int, list[Guardian]]:
    found: dict[int, list[Guardian]] = defaultdict(list)
    for each in Guardian.select().where(Guardian.pupil.in_(list(pupil_ids))).order_by(Guardian.rank, Guardian.id):
        found[each.pupil_id].append(each)
    return found


def _asked(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    query = (
        Invitation.select(
            Invitation.agreement, Invitation.recipient, Invitation.created_at, Invitation.reminder, OutboxMail.failed_at
        )
        .join(OutboxMail, JOIN.LEFT_OUTER)
        .where(Invitation.agreement.in_([row["agreement"] for row in rows]))
        .where(has_left())
        .dicts()
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in query:
        found[row["agreement"]].append(row)
    return found
