"""What can be done with a case, as its page offers it: the one next step, the others, what each asks."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from tracker.models.cases import DeviceCase
from tracker.operations.case_holding import possible_steps
from tracker.rules.access import Actor, Permission
from tracker.rules.cases import BY_ANYBODY, MISSING, CaseState, Step


@dataclass(frozen=True)
class Offer:
    """One step as a button; `question`: what is said before it is done, `asks`: the text that it wants."""

    step: Step
    label: Any
    sign: str
    question: Any = None
    asks: Any = None
    required: bool = False


OFFERS = {
    each.step: each
    for each in (
        Offer(Step.SEND_BACK, _l("Have it come back"), "truck-return",
              _l("The device must come back to be looked at; the label to send it is made on its page.")),
        Offer(Step.REPAIR, _l("Repair it"), "tool",
              _l("This uses the pupil’s one repair or replacement. The device goes back to them afterwards.")),
        Offer(Step.REPAIRED, _l("It works again"), "check", _l("The device is in order and goes back to its pupil.")),
        Offer(Step.REPLACE, _l("Replace it"), "arrows-exchange",
              _l("Another device is lent in its place, and this one is the pupil’s no more. "
                 "This uses their one repair or replacement.")),
        Offer(Step.ACCEPT, _l("Accept, and lend another"), "shield-check",
              _l("The loan of the missing device ends, and another one is owed to the pupil. This can be done once.")),
        Offer(Step.ASSIGN, _l("Choose the device"), "device-laptop"),
        Offer(Step.SEND, _l("Prepare its parcel"), "package",
              _l("A parcel in the pupil’s name, to their school: the school hands the device over.")),
        Offer(Step.REFUSE, _l("Refuse"), "ban", _l("No repair and no other device. The school reads the reason."),
              _l("Why"), required=True),
        Offer(Step.FOUND, _l("It was found"), "eye",
              _l("The pupil has the device again: it is lent as before, and the case is closed."), _l("Note")),
        Offer(Step.WITHDRAW, _l("Withdraw"), "x",
              _l("The device works, or it was reported by mistake. Nobody waits for it any more."), _l("Note")),
        Offer(Step.GIVE_UP, _l("Nothing is owed any more"), "x",
              _l("The pupil left, or needs none. The device that was set aside is free again, and the case is closed."),
              _l("Note")),
        Offer(Step.CLOSE, _l("Close the case"), "check",
              _l("The sighting was looked after. Nobody has to do anything any more."), _l("Note")),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Ways:
    """What this person may do with a case now: the next step, if it is theirs, and the others."""

    next: Offer | None
    others: tuple[Offer, ...]


def ways(case: DeviceCase, actor: Actor, *, has_declaration: bool, is_sent: bool) -> Ways:
    """Rules R1, R2. `is_sent`: the owed device is on its way, or at the school already."""
    state = CaseState(case.state)
    theirs = [step for step in possible_steps(case) if may_take(step, actor)]
    if is_sent:
        theirs = [step for step in theirs if step is not Step.SEND]
    if case.kind in MISSING and not has_declaration:
        theirs = [step for step in theirs if step is not Step.ACCEPT]
    first = possible_steps(case)[:1]
    waits = state is CaseState.AWAITING_DEVICE or not first or first[0] not in theirs
    offers = tuple(OFFERS[step] for step in theirs)
    return Ways(None, offers) if waits else Ways(offers[0], offers[1:])


def may_take(step: Step, actor: Actor) -> bool:
    """A school may do some of it with its own cases; the rest is decided by logistics or an administrator."""
    return actor.may(Permission.OPEN_CASES if step in BY_ANYBODY else Permission.DECIDE_CASES)
