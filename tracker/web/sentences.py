"""Codes of the domain as sentences in the person's language: refusals, roles, states, reasons, movements."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.rules.access import Role
from tracker.rules.refusals import Refused
from tracker.rules.sscc import spelled
from tracker.web import custody_words, scan_words
from tracker.web.agreements import paper_words
from tracker.web.agreements import words as agreement_words
from tracker.web.batches import words as batch_words
from tracker.web.cases import words as case_words
from tracker.web.departures import words as departure_words
from tracker.web.families import words as family_words
from tracker.web.language import clock_time, day, moment
from tracker.web.parcels import words as parcel_words
from tracker.web.returns import expected_words
from tracker.web.returns import words as return_words
from tracker.web.reuse import words as reuse_words
from tracker.web.rosters import words as roster_words
from tracker.web.stocktakes import words as stocktake_words

_SUBJECTS = (
    custody_words, departure_words, parcel_words, return_words, expected_words, family_words, case_words,
    stocktake_words, reuse_words, batch_words,
)  # fmt: skip
"""Each keeps the words, tones and refusals of its subject."""

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
    "device_lost": _l("This device was declared lost on %(since)s. Keep it and call logistics."),
    "device_stolen": _l("This device was declared stolen on %(since)s. Keep it and call logistics."),
    "device_lent": _l(
        "This device was lent to %(holder)s on %(since)s. It must come back before it goes to someone else."
    ),
    "device_not_in_stock": _l("This device is not in stock (%(state_words)s). Logistics puts it back."),
    "device_other_school": _l("This device is meant for another school: %(school)s."),
    "device_allocated": _l("This device is set aside for %(allocated)s%(no_swap)s."),
    "pupil_has_laptop": _l("This pupil already has a laptop: %(serial)s. One laptop per pupil at a time."),
    "pupil_has_hotspot": _l("This pupil already has a hotspot: %(serial)s. One hotspot per pupil at a time."),
    "pupil_other_school": _l("This pupil is enrolled in another school: %(pupil_school)s."),
    "school_not_member": _l("This school is not a member of the programme on this date (%(membership)s)."),
    "pupil_deceased": _l(
        "This pupil died: nothing is handed over. If that is a mistake, correct the answer to their departure first."
    ),
    "not_schooled": _l("This pupil is no longer enrolled here, or has no class yet%(left)s."),
    "has_laptop": _l("This pupil already has a laptop of the programme."),
    "second_year": _l(
        "%(level_words)s: pupils of this level get a laptop only if they arrive during their course or repeat the year."
    ),
    "level_unknown": _l("The level of this pupil's class is not known: an administrator checks it."),
    "arrival_not_asked": _l("This question is not open for this pupil: their roster, or somebody, has answered it."),
    "arrival_unknown": _l("The roster does not say where the pupil was last year: an administrator checks it."),
    "three_year_cap": _l("Three-year CAP: the programme has not settled whether these pupils get a laptop."),
    "three_year_cap_excluded": _l("Three-year CAP: this school year's settings give these pupils no laptop."),
    "level_not_foreseen": _l("%(level_words)s: the programme does not foresee a laptop at this level."),
    "agreement_missing": _l("The loan agreement is not validated (%(agreement_words)s)."),
    "coverage_unchecked": _l("No 4G coverage check of the pupil's home is on record."),
    "stale_page": _l("This page was out of date and nothing was recorded. Scan again."),
    "not_understood": _l("No device, pupil or name is known for: %(text)s."),
    "nothing_read": _l("Nothing was read. Scan again, type the number, or take a photo closer to the label."),
    "saw_article": _l("This is the article’s number (%(text)s), the same on every box. Scan the serial number (S/N)."),
    "saw_part": _l("This is the number of a part (%(text)s), not of the device. Scan the serial number (S/N)."),
    "saw_product": _l("This is the product’s number (%(text)s). Scan the serial number (S/N)."),
    "saw_service_code": _l("This is a service code (%(text)s). Scan the serial number (S/N) beside it."),
    "saw_mac": _l("This is a network address (MAC). Scan the serial number or the IMEI."),
    "saw_imeisv": _l("This is an IMEI with a software version. Scan the IMEI of 15 digits."),
    "saw_wifi": _l("This is a Wi-Fi name or key: it is not kept. Scan the serial number or the IMEI."),
    "saw_parcel": _l("This is a parcel’s label. Scan the device and the pupil."),
    "saw_parcel_no_device": _l("This is a parcel’s label. Scan the label of the device itself."),
    "saw_parcel_to_open": _l("This is a parcel’s label. Open the box and scan each device."),
    "saw_batch": _l("This is the slip of a batch for a partner. Scan the label of a device."),
    "saw_agreement_page": _l("This is a page of a loan agreement. Scan the pupil’s slip."),
    "saw_stocktake": _l("This is the record of a stocktake: the search opens it. Scan a device or a pupil’s slip."),
    "photo_empty": _l("The photo is empty. Take it again."),
    "photo_format": _l("This file is not a photo that can be read: JPEG or PNG is expected."),
    "photo_too_large": _l("This photo is too large. Take it at a lower size."),
    "photo_damaged": _l("This photo is damaged. Take it again."),
    "photo_without_code": _l("No code was found in the photo. Come closer, hold still, and avoid reflections."),
    "rule_invalid": _l("This rule cannot serve: see the field marked below."),
    "pupil_has_allocation": _l("Another device of this kind is already set aside for this pupil."),
    "not_empty": _l("There are data already: the sample is loaded into an empty database only."),
    "nothing_to_undo": _l("There is nothing to undo: this hand-over is not the device's last movement."),
    "undo_not_yours": _l("Only the person who recorded it, logistics or an administrator can undo this."),
    "undo_too_late": _l(
        "This hand-over was recorded on %(at_time)s, more than a day ago: logistics records a return instead."
    ),
    "wrong_credentials": _l("The address or the password is wrong."),
    "account_locked": _l("Too many wrong passwords: this account is locked until %(until_time)s."),
    "wrong_password": _l("This is not your present password."),
    "link_dead": _l("This link no longer works."),
    "password_too_short": _l("Too short: 12 characters or more are needed."),
    "password_too_long": _l("Too long: 200 characters at most."),
    "password_personal": _l("Too easy to guess: it is made of your name or address."),
    "password_common": _l("Too easy to guess: it is among the commonest passwords."),
    "email_invalid": _l("This is not an e-mail address."),
    "email_taken": _l("This address already has an account."),
    "name_missing": _l("Write the person's name."),
    "schools_missing": _l("Choose at least one school: this role acts for its schools only."),
    "account_closed": _l("This account is closed: reopen it first."),
    "last_administrator": _l("This is the last administrator who can sign in: name another one first."),
    "year_exists": _l("This school year is there already."),
    "dates_reversed": _l("The school year must end after it starts."),
    "setting_in_the_past": _l("A setting changes from today on or later: what was decided rests on its former value."),
    "setting_at_least_one": _l("A whole number, 1 or more, is expected."),
    "setting_whole_number": _l("A whole number, 0 or more, is expected."),
    "setting_percent": _l("A percentage from 0 to 100 is expected."),
    "setting_one_of_the_choices": _l("Choose one of the answers."),
    "setting_week_before_cut_off": _l("A window's week begins before its cut-off."),
    "setting_invalid": _l("This value cannot be understood."),
    "setting_reason_missing": _l("Write down why: the reason stays on record with the new value."),
    "uai_form": _l("“%(uai)s” is no UAI: seven digits and the letter that belongs to them, as 0140001A."),
    "school_nameless": _l("A school has a name and a town: give both."),
    "membership_reversed": _l("The last day in the programme comes after the first: give both, or no last day."),
    "school_known": _l("The school %(uai)s is in the programme already: %(name)s."),
    "text_too_long": _l("This text is too long: %(most)s characters at most."),
    "note_too_long": _l("This note is too long: %(most)s characters at most."),
    "reason_too_long": _l("This reason is too long: %(most)s characters at most."),
    "reason_missing": _l("An override needs a reason: write it down, it stays on record."),
    **agreement_words.REFUSALS,
    **paper_words.REFUSALS,
    **{code: sentence for subject in _SUBJECTS for code, sentence in subject.REFUSALS.items()},
    "import_not_ready": _l("This cannot be done with the roster as it stands now: open its page again."),
    "stops_open": _l("The roster was not applied, it needs a yes first: %(stop_words)s."),
    "import_not_applied": _l("This roster is not applied: there is nothing to undo."),
    "import_forgotten": _l("This roster can no longer be undone: its time to be kept is over."),
    "import_rests": _l("This roster cannot be undone, because of what happened since. %(rests_words)s."),
    "work_under_way": _l("This is being done already: wait until it ends."),
    "work_failed": _l(
        "Something went wrong and nothing was changed. Start again; if it fails again, tell the helpdesk."
    ),
    "file_missing": _l("The file is no longer kept: send it again."),
    "code_form": _l("“%(found)s” is no code of this kind."),
    "code_meaning_unknown": _l("Choose one of the answers."),
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

WORDS: dict[str, Mapping[Any, Any]] = {
    "role": _ROLES,
    "agreement": _AGREEMENTS,
    "level": _LEVELS,
    "eligible": _ELIGIBLE,
    "code": scan_words.CODES,
    "symbology": scan_words.SYMBOLOGIES,
    "rule_fault": scan_words.RULE_FAULTS,
    "layout": scan_words.LAYOUTS,
    "practice": scan_words.PRACTICE,
    "scanned": scan_words.SCANNED,
    **roster_words.WORDS,
    **{name: words for subject in _SUBJECTS for name, words in subject.WORDS.items()},
}
TONES: dict[str, Mapping[str, str]] = {
    "agreement": {
        "none": "warn", "prepared": "warn", "sent": "warn", "signed": "warn", "validated": "ok", "refused": "bad",
        "withdrawn": "bad",
    },
    "eligible": {"yes": "ok", "check": "warn"},
    **roster_words.TONES,
    **{name: tones for subject in _SUBJECTS for name, tones in subject.TONES.items()},
}  # fmt: skip


def words(subject: str, code: str | None) -> str:
    """The words for a code of the domain: words("state", "in_stock")."""
    return str(WORDS[subject][code or "none"])


def tone(subject: str, code: str | None) -> str:
    """The tone of a state's badge, ok, warn, bad or neutral: tone("agreement", "validated")."""
    return TONES[subject].get(code or "none", "neutral")


