"""Devices that must come back: expected from the moment that is known, until they arrive or nobody waits any more."""

from datetime import date, datetime

import peewee

from tracker.models.database import database, locked
from tracker.models.family_links import FamilyLink
from tracker.models.loans import Loan
from tracker.models.returns import ExpectedReturn
from tracker.rules.access import Actor, Permission, Scope
from tracker.rules.calendar import local_date
from tracker.rules.expected_returns import BY_HAND, LONGEST_REASON, Ask, Asker, asked_again, asked_together
from tracker.rules.refusals import Refused
from tracker.rules.returns import ReturnReason

ASKED = (
    ExpectedReturn.reason, ExpectedReturn.due_on, ExpectedReturn.departure, ExpectedReturn.case, ExpectedReturn.asks,
)  # fmt: skip
"""What of an expected return says who asks for it, why and by when."""

_END = (
    ExpectedReturn.closed_at, ExpectedReturn.closed_by, ExpectedReturn.came_back, ExpectedReturn.closed_because,
)  # fmt: skip


def expect_return(
    loan: Loan,
    reason: ReturnReason,
    *,
    due_on: date,
    actor: Actor,
    now: datetime,
    departure_id: int | None = None,
    case_id: int | None = None,
) -> ExpectedReturn:
    """Rule L7. The lent device must come back by `due_on`; one that is expected already is asked for by one more.

    Within the caller's transaction. The parcel and the reminders of an earlier expectation go on.
    """
    found = ExpectedReturn.get_or_none(is_open(loan.device_id))
    if found is None:
        return ExpectedReturn.create(
            device=loan.device_id, pupil=loan.pupil_id, school=loan.school_id, reason=reason, due_on=due_on,
            departure=departure_id, case=case_id, opened_by=actor.user_id, opened_at=now,
        )  # fmt: skip
    ask_too(found, Ask(reason, due_on), departure_id=departure_id, case_id=case_id, today=local_date(now))
    found.save(only=ASKED)
    return found


def ask_too(
    expected: ExpectedReturn, ask: Ask, *, departure_id: int | None = None, case_id: int | None = None, today: date
) -> None:
    """Rule L7. One more asks for a device that is expected: the row as it is from now on, for the caller to save.

    It keeps the earlier day, and the reason of its case. What the others ask for stays on record, and counts again
    once this one asks no more.
    """
    asks = _asks(expected)
    asker = Asker.CASE if case_id else Asker.DEPARTURE if departure_id else Asker.PERSON
    asks[asker] = asked_again(asks.get(asker), ask, today)
    expected.departure = departure_id or expected.departure_id
    expected.case = case_id or expected.case_id
    _put(expected, asks)


def _asks(expected: ExpectedReturn) -> dict[Asker, Ask]:
    if expected.asks:
        return {
            Asker(asker): Ask(ReturnReason(reason), date.fromisoformat(day))
            for asker, (reason, day) in expected.asks.items()
        }
    linked = {Asker.CASE: expected.case_id, Asker.DEPARTURE: expected.departure_id}
    askers = [asker for asker, subject in linked.items() if subject] or [Asker.PERSON]
    return dict.fromkeys(askers, Ask(ReturnReason(expected.reason), expected.due_on))


def _put(expected: ExpectedReturn, asks: dict[Asker, Ask]) -> None:
    holds = asked_together(asks)
    expected.reason, expected.due_on = holds.reason, holds.due_on
    each = {asker.value: [ask.reason.value, ask.due_on.isoformat()] for asker, ask in asks.items()}
    expected.asks = each if len(asks) > 1 else None


def is_open(device_id: int) -> peewee.Expression:
    """The condition of the one open expectation of a device."""
    return (ExpectedReturn.device == device_id) & ExpectedReturn.closed_at.is_null()


def stop_expecting(
    device_id: int, *, came_back: bool, actor: Actor, now: datetime, because: str = ""
) -> ExpectedReturn | None:
    """Rule L7. The device is here, or nobody waits for it any more; what was expected, None where nothing was."""
    found = ExpectedReturn.get_or_none(is_open(device_id))
    if found:
        found.closed_at, found.closed_by = now, actor.user_id
        found.came_back, found.closed_because = came_back, because
        found.save(only=_END)
    return found


def ask_for_return(
    device_id: int, reason: ReturnReason, *, due_on: date, actor: Actor, now: datetime
) -> ExpectedReturn:  # fmt: skip
    """Rules L4, L7. A person asks for a lent device back, of no departure and no case.

    Raises Refused: not_allowed, return_reason_wrong, due_in_the_past, not_found, not_lent, return_expected.
    """
    _check_may(actor)
    if reason not in BY_HAND:
        raise Refused("return_reason_wrong", rule="L7")
    if due_on < local_date(now):
        raise Refused("due_in_the_past", rule="L7")
    with database.atomic():
        loan = locked(Loan.select().where(Loan.device == device_id, Loan.ended_at.is_null())).first()
        if loan is None:
            raise Refused("not_lent", rule="L7")
        if not actor.scope.covers(loan.school_id):
            raise Refused("not_found")
        if found := ExpectedReturn.get_or_none(is_open(device_id)):
            raise Refused("return_expected", rule="L7", due_on=found.due_on)
        return expect_return(loan, reason, due_on=due_on, actor=actor, now=now)


