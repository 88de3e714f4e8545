"""When a device is due back, when it is late, and when its family is written to again: rule L7."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.rules.recipients import Asked
from tracker.rules.returns import ReturnReason

BY_HAND = (ReturnReason.END_OF_YEAR, ReturnReason.OTHER)
"""Why a person may ask for a device back; the other reasons come with a departure or a case."""

LONGEST_REASON = 300
MOST_AT_ONCE = 200
"""Devices in one printing of labels, families in one press of the button: a page answers within seconds."""


_FURTHEST = 366


class Standing(StrEnum):
    """Where an expected return stands; what the list can be narrowed to."""

    OPEN = "open"
    OVERDUE = "overdue"
    HANDED_IN = "handed_in"
    CLOSED = "closed"


class Asker(StrEnum):
    """Who asks for a device back, in the order in which their reasons count."""

    CASE = "case"
    DEPARTURE = "departure"
    PERSON = "person"


@dataclass(frozen=True)
class Ask:
    """Why a device must come back, and by which day."""

    reason: ReturnReason
    due_on: date


def asked_again(earlier: Ask | None, anew: Ask, today: date) -> Ask:
    """Rule L7. What one who asks a second time asks for from now on.

    Said again for the same reason, another day counts while the earlier one is to come. What is overdue stays so, and
    for another reason the earlier day stays.
    """
    if earlier is None or (earlier.reason == anew.reason and not is_overdue(earlier.due_on, today)):
        return anew
    return Ask(anew.reason, min(earlier.due_on, anew.due_on))


def asked_together(asks: Mapping[Asker, Ask]) -> Ask:
    """Rule L7. What holds where several ask for one device: the case's reason before others, the earliest day."""
    first = next(asks[asker] for asker in Asker if asker in asks)
    return Ask(first.reason, min(ask.due_on for ask in asks.values()))


def due_date(today: date, days: int) -> date:
    """Rule L7. The last day of a return that is asked for today."""
    return today + timedelta(days=days)


def is_overdue(due_on: date, today: date) -> bool:
    """Rule L7. Whether the last day has passed; the day itself is in time."""
    return today > due_on


def news_on(*, expected_on: date, due_on: date, return_days: int, after_days: int) -> date:
    """Rule L7. From which day on a family is written to by itself, before the device is due.

    Due soon: `after_days` days after it began to be expected, which leaves a person time to write first, but no later
    than `after_days` days before it is due. Due later: `return_days` days before, the time that any return is given.
    """
    soon = min(expected_on + timedelta(days=after_days), due_on - timedelta(days=after_days))
    return max(expected_on, soon, due_on - timedelta(days=return_days))


def may_remind(
    asked: Sequence[Asked],
    *,
    expected_on: date,
    due_on: date,
    today: date,
    return_days: int,
    after_days: int,
    most: int,
) -> bool:
    """Rule L7. Whether an address gets a mail about a device by itself today.

    Before it is due one, from `news_on` on, unless a person had one sent since. Once it is late reminders, `most` of
    them (0: no mail at all). Never within `after_days` days of the last mail, nor to an address that gives mail back.
    """
    if most == 0 or any(each.bounced for each in asked):
        return False
    if any(today < each.on + timedelta(days=after_days) for each in asked):
        return False
    if is_overdue(due_on, today):
        return sum(each.reminder and is_overdue(due_on, each.on) for each in asked) < most
    begins = news_on(expected_on=expected_on, due_on=due_on, return_days=return_days, after_days=after_days)
    return today >= begins and all(each.on < begins for each in asked)


def link_works_for(due_on: date, today: date, days: int) -> int:
    """Rule L7. For how many days a mailed link works: `days` from today, or from a last day that is to come.

    A day that is more than a year away counts as a year away.
    """
    return days + min(max((due_on - today).days, 0), _FURTHEST)