def role_name(role: Role) -> str:
    """The role as people say it."""
    return words("role", role)


def _agreement_words(facts: Mapping[str, Any]) -> str:
    """How far the agreement is, with the day where one is on record."""
    state, on = facts.get("state"), day(facts.get("agreement_on"))
    if state == "sent" and on:
        return _("sent on %(day)s, not signed", day=on)
    if state == "signed" and on:
        return _("signed on %(day)s, waiting for validation", day=on)
    return words("agreement", state)


def _membership(facts: Mapping[str, Any]) -> str:
    """From when to when a school is a member, as far as it is on record."""
    start, end = day(facts.get("member_from")), day(facts.get("member_until"))
    if start and end:
        return _("member from %(start)s to %(end)s", start=start, end=end)
    return _("member from %(start)s", start=start) if start else _("no membership on record")


def _out_of_stock_words(facts: Mapping[str, Any]) -> str:
    said = [words(each, facts[each]) for each in ("state", "holder") if each in facts]
    return ", ".join([*said, *([_("since %(day)s", day=facts["since"])] if facts.get("since") else [])])


def _no_swap(facts: Mapping[str, Any]) -> str:
    """Why no swap is offered, where it cannot be."""
    return "" if facts.get("swap_possible") else _(", and this pupil has none in stock to swap for it")