def give_up_return(expected_id: int, because: str, *, actor: Actor, now: datetime) -> ExpectedReturn:
    """Rule L7. Nobody waits for this device any more, on record with the reason. The loan goes on.

    Raises Refused: not_allowed, closing_reason_missing, closing_reason_too_long,
    return_not_open.
    """
    _check_may(actor)
    because = " ".join(because.split())
    if not because:
        raise Refused("closing_reason_missing", rule="L7")
    if len(because) > LONGEST_REASON:
        raise Refused("closing_reason_too_long", rule="L7", most=LONGEST_REASON)
    with database.atomic():
        found = open_return(expected_id, actor.scope)
        closed = stop_expecting(found.device_id, came_back=False, actor=actor, now=now, because=because)
        assert closed is not None
        return closed


def note_handed_in(link: FamilyLink, *, now: datetime) -> int:
    """Rule L6. The family says that it gave everything to the school: noted once; of how many devices.

    The device itself is expected until it is scanned.
    """
    is_theirs = (ExpectedReturn.pupil == link.pupil_id) & ExpectedReturn.closed_at.is_null()
    unsaid = is_theirs & ExpectedReturn.handed_in_at.is_null()
    return ExpectedReturn.update(handed_in_at=now).where(unsaid).execute()


def open_return(expected_id: int, scope: Scope) -> ExpectedReturn:
    """The expected return while it is open and within the scope, held; Refused (return_not_open) otherwise."""
    query = ExpectedReturn.select().where(ExpectedReturn.id == expected_id, ExpectedReturn.closed_at.is_null())
    found = locked(query).first()
    if found is None or not scope.covers(found.school_id):
        raise Refused("return_not_open", rule="L7")
    return found


def _check_may(actor: Actor) -> None:
    if not actor.may(Permission.SEND_RETURNS):
        raise Refused("not_allowed")


def stop_waiting(departure_id: int, *, actor: Actor, now: datetime) -> list[int]:
    """Nobody waits for the devices of a departure any more, but for those that others ask for too; the ended ones."""
    return _stop_those(ExpectedReturn.departure == departure_id, actor, now)


def stop_waiting_for_case(case_id: int, *, actor: Actor, now: datetime) -> None:
    """Rule R1. A case asks for its device no more; one that others ask for too is still expected."""
    for each in ExpectedReturn.select().where(ExpectedReturn.case == case_id, ExpectedReturn.closed_at.is_null()):
        asks = _asks(each)
        asks.pop(Asker.CASE, None)
        each.case = None
        _go_on_or_stop(each, asks, actor, now)


def stop_waiting_for_leaver(pupil_id: int, *, actor: Actor, now: datetime) -> list[int]:
    """Rule L1. Who keeps everything returns nothing for any departure; what a case or a person asks for stays."""
    leaves = ExpectedReturn.departure.is_null(False) | (ExpectedReturn.reason == ReturnReason.DEPARTURE)
    return _stop_those((ExpectedReturn.pupil == pupil_id) & leaves, actor, now)


def _stop_those(which: peewee.Expression, actor: Actor, now: datetime) -> list[int]:
    ended = []
    for each in ExpectedReturn.select().where(which, ExpectedReturn.closed_at.is_null()).order_by(ExpectedReturn.id):
        others = {asker: ask for asker, ask in _asks(each).items() if not _leaves(asker, ask)}
        if others:
            each.departure = None
        if not _go_on_or_stop(each, others, actor, now):
            ended.append(each.id)
    return ended


def _leaves(asker: Asker, ask: Ask) -> bool:
    return asker is Asker.DEPARTURE or ask.reason is ReturnReason.DEPARTURE


def _go_on_or_stop(expected: ExpectedReturn, others: dict[Asker, Ask], actor: Actor, now: datetime) -> bool:
    """Whether somebody else still asks for it; nobody: it is not expected any more."""
    if others:
        _put(expected, others)
        expected.save(only=ASKED)
    else:
        stop_expecting(expected.device_id, came_back=False, actor=actor, now=now)
    return bool(others)


def follow_loan(device_id: int, school_id: int) -> None:
    """Rule L1. What is still expected of a device is expected from the school where its loan goes on."""
    ExpectedReturn.update(school=school_id).where(is_open(device_id)).execute()


def wait_again(expected_ids: list[int]) -> None:
    """What was stopped for a reason that was taken back is expected once more, unless the device is expected anew."""
    again = ExpectedReturn.alias()
    anew = again.select(again.device).where(again.closed_at.is_null())
    ended = ExpectedReturn.id.in_(expected_ids) & ExpectedReturn.device.not_in(anew)
    ExpectedReturn.update(closed_at=None, closed_by=None).where(ended).execute()
