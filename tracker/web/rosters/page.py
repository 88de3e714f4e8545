"""What the page of an import shows: figures, what needs a yes, the facts of the file and its story."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from tracker.models.rosters import RosterImport
from tracker.queries.campaigns import settings_in_force
from tracker.rosters.rows import Kind, Severity
from tracker.rules.rosters import Stop
from tracker.web.clock import today
from tracker.web.language import day, moment, number
from tracker.web.rosters import words as roster_words
from tracker.web.rosters.changes import is_stop, problem_sentence
from tracker.web.sentences import words
from tracker.web.stories import Entry

_PUPIL_KINDS = frozenset({Kind.SIECLE_PUPILS, Kind.FREGATA_CSV, Kind.FREGATA_JSON})


@dataclass(frozen=True)
class Card:
    """One figure of the file; `anchor` leads to its list on the page."""

    figure: int
    label: str
    sign: str
    tone: str = "neutral"
    anchor: str | None = None


@dataclass(frozen=True)
class OpenStop:
    """What needs a yes: what was found, and the words of the yes."""

    name: str
    title: str
    sentence: str
    answer: str
    tone: str


@dataclass(frozen=True)
class Question:
    """A row of the file that may be a pupil we know: the facts of both, and whom it may be."""

    key: str
    row: Mapping[str, Any]
    candidates: list[Mapping[str, Any]]


def preview_of(found: RosterImport) -> dict[str, Any]:
    """What was found, complete: an import that is not read yet, or whose file is forgotten, has less."""
    kept = found.preview or {}
    empty: dict[str, Any] = {"counts": {}, "stops": [], "problems": [], "changes": [], "proposals": []}
    return empty | {name: value for name, value in kept.items() if value is not None}


def cards(found: RosterImport) -> list[Card]:
    """The figures of the file, those that its kind has."""
    preview = preview_of(found)
    counts, errors = preview["counts"], _errors(preview)
    changed = Card(counts.get("changed", 0), _("changed"), "edit", anchor="changed")
    unchanged = Card(counts.get("unchanged", 0), _("unchanged"), "check")
    wrong = Card(
        errors, _("rows with errors"), "alert-triangle", "bad" if errors else "ok", "error" if errors else None
    )
    if found.kind not in _PUPIL_KINDS:
        return [changed, unchanged, wrong]
    doubts = counts.get("to_check", 0)
    return [
        Card(counts.get("arrivals", 0), _("arrivals"), "user-plus", anchor="arrival"),
        Card(counts.get("leavers", 0), _("off the roster"), "user-minus", anchor="leaver"),
        Card(counts.get("moves", 0), _("from another school"), "arrows-exchange", anchor="move"),
        changed, unchanged,
        Card(counts.get("eligible", 0), _("eligible for a laptop"), "device-laptop"),
        Card(doubts, _("to be checked"), "help", "warn" if doubts else "neutral"),
        wrong,
    ]  # fmt: skip


def _errors(preview: Mapping[str, Any]) -> int:
    return sum(each["severity"] == Severity.ERROR and not is_stop(each) for each in preview["problems"])


def stops(preview: Mapping[str, Any]) -> list[OpenStop]:
    """What needs a yes beside the pupils' identities, which are asked one by one."""
    said = {each["code"]: problem_sentence(each) for each in preview["problems"]}
    return [
        OpenStop(
            name=name,
            title=str(roster_words.STOP_TITLES[name]),
            sentence=said.get(f"stop_{name}", ""),
            answer=str(roster_words.STOP_ANSWERS[name]),
            tone=roster_words.STOP_TONES.get(name, "warn"),
        )
        for name in preview["stops"]
        if name != Stop.IDENTITY
    ]


def questions(preview: Mapping[str, Any]) -> list[Question]:
    """The rows whose pupil a person must name, each with everybody it may be."""
    rows = sorted(preview["proposals"], key=lambda each: (each["line"] or 0, each["key"]))
    grouped = [(key, list(same)) for key, same in groupby(rows, key=lambda each: each["key"])]
    return [Question(key, same[0], list(same)) for key, same in grouped]


def facts_of(found: RosterImport, school: str) -> list[tuple[str, Any]]:
    """Where the file comes from, and how long it is kept."""
    year = f"{found.school_year}-{found.school_year + 1}" if found.school_year else ""
    return [
        (_("File"), found.file_name),
        (_("School"), school),
        (_("School year"), year),
        (_("Brought in"), words("origin", found.origin)),
        (_("Exported"), moment(found.exported_at)),
        (_("Size"), size_words(found.size)),
        (_("Fingerprint (SHA-256)"), found.digest[:12]),
        (_("File kept until"), day(kept_until(found)) if found.file else _("deleted: its time was over")),
    ]  # fmt: skip


def story(found: RosterImport, people: Mapping[int, str]) -> list[Entry]:
    """What happened to the import, the newest first; what was said yes to stands with its applying."""
    said = (found.accepted or {}).get("stops", [])
    yes = " ".join(str(roster_words.STOP_ANSWERS[stop]) for stop in said if stop in roster_words.STOP_ANSWERS)
    steps = (
        (found.undone_at, found.undone_by, _("Undone"), "arrow-back-up", "warn", ""),
        (found.applied_at, found.applied_by, _("Applied"), "circle-check", "ok", yes),
        (found.uploaded_at, found.uploaded_by, _("Brought in"), "file-import", "neutral", ""),
    )
    return [
        Entry(title, moment(at), at.isoformat(), people.get(by or 0) or _("the program"), why=why, tone=tone, sign=sign)
        for at, by, title, sign, tone, why in steps
        if at
    ]


def kept_until(found: RosterImport) -> date:
    """The last day on which the file is kept (setting)."""
    days = int(settings_in_force(today())["roster_file_days"])
    return (found.uploaded_at + timedelta(days)).date()


def size_words(size: int) -> str:
    """The size of a file as people say it."""
    if size < 1_000_000:
        return _("%(size)s kB", size=number(max(round(size / 1000), 1)))
    return _("%(size)s MB", size=number(round(size / 1_000_000, 1)))
