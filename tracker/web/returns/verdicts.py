"""What the returns desk answers to a scan: the verdict with what it asks, proposes and offers."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.queries.desk import DeviceNames, PupilNames
from tracker.queries.returns_desk import Arrived
from tracker.rules.custody import Holder
from tracker.rules.refusals import Refused
from tracker.rules.returns import Condition, NextPlace, ReturnReason, Way, may_look_again, needs_a_reason
from tracker.rules.triage import next_place
from tracker.web.desks.frame import Verdict
from tracker.web.language import day, moment
from tracker.web.sentences import refusal_sentence, words

ASKED_REASONS = (ReturnReason.DEPARTURE, ReturnReason.END_OF_YEAR, ReturnReason.BREAKDOWN, ReturnReason.OTHER)
"""What a device that nobody waits for may come back for; loaners and replaced devices are always waited for."""


@dataclass(frozen=True)
class ReturnVerdict(Verdict):
    """`asks`: condition, reason, stranger, device or nothing.

    `known` is the device that this is about, `reason` and `scanned` what was said of it so far, `places` where each
    condition leads by the rule. `settled`: the desk is done with the device.
    """

    asks: str = ""
    known: Arrived | None = None
    pupil: PupilNames | None = None
    reason: ReturnReason | None = None
    scanned: str = ""
    again: bool = False
    may_decide_again: bool = False
    places: dict[Condition, NextPlace] = field(default_factory=dict)
    serial: str = ""
    settled: bool = False

    @property
    def offers_case(self) -> bool:
        """Rule R1. A breakdown that nobody reported: its case is opened while the device still has its pupil."""
        is_reported = self.known is None or self.known.has_case or self.known.expected_id is not None
        may_have_broken = self.asks == "reason" or (self.asks == "condition" and self.reason is ReturnReason.BREAKDOWN)
        return may_have_broken and self.pupil is not None and not is_reported


def ready(*, at_warehouse: bool) -> ReturnVerdict:
    """Nothing on the desk yet."""
    if at_warehouse:
        return ReturnVerdict(
            "info", _("Scan a device that came back"), (_("Its label, its serial number, or its pupil."),)
        )
    return ReturnVerdict(
        "info", _("Scan the devices, one after the other"), (_("An expected device needs nothing else."),)
    )


def asked(known: Arrived, pupil: PupilNames | None, *, at_warehouse: bool, reason: ReturnReason | None) -> str:
    """What must be known before this device is taken: its reason, its condition, or nothing."""
    is_expected = known.expected_id is not None
    if needs_a_reason(known.custody, is_expected=is_expected) and not reason:
        return "reason"
    looked = known.way(at_warehouse=at_warehouse) in (Way.TAKE_BACK, Way.LOOK_AT)
    return "condition" if looked and at_warehouse else ""


def ask_reason(known: Arrived, pupil: PupilNames | None, today: date) -> ReturnVerdict:
    """Nobody waits for it: why does it come?"""
    lines = (holding(known, pupil), _("Nobody was waiting for it. Why does it come back?"))
    return ReturnVerdict("ask", known.serial, _with_tact(lines, known), asks="reason", known=known, pupil=pupil)


def ask_condition(
    known: Arrived, pupil: PupilNames | None, reason: ReturnReason | None, *, old_from: int, today: date
) -> ReturnVerdict:
    """What does it look like? Each answer says where it leads by the rule (U1)."""
    places = {
        each: next_place(known.findings(each, frozenset(), reason=reason, old_from=old_from, today=today))
        for each in Condition
    }
    lines = (holding(known, pupil), expectation(known, reason, today), _about_case(known))
    return ReturnVerdict(
        "waiting", known.serial, _with_tact(lines, known), asks="condition", known=known, pupil=pupil, reason=reason,
        places=places,
    )  # fmt: skip


def holding(known: Arrived, pupil: PupilNames | None) -> str:
    """Model, and who holds or held the device; a pupil only to who may see that pupil."""
    if pupil:
        group = " · ".join(filter(None, (pupil.class_name, pupil.school)))
        return _("%(model)s · %(name)s (%(group)s)", model=known.model, name=pupil.name, group=group)
    if known.pupil_id:
        return _("%(model)s · a pupil of another school", model=known.model)
    return known.model


def expectation(known: Arrived, reason: ReturnReason | None, today: date) -> str:
    """Why it is expected and since when, or what was said at the desk."""
    why = known.reason or reason
    if why is None:
        return ""
    if known.due_on is None:
        return _("Comes back for: %(reason)s.", reason=words("return_reason", why))
    late = (today - known.due_on).days
    if late > 0:
        return ngettext(
            "Expected: %(reason)s, %(num)s day late.", "Expected: %(reason)s, %(num)s days late.", late,
            reason=words("return_reason", why),
        )  # fmt: skip
    return _("Expected: %(reason)s, by %(date)s.", reason=words("return_reason", why), date=day(known.due_on))


def _about_case(known: Arrived) -> str:
    if known.has_case:
        return _("Its case is open: it goes to diagnosis and stays this pupil’s.")
    return ""


def _with_tact(lines: tuple[str, ...], known: Arrived) -> tuple[str, ...]:
    """Rule L5. Who takes it in knows, and nothing leaves."""
    said = tuple(filter(None, lines))
    return (*said, _("This pupil has died. Nothing is sent to the family.")) if known.deceased else said


def back(known: Arrived, pupil: PupilNames | None, place: NextPlace | None, record_id: int | None) -> ReturnVerdict:
    """Taken: where it goes, or that it was collected."""
    what = f"{known.serial} · {holding(known, pupil)}"
    done = ReturnVerdict("done", "", record_id=record_id, known=known, pupil=pupil, settled=True, written=True)
    if place is None:
        title = pupil.name if pupil and not known.deceased else known.serial
        return replace(done, title=title, lines=_with_tact((_("Taken back."), what), known))
    title, erase = words("next_place", place), _("Erase its data.") if place is NextPlace.STOCK else ""
    lines = _with_tact((what, _about_case(known), erase), known)
    return replace(done, title=title[:1].upper() + title[1:], lines=lines)


def found(known: Arrived, pupil: PupilNames | None, record_id: int | None) -> ReturnVerdict:
    """Rule R4. The alarm, and what was done at once."""
    title = _("Declared stolen") if known.custody.state == "stolen" else _("Declared lost")
    lines = (
        f"{known.serial} · {holding(known, pupil)}",
        _("It is here: put it aside. It is in quarantine, and its case has been told."),
    )
    return ReturnVerdict(
        "refused", title, _with_tact(lines, known), rule="R4", known=known, pupil=pupil, record_id=record_id,
        settled=True, written=True,
    )  # fmt: skip


def already(known: Arrived, pupil: PupilNames | None, *, at_warehouse: bool) -> ReturnVerdict:
    """Nothing to do: it is back, or somewhere else by the record."""
    where = _(
        "%(state)s (%(holder)s)",
        state=words("state", known.custody.state),
        holder=words("holder", known.custody.holder),
    )
    if known.custody.holder in (Holder.WAREHOUSE, Holder.SCHOOL):
        lines: tuple[str, ...] = (f"{known.serial} · {known.model}", where)
        again = at_warehouse and may_look_again(known.custody)
        return ReturnVerdict("already", _("Already back"), lines, known=known, may_decide_again=again, settled=True)
    way_on = _("By the record it is elsewhere: call logistics.")
    if at_warehouse:
        way_on = _("By the record it is elsewhere: its parcel, its batch or its case says how it comes back.")
    lines = (f"{known.serial} · {known.model}", where, way_on)
    return ReturnVerdict("ask", _("Not lent"), lines, known=known, settled=True)


def noted(serial: str, record_id: int | None) -> ReturnVerdict:
    """A device that is not on record is set aside."""
    lines = (_("Put it aside with a note. It stays on the list of noted devices until it is settled."),)
    return ReturnVerdict(
        "done", _("%(serial)s is noted", serial=serial), lines, record_id=record_id, settled=True, written=True
    )


def already_noted(row: dict[str, Any]) -> ReturnVerdict:
    """It lies here as nobody's already: who noted it, when and where, and what was said."""
    place = row["school"] or _("Warehouse")
    whose = ", ".join(filter(None, (place, row["noted_by"])))
    when = _("Noted on %(at)s: %(whose)s.", at=moment(row["received_at"]), whose=whose)
    lines = (f"{row['serial']} · {words('stranger', row['stranger'])}", when, row["note"])
    return ReturnVerdict("already", _("Already noted"), lines, record_id=row["id"], settled=True)


def undone(serial: str) -> ReturnVerdict:
    """A return was taken back."""
    lines = (_("%(serial)s is back where it was before.", serial=serial),)
    return ReturnVerdict("info", _("Return undone"), lines, written=True)


def ask_device(devices: tuple[DeviceNames, ...]) -> ReturnVerdict:
    """Several devices answer to what was scanned."""
    return ReturnVerdict("ask", _("Which device?"), asks="device", devices=devices)


def refused(error: Refused) -> ReturnVerdict:
    """Why not, and by which rule."""
    return ReturnVerdict("refused", _("Stop"), (refusal_sentence(error),), rule=error.rule)


def stranger(error: Refused, serial: str) -> ReturnVerdict:
    """Not on record: it can be noted and put aside all the same."""
    return replace(refused(error), title=_("Not on record"), asks="stranger", serial=serial)
