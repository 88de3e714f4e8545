"""Codes of the domain as sentences in the person's language: refusals, roles, states, reasons, movements."""

from typing import Any

from flask_babel import lazy_gettext as _l

from tracker.rules.access import Role
from tracker.rules.refusals import Refused
from tracker.web.language import day

_ROLES = {
    Role.ADMIN: _l("Région (administrator)"),
    Role.LOGISTICS: _l("Logistics"),
    Role.STAFF: _l("Distribution team"),
    Role.SCHOOL: _l("School"),
}

_REFUSALS = {
    "not_found": _l("This is not known here: check the code or the name."),
    "school_not_found": _l("This school is not one of yours."),
    "not_allowed": _l("Your account does not allow this."),
    "no_campaign": _l("No school year is open: an administrator creates it under Campaign."),
    "device_unknown": _l("No device of the programme has this number: %(text)s. Logistics records new devices."),
    "pupil_unknown": _l("No pupil of this school is found for: %(text)s."),
    "device_lost": _l("This device is declared lost. Keep it and call logistics."),
    "device_stolen": _l("This device is declared stolen. Keep it and call logistics."),
    "device_lent": _l("This device is already lent to %(holder)s. It must come back before it goes to someone else."),
    "device_not_in_stock": _l("This device is not in stock (%(state_words)s). Logistics puts it back."),
    "device_other_school": _l("This device is meant for another school: %(school)s."),
    "device_allocated": _l("This device is set aside for %(allocated)s."),
    "pupil_has_laptop": _l("This pupil already has a laptop: %(serial)s. One laptop per pupil at a time."),
    "pupil_other_school": _l("This pupil is enrolled in another school: %(pupil_school)s."),
    "school_not_member": _l("This school is not a member of the programme on this date."),
    "not_schooled": _l("This pupil is no longer enrolled here, or has no class yet%(left)s."),
    "has_laptop": _l("This pupil already has a laptop of the programme."),
    "second_year": _l("Pupils of this level get a laptop only if they arrive during their course or repeat the year."),
    "level_unknown": _l("The level of this pupil's class is not known: an administrator checks it."),
    "three_year_cap": _l("Three-year CAP: the programme has not settled whether these pupils get a laptop."),
    "level_not_foreseen": _l("The programme does not foresee a laptop at this level."),
    "agreement_missing": _l("The loan agreement is not validated (%(agreement_words)s)."),
    "coverage_unchecked": _l("No 4G coverage check of the pupil's home is on record."),
    "nothing_to_undo": _l("There is nothing to undo: this hand-over is not the device's last movement."),
    "undo_not_yours": _l("Only the person who recorded it, logistics or an administrator can undo this."),
    "undo_too_late": _l("This hand-over is older than a day: logistics records a return instead."),
    "reason_missing": _l("An override needs a reason: write it down, it stays on record."),
}

_AGREEMENTS = {
    "none": _l("not prepared yet"),
    "prepared": _l("not sent yet"),
    "sent": _l("sent, not signed"),
    "signed": _l("signed, waiting for validation"),
    "validated": _l("validated"),
    "refused": _l("the signed paper was refused"),
    "withdrawn": _l("withdrawn"),
}

_STATES = {
    "in_stock": _l("in stock"),
    "lent": _l("lent"),
    "in_repair": _l("in repair"),
    "lost": _l("lost"),
    "stolen": _l("stolen"),
    "retired": _l("retired"),
}

_HOLDERS = {
    "warehouse": _l("warehouse"),
    "school": _l("school"),
    "parcel": _l("parcel"),
    "pupil": _l("pupil"),
    "repairer": _l("repairer"),
    "refurbisher": _l("refurbisher"),
    "unknown": _l("unknown place"),
}

_LEVELS = {
    "seconde_gt": _l("Seconde (general and technological)"),
    "seconde_pro": _l("Seconde (vocational)"),
    "cap_1_of_2": _l("First year of CAP"),
    "cap_2_of_2": _l("Second year of CAP"),
    "cap_1_of_1": _l("One-year CAP"),
    "cap_of_3": _l("Three-year CAP"),
    "premiere_gt": _l("Première (general and technological)"),
    "premiere_pro": _l("Première (vocational)"),
    "terminale_gt": _l("Terminale (general and technological)"),
    "terminale_pro": _l("Terminale (vocational)"),
    "other": _l("Other level"),
    "unknown": _l("Level to be checked"),
}

_ELIGIBLE = {"yes": _l("eligible"), "no": _l("not eligible"), "check": _l("to be checked")}

_MOVEMENTS = {
    "received": _l("Received into stock"),
    "allocated": _l("Set aside for a pupil"),
    "unallocated": _l("No longer set aside"),
    "handed_over": _l("Handed over"),
    "hand_over_undone": _l("Hand-over undone"),
    "declared_lost": _l("Declared lost"),
    "declared_stolen": _l("Declared stolen"),
    "sent_to_repair": _l("Sent to repair"),
}

_KINDS = {"laptop": _l("laptop"), "hotspot": _l("4G hotspot")}

WORDS = {
    "role": _ROLES,
    "agreement": _AGREEMENTS,
    "state": _STATES,
    "holder": _HOLDERS,
    "level": _LEVELS,
    "eligible": _ELIGIBLE,
    "movement": _MOVEMENTS,
    "kind": _KINDS,
}
TONES = {
    "in_stock": "ok",
    "lent": "neutral",
    "in_repair": "warn",
    "lost": "bad",
    "stolen": "bad",
    "retired": "neutral",
    "validated": "ok",
    "signed": "warn",
    "sent": "warn",
    "prepared": "warn",
    "none": "warn",
    "refused": "bad",
    "withdrawn": "bad",
    "yes": "ok",
    "no": "neutral",
    "check": "warn",
}


def words(subject: str, code: str | None) -> str:
    """The words for a code of the domain: words("state", "in_stock")."""
    return str(WORDS[subject][code or "none"])


def tone(code: str | None) -> str:
    """The tone of a state's badge: ok, warn, bad or neutral."""
    return TONES.get(code or "none", "neutral")


def role_name(role: Role) -> str:
    """The role as people say it."""
    return words("role", role)


def refusal_sentence(refused: Refused) -> str:
    """What the person reads: the reason with its facts (the rule and who may override stand beside it)."""
    return str(_REFUSALS[refused.code]) % _facts(refused)


def _facts(refused: Refused) -> dict[str, Any]:
    facts = dict(refused.facts)
    left_on = facts.get("left_on")
    facts["left"] = f" ({day(left_on)})" if left_on else ""
    if refused.code == "agreement_missing":
        facts["agreement_words"] = words("agreement", facts["state"])
    if refused.code == "device_not_in_stock":
        facts["state_words"] = f"{words('state', facts['state'])}, {words('holder', facts['holder'])}"
    return facts
