"""What the stocktake desk answers to a scan: one verdict in large letters, a sound of its own for each kind."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.operations.stocktakes import ALREADY
from tracker.rules.custody import DeviceState
from tracker.rules.loans import raises_alarm
from tracker.rules.refusals import Refused
from tracker.rules.stocktakes import Finding
from tracker.web.desks.frame import Verdict, refusal
from tracker.web.sentences import words
from tracker.web.stocktakes.words import pupil_name, then_words


def ready() -> Verdict:
    """Nothing scanned yet."""
    return Verdict("info", _("Scan what stands here"), (_("Each device once; the order does not matter."),))


def refused(found: Refused) -> Verdict:
    """Nothing was noted, and why."""
    return refusal(_("Stop"), found)


def taken_back(code: str) -> Verdict:
    """A scan was undone."""
    return Verdict("info", code, (_("Taken back: it counts as not seen."),), written=True)


def of_scans(seen: Sequence[tuple[str, Mapping[str, Any] | None, bool]]) -> Verdict:
    """The verdict of everything in view: an alarm first, then what differs, then how many were noted."""
    answers = [seen_one(*each) for each in seen]
    if len(answers) == 1:
        return answers[0]
    worst = min(answers, key=lambda each: _WORST_FIRST.index(each.kind))
    written = any(each.written for each in answers)
    if worst.kind in ("done", "already"):
        return Verdict(worst.kind, _count(len(answers)), (", ".join(each.title for each in answers),), written=written)
    return replace(worst, lines=(*worst.lines, f"{_count(len(answers))}."), written=written)


_WORST_FIRST = ("refused", "ask", "done", "already")


def _count(number: int) -> str:
    return ngettext("%(num)s device in view noted", "%(num)s devices in view noted", number)


def seen_one(outcome: str, line: Mapping[str, Any] | None, written: bool) -> Verdict:
    """Rule R4. A lost or stolen device raises its alarm, whatever else is to be said of it."""
    if line is None:  # the answer to a scan that was taken back since
        return Verdict("info", _("Taken back since"), (_("This scan was undone: scan again if it stands here."),))
    about = {"title": line["code"], "record_id": line["id"], "written": written}
    if line["state"] and raises_alarm(DeviceState(line["state"])):
        state = words("state", line["state"])
        text = _("On record this device is %(state)s. Put it aside and call logistics.", state=state)
        return Verdict("refused", lines=(text,), rule="R4", **about)
    kind, text = _said(outcome, line)
    return Verdict(kind, lines=(text,), **about)


def _said(outcome: str, line: Mapping[str, Any]) -> tuple[str, str]:
    what = f"{line['maker']} {line['model']}" if line["maker"] else ""
    if outcome == ALREADY:
        who = line["seen_by"] or _("somebody")
        return "already", _("Already seen by %(who)s. It counts once.", who=who)
    if outcome == Finding.FOUND:
        owner = _("answered for by %(name)s", name=pupil_name(line)) if pupil_name(line) else ""
        return "done", " · ".join(filter(None, (_("Found"), what, owner)))
    if outcome == Finding.ELSEWHERE:
        return "ask", _("Not expected here: on record %(place)s. %(model)s", place=then_words(line), model=what)
    if outcome == Finding.UNEXPECTED:
        state = words("state", line["state"])
        return "ask", _("Not expected here: on record nowhere (%(state)s). %(model)s", state=state, model=what)
    return "ask", _("No device of the programme has this code. It is kept, to be settled at the end.")
