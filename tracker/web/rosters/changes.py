"""Problems and changes of an import in words: by severity, by kind, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from tracker.rosters.rows import Problem, Severity
from tracker.rosters.sentences import SENTENCES, sentence
from tracker.rules.eligibility import Eligible, Level
from tracker.rules.regimes import is_boarder
from tracker.rules.rosters import ChangeKind
from tracker.web.language import day
from tracker.web.rosters import words as roster_words
from tracker.web.sentences import words
from tracker.web.stories import REASONS

MOST_LISTED = 300
"""Problems of one severity, and changes of one kind, on the page; the exported files have all that is kept."""

_SIGNS = {"arrival": "user-plus", "leaver": "user-minus", "move": "arrows-exchange", "changed": "edit"}
_UNSEEN = frozenset({"roster_id"})
"""Numbers of the file that say nothing to a person."""


@dataclass(frozen=True)
class Group:
    """Problems of one severity, or changes of one kind; `more`: how many are not listed."""

    name: str
    title: str
    sign: str
    rows: list[dict[str, Any]]
    count: int

    @property
    def more(self) -> int:
        """How many are not on the page."""
        return max(self.count - len(self.rows), 0)


def is_stop(problem: Mapping[str, Any]) -> bool:
    """Whether a problem is what needs a yes: it stands by itself."""
    return str(problem["code"]).startswith("stop_")


def iso_day(text: str | None) -> str:
    """A date of the preview as people read it."""
    return day(date.fromisoformat(text)) if text else "—"


def problem_groups(preview: Mapping[str, Any]) -> list[Group]:
    """The problems by severity, the worst first; what needs a yes stands elsewhere."""
    groups = []
    for severity, sign in (("error", "circle-x"), ("warning", "alert-triangle"), ("information", "info-circle")):
        found = [each for each in preview["problems"] if each["severity"] == severity and not is_stop(each)]
        if found:
            rows = [_problem_row(each) for each in found[:MOST_LISTED]]
            groups.append(Group(severity, words("severity", severity), sign, rows, len(found)))
    return groups


def _problem_row(problem: Mapping[str, Any]) -> dict[str, Any]:
    return dict(problem) | {"sentence": problem_sentence(problem)}


def problem_sentence(problem: Mapping[str, Any]) -> str:
    """A problem in words; the code itself for one that the program no longer knows (it is kept for a year)."""
    if problem["code"] not in SENTENCES:
        return str(problem["code"])
    kept = Problem(Severity(problem["severity"]), problem["code"], facts=dict(problem.get("facts") or {}))
    return sentence(kept, _)


def change_groups(preview: Mapping[str, Any]) -> list[Group]:
    """What the file changes, by kind; of each pupil the fields, before and after."""
    groups, counts = [], preview["counts"]
    for kind in ChangeKind:
        found = [each for each in preview["changes"] if each["kind"] == kind]
        if found:
            count = max(counts.get(_COUNTED[kind], 0), len(found))
            rows = [_change_row(each) for each in found[:MOST_LISTED]]
            groups.append(Group(kind.value, words("change", kind), _SIGNS[kind], rows, count))
    return groups


_COUNTED = {
    ChangeKind.ARRIVAL: "arrivals", ChangeKind.LEAVER: "leavers", ChangeKind.MOVE: "moves",
    ChangeKind.CHANGED: "changed",
}  # fmt: skip


def _change_row(change: Mapping[str, Any]) -> dict[str, Any]:
    return dict(change) | {
        "fields": field_lines(change["fields"]) if change["kind"] == ChangeKind.CHANGED else [],
        "reason_words": str(REASONS.get(change.get("reason", ""), "")),
        "left_words": iso_day(change.get("left_on")),
    }


def field_lines(fields: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Each field that changes: its name, what it was, what it is. Of a reason only the new one says something."""
    listed = [name for name in roster_words.FIELDS if name in fields and name not in _UNSEEN]
    return [
        (
            str(roster_words.FIELDS[name]),
            "" if name == "eligible_reason" else value_words(name, fields[name][0]),
            value_words(name, fields[name][1]),
        )
        for name in listed
    ]


def value_words(name: str, value: Any) -> str:
    """The value of a field as people read it; of an INE its end alone."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    say = _SAYING.get(name)
    return say(str(value)) if say else str(value)


def _regime(code: str) -> str:
    return _("boarder (%(code)s)", code=code) if is_boarder(code) else _("not a boarder (%(code)s)", code=code)


_SAYING = {
    "birth_date": iso_day,
    "entered_on": iso_day,
    "left_on": iso_day,
    "ine": lambda text: f"…{text[-3:]}",
    "other_ines": lambda text: ", ".join(f"…{number[-3:]}" for number in text.split(", ")),
    "eligible_reason": lambda text: str(REASONS.get(text, text)),
    "level": lambda text: words("level", text) if text in set(Level) else text,
    "eligible": lambda text: words("eligible", text) if text in set(Eligible) else text,
    "status": lambda text: str(roster_words.STATUSES.get(text, text)),
    "regime": _regime,
}
