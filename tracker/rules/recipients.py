"""Who is asked to sign an agreement, and when again: rules A1 and L5."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.rules.ages import is_of_age
from tracker.rules.mail import mail_address


class Unreachable(StrEnum):
    """Why nobody can be written to about a pupil's agreement."""

    DECEASED = "deceased"
    NO_LEGAL_GUARDIAN = "no_legal_guardian"
    NO_GUARDIAN_ADDRESS = "no_guardian_address"
    NO_PUPIL_ADDRESS = "no_pupil_address"


class Ask(StrEnum):
    """What a mail about an agreement is to its recipient."""

    FIRST = "first"
    REMINDER = "reminder"


@dataclass(frozen=True)
class Contact:
    """A person around a pupil, as the enrolment file has them."""

    guardian_id: int
    email: str
    legal: bool
    rank: int = 1


@dataclass(frozen=True)
class Recipient:
    """An address that gets an agreement; `guardian_id` is empty for the pupil of age."""

    address: str
    guardian_id: int | None


@dataclass(frozen=True)
class Reach:
    """Who gets an agreement; nobody: why."""

    recipients: tuple[Recipient, ...]
    unreachable: Unreachable | None = None


@dataclass(frozen=True)
class Asked:
    """One mail that went to an address about an agreement: on which local day, and whether it came back."""

    on: date
    reminder: bool
    bounced: bool = False


def reach(birth: date | None, email: str, contacts: Iterable[Contact], *, deceased: bool, today: date) -> Reach:
    """Rule A1. Who gets the agreement: the pupil alone who is of age today, else each legal guardian with an address.

    A contact who is no legal guardian never does; one address gets it once. Rule L5: nobody of a pupil who died.
    A pupil whose birth date is not known counts as a minor.
    """
    if deceased:
        return Reach((), Unreachable.DECEASED)
    if birth is not None and is_of_age(birth, today):
        address = mail_address(email)
        return Reach((Recipient(address, None),)) if address else Reach((), Unreachable.NO_PUPIL_ADDRESS)
    legal = sorted((each for each in contacts if each.legal), key=lambda each: (each.rank, each.guardian_id))
    if not legal:
        return Reach((), Unreachable.NO_LEGAL_GUARDIAN)
    found: dict[str, Recipient] = {}
    for each in legal:
        if address := mail_address(each.email):
            found.setdefault(address, Recipient(address, each.guardian_id))
    return Reach(tuple(found.values()), None if found else Unreachable.NO_GUARDIAN_ADDRESS)


def signer_at(
    invited: Recipient, contacts: Iterable[Contact], *, birth: date | None, email: str, sent_on: date
) -> Recipient | None:
    """Rule A1. As whom the address signs that was written to on `sent_on`; None: nobody whom that mail may reach.

    The pupil first who was of age that day, for a family may share one address; else a legal guardian whose address
    it is today, above all the one who was written to. An address that a roster has corrected since is nobody's.
    """
    was_of_age = birth is not None and is_of_age(birth, sent_on)
    if invited.guardian_id is None and was_of_age and mail_address(email) == invited.address:
        return invited
    theirs = [each.guardian_id for each in contacts if each.legal and mail_address(each.email) == invited.address]
    if not theirs:
        return None
    return Recipient(invited.address, invited.guardian_id if invited.guardian_id in theirs else theirs[0])


def due(
    asked: Sequence[Asked],
    *,
    today: date,
    reminders: bool,
    after_days: int,
    most: int,
    firsts: bool = True,
    family_asked_on: date | None = None,
) -> Ask | None:
    """Rule A1. What an address is to get now about an unsigned agreement: the first mail, a reminder, or nothing.

    A reminder goes `after_days` days after the last mail, `most` times at most, and never to an address that gives
    mail back. `firsts`, `reminders`: whether they are wanted at all. `family_asked_on`: the day of the last mail to any
    address: who came of age since, or whose address was corrected, gets the first one when a reminder would go.
    """
    if not asked:
        is_known = family_asked_on is not None and today >= family_asked_on + timedelta(days=after_days)
        return Ask.FIRST if firsts or (reminders and is_known) else None
    if not reminders or any(each.bounced for each in asked) or sum(each.reminder for each in asked) >= most:
        return None
    waited_until = max(each.on for each in asked) + timedelta(days=after_days)
    return Ask.REMINDER if today >= waited_until and today > max(each.on for each in asked) else None
