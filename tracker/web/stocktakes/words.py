"""Stocktakes in words: places, states, findings, how differences were settled, refusals."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from tracker.web import custody_words

PLACES = {"warehouse": _l("warehouse"), "school": _l("school"), "class": _l("class")}

STATES = {"open": _l("under way"), "paused": _l("paused"), "closed": _l("closed")}

FINDINGS = {
    "found": _l("found"),
    "missing": _l("missing"),
    "elsewhere": _l("elsewhere on record"),
    "unexpected": _l("nowhere on record"),
    "unknown": _l("unknown code"),
}

RESOLUTIONS = {
    "stays": _l("left as it is"),
    "moved_here": _l("recorded here from now on"),
    "found_later": _l("found after all"),
    "declared_lost": _l("declared lost"),
    "not_ours": _l("not of the programme"),
    "moved_away": _l("left on record since the start"),
}

WAYS = {
    "stays": _l("Leave as it is"),
    "moved_here": _l("Record here from now on"),
    "found_later": _l("Found after all"),
    "declared_lost": _l("Declare lost"),
    "not_ours": _l("Not of the programme"),
}

WORDS: dict[str, Mapping[Any, Any]] = {
    "stocktake_place": PLACES,
    "stocktake": STATES,
    "finding": FINDINGS,
    "resolution": RESOLUTIONS,
    "stocktake_way": WAYS,
}
TONES: dict[str, Mapping[str, str]] = {
    "finding": {
        "found": "ok",
        "missing": "bad",
        "elsewhere": "warn",
        "unexpected": "warn",
    }
}
REFUSALS: dict[str, Any] = {
    "stocktake_school_missing": _l("Choose the school that is counted."),
    "stocktake_class_missing": _l("Choose the class that is counted."),
    "stocktake_under_way": _l(
        "This place is being counted already: go on with that stocktake, with as many as you are."
    ),
    "stocktake_paused": _l("This stocktake is paused and nothing was noted: let it go on first, then scan again."),
    "stocktake_closed": _l("This stocktake is closed: nothing of it changes any more. A new one can be started."),
    "stocktake_has_scans": _l("Something was scanned already: close this stocktake instead, with the reason."),
    "stocktake_not_closed": _l("The record is made when the stocktake is closed."),
    "stocktake_code_empty": _l("Scan or type a code."),
    "stocktake_not_yours": _l("Somebody else scanned this: only they or logistics take it back."),
    "stocktake_settled": _l(
        "This difference was settled by a movement on record: only a further movement puts it right."
    ),
    "stocktake_no_such_way": _l("Choose one of the ways that this difference has."),
    "stocktake_reason_missing": _l("Write down why: the reason stands in the record."),
    "stocktake_loss_not_yours": _l(
        "Logistics or an administrator declares a device lost. Leave it as it is, with a reason, and tell them."
    ),
    "stocktake_lent": _l(
        "A pupil answers for this device: a stocktake does not declare it lost. Leave it as it is, with a reason, or "
        "open a case of theft or loss."
    ),
    "stocktake_moved_since": _l("This device is no longer here on record: leave it as it is."),
    "stocktake_class_holds_nothing": _l(
        "A class holds no devices, its pupils do: the returns desk or the hand-over desk records who has this one."
    ),
    "stocktake_not_in_place": _l(
        "On record this device is with somebody, in a parcel, or lost: take it in at the returns desk, which asks "
        "what is needed. Here, leave it as it is, with a reason."
    ),
    "stocktake_move_not_yours": _l(
        "This device is on record at a place that is not yours: logistics moves it. Leave it as it is, with a reason."
    ),
    "stocktake_open_differences": _l(
        "Differences not settled: %(open)s. Settle them, or write down why they stay open."
    ),
}
SAID: dict[str, dict[str, Any]] = {}


def place_name(row: Mapping[str, Any]) -> str:
    """The place of a stocktake as people say it."""
    if row["place"] == "warehouse":
        return _("The warehouse")
    if row["place"] == "class":
        return _("Class %(class_name)s · %(school)s", class_name=row["class_name"], school=row["school"])
    return _("%(school)s, its own stock", school=row["school"])


def held_words(holder: str | None, school: str | None, pupil: str = "") -> str:
    """Where a device is on record; a pupil's name only where it was given."""
    if holder == "pupil":
        return _("with %(name)s", name=pupil) if pupil else _("with a pupil")
    if holder == "school":
        return school or _("a school")
    if holder == "parcel":
        return _("in a parcel for %(school)s", school=school) if school else _("in a parcel")
    return str(
        {"warehouse": _l("the warehouse"), "repairer": _l("a repairer"), "refurbisher": _l("a refurbisher")}.get(
            holder or "", _l("nowhere")
        )
    )


def then_words(line: Mapping[str, Any]) -> str:
    """Where what was not expected stood on record when it was seen."""
    return held_words(line["holder"], line["holder_school"], pupil_name(line) if line["holder"] == "pupil" else "")


def now_words(line: Mapping[str, Any]) -> str:
    """Where the device of a line is on record now, or what became of it; empty for a code that is no device's."""
    if line["now_holder"] == "unknown":
        return str(custody_words.STATES[line["state"]])
    return held_words(line["now_holder"], line["now_school"], pupil_name(line)) if line["device_id"] else ""


def pupil_name(line: Mapping[str, Any]) -> str:
    """Who answers for the device of a line, as far as the person may see."""
    return f"{line['last_name']} {line['first_name']}" if line.get("last_name") else ""


def figure_words(figure: str, count: int) -> str:
    """What a figure of a stocktake counts, in the number that goes with it."""
    return {
        "expected": ngettext("device expected in all", "devices expected in all", count),
        "found": ngettext("device found where expected", "devices found where expected", count),
        "missing": ngettext("missing device", "missing devices", count),
        "elsewhere": ngettext("device elsewhere on record", "devices elsewhere on record", count),
        "unexpected": ngettext("device nowhere on record", "devices nowhere on record", count),
        "unknown": ngettext("unknown code found", "unknown codes found", count),
    }[figure]