def _stop_words(facts: Mapping[str, Any]) -> str:
    titles = roster_words.STOP_TITLES
    said = [titles.get(stop) or _l("pupils of whom a person must say who they are") for stop in facts.get("stops", ())]
    return "; ".join(str(each) for each in said)


def _rests_words(facts: Mapping[str, Any]) -> str:
    """What happened since, with how much of it."""
    return "; ".join(f"{words('rests', kind)} ({count})" for kind, count in facts.get("rests", {}).items())


_SAID: dict[str, dict[str, Callable[[Mapping[str, Any]], str]]] = {
    **paper_words.SAID,
    **{code: said for subject in _SUBJECTS for code, said in subject.SAID.items()},
    "link_expired": {"expired_day": lambda facts: day(facts.get("expired_on"))},
    "link_used": {"signed_day": lambda facts: day(facts.get("signed_on"))},
    "agreement_missing": {"agreement_words": _agreement_words},
    "device_allocated": {"no_swap": _no_swap},
    "device_not_in_stock": {"state_words": _out_of_stock_words},
    "stops_open": {"stop_words": _stop_words},
    "import_rests": {"rests_words": _rests_words},
    "school_not_member": {"membership": _membership},
    "second_year": {"level_words": lambda facts: words("level", facts.get("level") or "unknown")},
    "level_not_foreseen": {"level_words": lambda facts: words("level", facts.get("level") or "unknown")},
}
"""What a sentence says in words made from the facts."""


def refusal_sentence(refused: Refused) -> str:
    """What the person reads: the reason with its facts (the rule and who may override stand beside it)."""
    return str(_REFUSALS[refused.code]) % _facts(refused)


class _Known(dict[str, Any]):
    """Facts of a refusal: one that is not known leaves a gap in the sentence, never a fault in its place."""

    def __missing__(self, name: str) -> str:
        return "…"


def _facts(refused: Refused) -> dict[str, Any]:
    facts = _Known(refused.facts)
    if "until" in facts:
        facts["until_time"] = clock_time(facts["until"])
    if facts.get("since"):
        facts["since"] = day(facts["since"])
    if facts.get("at"):
        facts["at_time"] = moment(facts["at"])
    if facts.get("reference"):
        facts["reference"] = spelled(facts["reference"])
    left_on = facts.get("left_on")
    facts.setdefault("left", f" ({day(left_on)})" if left_on else "")
    facts.update({name: say(facts) for name, say in _SAID.get(refused.code, {}).items()})
    return facts
