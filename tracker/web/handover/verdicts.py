"""What the hand-over desk answers to a scan: one verdict in large letters, with its reason, rule and way on."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_login import current_user

from tracker.queries.desk import DeviceNames, PupilNames, device_names, pupil_names, school_of
from tracker.rules.access import EVERYWHERE, Permission
from tracker.rules.refusals import Refused
from tracker.web.desks.frame import Verdict
from tracker.web.reuse.words import refurbished_words
from tracker.web.sentences import refusal_sentence, role_name


@dataclass(frozen=True)
class HandOverVerdict(Verdict):
    """`device` and `pupil` are what is in hand; `held` says that they stay there for the next scan.

    `scanned` is the text that named the device, for the record; `reason` what was typed for an override, until it has
    served.
    """

    device: DeviceNames | None = None
    pupil: PupilNames | None = None
    held: bool = False
    scanned: str = ""
    pupils: tuple[PupilNames, ...] = ()
    may_swap: bool = False
    may_override: bool = False
    swap: bool = False
    reason: str = ""


def ready() -> HandOverVerdict:
    """Nothing in hand yet."""
    return HandOverVerdict(
        "info", _("Scan a device or a pupil’s slip"), (_("In either order. A name can be typed too."),)
    )


def waiting(device: DeviceNames | None, pupil: PupilNames | None) -> HandOverVerdict:
    """One of the two is in hand."""
    if device:
        title, line = device.serial, _("%(model)s. Now the pupil: slip or name.", model=model_words(device))
    else:
        title, line = (
            pupil.name if pupil else "",
            _("%(group)s. Now the device.", group=pupil.class_name if pupil else ""),
        )
    return HandOverVerdict("waiting", title, (line,), device=device, pupil=pupil, held=True)


def ask(devices: tuple[DeviceNames, ...], pupils: tuple[PupilNames, ...], held: HandOverVerdict) -> HandOverVerdict:
    """Several things answer to what was scanned: the person says which, nobody guesses."""
    title = _("Which device?") if devices else _("Which pupil?")
    return HandOverVerdict(
        "ask", title, device=held.device, pupil=held.pupil, held=True, devices=devices, pupils=pupils
    )


def handed_over(
    outcome: str, device: DeviceNames | None, pupil: PupilNames | None, event_id: int | None
) -> HandOverVerdict:
    """The loan is on record: just now, or already before."""
    what = {"device": device.serial, "model": model_words(device)} if device else {"device": "", "model": ""}
    if outcome == "done":
        kind, line = "done", _("Handed over: %(device)s, %(model)s.", **what)
    else:
        kind, line = "already", _("Already handed over to this pupil: %(device)s, %(model)s.", **what)
    title, written = pupil.name if pupil else "", event_id is not None
    return HandOverVerdict(kind, title, (line,), device=device, pupil=pupil, record_id=event_id, written=written)


def model_words(device: DeviceNames) -> str:
    """Rule U1. The model, and that the device was refurbished."""
    return refurbished_words(device.model, device.refurbished, device.grade)


def undone(device: DeviceNames | None, pupil: PupilNames | None) -> HandOverVerdict:
    """A hand-over was taken back."""
    line = _("%(serial)s is back where it was before.", serial=device.serial if device else "")
    title = _("Hand-over to %(name)s undone", name=pupil.name) if pupil else _("Hand-over undone")
    return HandOverVerdict("info", title, (line,), written=True)


def refused(found: Refused, device: DeviceNames | None, pupil: PupilNames | None, school_year: int) -> HandOverVerdict:
    """Why not, by which rule, and who may go on all the same."""
    together = device is not None and pupil is not None
    override = found.overridable_by is not None and current_user.may(Permission.OVERRIDE)
    every = (found, *found.facts.get("also", ()))
    lines = [refusal_sentence(with_names(one, school_year)) for one in every]
    if found.overridable_by and not override:
        lines.append(_("Who can decide otherwise: %(role)s.", role=role_name(found.overridable_by)))
    return HandOverVerdict(
        "refused",
        _("Stop"),
        tuple(lines),
        rule=", ".join(one.rule for one in every if one.rule) or None,
        device=device,
        pupil=pupil,
        may_swap=together and bool(found.facts.get("swap_possible")),
        may_override=together and override,
    )


def with_names(found: Refused, school_year: int) -> Refused:
    """The refusal with ids turned into the names that its sentence shows, as far as the person may see them."""
    facts = dict(found.facts)
    for key, shown in (("holder_id", "holder"), ("allocated_to", "allocated")):
        if facts.get(key):
            facts[shown] = _pupil_words(facts[key], school_year)
    for key, shown in (("school_id", "school"), ("pupil_school_id", "pupil_school")):
        school = school_of(facts[key], EVERYWHERE) if facts.get(key) else None
        if school:
            facts[shown] = school.name
    return Refused(found.code, rule=found.rule, overridable_by=found.overridable_by, **facts)


def _pupil_words(pupil_id: int, school_year: int) -> str:
    found = pupil_names((pupil_id,), school_year, current_user.actor.scope)
    if not found:
        return _("a pupil of another school")
    return f"{found[0].name} ({found[0].class_name or found[0].school})"


def names(
    device_id: int | None, pupil_id: int | None, school_year: int
) -> tuple[DeviceNames | None, PupilNames | None]:
    """The device and the pupil in hand, as the desk names them; a pupil only to who may see that pupil."""
    devices = device_names((device_id,)) if device_id else []
    pupils = pupil_names((pupil_id,), school_year, current_user.actor.scope) if pupil_id else []
    return (devices[0] if devices else None, pupils[0] if pupils else None)
