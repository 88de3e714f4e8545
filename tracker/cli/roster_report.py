"""A reading of a roster as lines for a terminal: figures, problems by how bad they are, the first changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tracker.cli.words import _
from tracker.rosters.rows import Problem, Severity
from tracker.rosters.sentences import sentence

if TYPE_CHECKING:
    from tracker.operations.rosters import Reading

SHOWN = 20
"""Problems of one severity, and changes, that are printed; the others are counted."""

_COUNTS = {
    "pupils": _("pupils in the file"),
    "schooled": _("schooled"),
    "left": _("left"),
    "arrivals": _("arrivals"),
    "leavers": _("leavers"),
    "moves": _("moves"),
    "changed": _("changed"),
    "unchanged": _("unchanged"),
    "eligible": _("of them eligible"),
    "to_check": _("to be checked"),
    "refused": _("rows refused"),
}
_SEVERITIES = {Severity.ERROR: _("Errors"), Severity.WARNING: _("Warnings"), Severity.INFORMATION: _("Information")}
_KINDS = {"arrival": _("arrival"), "leaver": _("leaver"), "move": _("move"), "changed": _("change")}


def said(problem: dict[str, Any]) -> str:
    """A problem of a report as a sentence."""
    return sentence(Problem(Severity(problem["severity"]), problem["code"], facts=problem["facts"]), _)


def lines_of(reading: Reading, summary: dict[str, Any]) -> Iterator[str]:
    """The whole report, line by line."""
    kind = reading.roster.kind.value if reading.roster.kind else "—"
    yield f"{kind} · {reading.uai} · {reading.school_year}-{reading.school_year + 1}"
    yield " · ".join(f"{summary['counts'][name]} {word}" for name, word in _COUNTS.items())
    if reading.open_stops:
        yield _("Needs a yes: %(stops)s", stops=" ".join(f"--accept {stop}" for stop in reading.open_stops))
    for severity, title in _SEVERITIES.items():
        yield from _problems(title, [each for each in summary["problems"] if each["severity"] == severity])
    yield from _some(_("Changes"), [_change(each) for each in summary["changes"]])


def _problems(title: str, problems: list[dict[str, Any]]) -> Iterator[str]:
    yield from _some(title, [_problem(each) for each in problems])


def _some(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title} ({len(lines)})"
        yield from (f"  {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield "  " + _("… and %(number)s more", number=len(lines) - SHOWN)


def _problem(problem: dict[str, Any]) -> str:
    line = _("line %(line)s", line=problem["line"]) if problem["line"] else ""
    where = " · ".join(part for part in (line, problem["pupil"], problem["field"]) if part)
    return f"{where}  {said(problem)}" if where else said(problem)


def _change(change: dict[str, Any]) -> str:
    fields = "; ".join(f"{name} {_plain(was)} → {_plain(now)}" for name, (was, now) in change["fields"].items())
    who = " ".join(part for part in (change["name"], change.get("class_name", "")) if part)
    return "  ".join(part for part in (_KINDS[change["kind"]], who, fields) if part)


def _plain(value: Any) -> str:
    return "—" if value in (None, "") else str(value)
