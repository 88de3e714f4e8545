"""A file next to what is known: arrivals, leavers, moves, changes field by field, and what needs a yes (E3, L1, L5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tracker.operations.rosters.ground import Ground, held_up_by
from tracker.operations.rosters.matching import Match, Proposal, match
from tracker.operations.rosters.placing import ENROLMENT_FIELDS, PUPIL_FIELDS, Placed, Placing
from tracker.queries.rosters import Known
from tracker.rosters.rows import Kind, Problem, PupilRow, Roster, Severity
from tracker.rules.departures import Destination, follows, is_here_after_all
from tracker.rules.eligibility import Eligible, Level
from tracker.rules.rosters import ChangeKind, Stop

_FIELDS = PUPIL_FIELDS + ENROLMENT_FIELDS
_EXIT = frozenset({"left_on", "exit_reason"})


@dataclass(slots=True)
class Planned:
    """What the file does to one pupil. `fields`: before and after, by name; `placed` empty: absent from the file.

    `ends`: the pupil has left, and the enrolment here, of whatever year, is the one that ended.
    """

    kind: ChangeKind
    school_year: int
    placed: Placed | None
    here: Known | None = None
    elsewhere: Known | None = None
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    left_on: date | None = None
    loan_follows: bool = False
    ends: bool = False

    @property
    def pupil_id(self) -> int | None:
        """The pupil that is meant, where we know one."""
        known = self.here or self.elsewhere
        return known.pupil_id if known else None

    @property
    def enrolment_id(self) -> int | None:
        """The enrolment that goes on, where there is one in this school and year, or the one that ended."""
        return self.here.enrolment_id if self.here and (self.ends or self.is_same_year) else None

    @property
    def is_same_year(self) -> bool:
        """Whether the enrolment here is of the file's school year."""
        return bool(self.here and self.here.school_year == self.school_year)

    @property
    def name(self) -> str:
        """Family name first."""
        if self.placed:
            return self.placed.row.name
        return f"{self.here.last_name} {self.here.first_name}" if self.here else ""


@dataclass
class Comparison:
    """Everything that a preview shows, and all that applying it needs."""

    roster: Roster
    ground: Ground
    placing: Placing
    placed: list[Placed] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    unchanged: int = 0
    refused_rows: int = 0
    proposals: list[Proposal] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)

    def of_kind(self, kind: ChangeKind) -> list[Planned]:
        """What happens of this kind, in the order of the file."""
        return [each for each in self.planned if each.kind is kind]

    def counts(self) -> dict[str, int]:
        """The figures of the file."""
        verdicts = [each.answer.verdict for each in self.placed]
        return {
            "pupils": len(self.placed) + self.refused_rows,
            "refused": self.refused_rows,
            "schooled": sum(each.schooled for each in self.placed),
            "left": sum(_is_gone(each.row, self.ground.today) for each in self.placed),
            "arrivals": len(self.of_kind(ChangeKind.ARRIVAL)),
            "leavers": len(self.of_kind(ChangeKind.LEAVER)),
            "moves": len(self.of_kind(ChangeKind.MOVE)),
            "changed": len(self.of_kind(ChangeKind.CHANGED)),
            "unchanged": self.unchanged,
            "eligible": verdicts.count(Eligible.YES),
            "to_check": verdicts.count(Eligible.CHECK),
        }


def compare(roster: Roster, ground: Ground, accepted: Mapping[str, Any]) -> Comparison:
    """Compare a roster of pupils with what is known. Reads only; the number of queries does not grow with the file.

    `accepted`: {"identities": {row key: pupil id, or 0}} as a person answered.
    """
    found = match(roster, ground, accepted.get("identities", {}))
    placing = Placing(ground, roster.kind or Kind.SIECLE_PUPILS)
    result = Comparison(roster, ground, placing, proposals=found.proposals)
    result.problems = [*found.problems]
    named = len(roster.pupils) + len(roster.refused_rows) + roster.nameless
    if not named:
        result.problems.append(Problem(Severity.WARNING, "no_pupils"))
    if not ground.is_member:
        result.problems.append(Problem(Severity.WARNING, "school_not_member", facts={"membership": _days_of(ground)}))
    result.refused_rows = len(roster.refused_rows) + roster.nameless + len(found.refused)
    for each in found.matches:
        _take_row(each, result, placing)
    _take_missing([known for known in found.missing if known.departure_id is None], found.nameless, result)
    before = [*(each.here for each in found.matches if each.here), *found.missing]
    result.stops = held_up_by(
        roster,
        ground,
        schooled=sum(each.schooled for each in result.placed),
        known_schooled=sum(1 for each in before if each.class_name and each.stays(ground.today)),
        open_identities=len(result.proposals),
        names_nobody=not named,
    )
    return result


def _take_missing(missing: list[Known], nameless: int, result: Comparison) -> None:
    """Rule L5. Whom the file does not name has left, unless one of its rows may be theirs: never a guess."""
    if missing and nameless:
        facts = {"rows": str(nameless), "missing": str(len(missing))}
        result.problems.append(Problem(Severity.WARNING, "leavers_unsure", facts=facts))
    else:
        result.planned += [_absent(known, result.ground) for known in missing]


def _days_of(ground: Ground) -> str:
    """From when until when the school is a member, as a report gives days: 2021-09-01 – 2026-07-31."""
    days = (ground.school.member_from, ground.school.member_until) if ground.school else ()
    return " – ".join(day.isoformat() if day else "…" for day in days)


def _take_row(each: Match, result: Comparison, placing: Placing) -> None:
    each.row = _as_gone(each, result.ground)
    placed = placing.place(each.row, each.here or each.elsewhere)
    result.placed.append(placed)
    _note_doubts(placed, result)
    planned = _plan(each, placed, result)
    if planned:
        result.planned.append(planned)
    else:
        result.unchanged += 1


def _as_gone(each: Match, ground: Ground) -> PupilRow:
    """Rule L5. Who died is gone, whatever exit date the row has: from the day on which a file first said so."""
    row, known = each.row, each.here or each.elsewhere
    if not _died(row, ground) or _is_gone(row, ground.today):
        return row
    said = known.left_on if known and known.deceased else None
    return replace(row, left_on=said if said and said <= ground.today else ground.today)


def _plan(each: Match, placed: Placed, result: Comparison) -> Planned | None:
    """What this row does, or None: nothing."""
    year, here, elsewhere = result.ground.school_year, each.here, each.elsewhere
    if here is None and elsewhere and says_died(placed, result.ground):
        # Of who died a school may tell that we never knew them in: that is all that is taken from its row.
        return None if elsewhere.deceased else Planned(ChangeKind.CHANGED, year, placed, elsewhere, ends=True)
    if _is_gone(each.row, result.ground.today):
        return _gone(placed, here, result)
    if elsewhere and elsewhere.school_id != result.ground.school_id:
        return _from_elsewhere(each, placed, result)
    if here and _outweighs_the_word(each.row, here, result.ground):
        here = replace(here, departure_id=here.declared_id)
    if here is None or here.departure_id is not None:
        return Planned(ChangeKind.ARRIVAL, year, placed, here, elsewhere, _differences(placed, here or elsewhere))
    fields = _differences(placed, here)
    if others := [ine for ine in each.new_numbers if ine != placed.pupil[0]]:
        fields["other_ines"] = (None, ", ".join(others))
    return Planned(ChangeKind.CHANGED, year, placed, here, fields=fields) if fields or here.school_year < year else None


def _outweighs_the_word(row: PupilRow, here: Known, ground: Ground) -> bool:
    """Rule L5. The file names whom their school declared gone: a person's word, until the roster is not just behind."""
    if here.declared_on is None or here.departure_id is not None:
        return False
    waiting = int(ground.settings["transfer_waiting_days"])
    newer_year = here.school_year < ground.school_year
    return is_here_after_all(here.declared_on, ground.today, row.entered_on, waiting, newer_year=newer_year)


def _gone(placed: Placed, here: Known | None, result: Comparison) -> Planned | None:
    """The row has an exit date that is past. Who left before we knew them is not taken up: nobody needs them here."""
    if here is None:
        return None
    fields, year = _differences(placed, here), result.ground.school_year
    if here.school_year < year:
        # The class that they did not come back to is no class of theirs.
        fields = {name: pair for name, pair in fields.items() if name in _EXIT}
    if here.departure_id is None:
        return Planned(ChangeKind.LEAVER, year, placed, here, fields=fields, left_on=placed.row.left_on, ends=True)
    # Another school may have them by now: what the pupil is called is no longer this school's to say.
    fields = {name: pair for name, pair in fields.items() if name in ENROLMENT_FIELDS}
    return Planned(ChangeKind.CHANGED, year, placed, here, fields=fields, ends=True) if fields else None


def _from_elsewhere(each: Match, placed: Placed, result: Comparison) -> Planned | None:
    """Rule L1. A pupil of another school: moved here, unless that school has them still and has had them for longer."""
    other, ground = each.elsewhere, result.ground
    assert other is not None
    if other.deceased:
        # Rule L5: a list that is behind must not have anybody write to the family again.
        result.problems.append(_problem(Severity.WARNING, "died_elsewhere", each.row, "ID_NATIONAL"))
        return None
    if other.school_year < ground.school_year - 1:
        return Planned(ChangeKind.ARRIVAL, ground.school_year, placed, each.here, other, _differences(placed, other))
    if other.gone_since(ground.today) is None and _has_them(other, each.row, ground):
        result.problems.append(_problem(Severity.WARNING, "in_two_schools", each.row, "DATE_ENTREE"))
        return None
    waiting = int(ground.settings["transfer_waiting_days"])
    left_on = other.gone_since(ground.today)
    loan_follows = follows(left_on, ground.today, waiting, member=ground.is_member)
    if not loan_follows:
        code = "loan_stays" if ground.is_member else "loan_stays_no_member"
        result.problems.append(_problem(Severity.INFORMATION, code, each.row, days=str(waiting)))
    return Planned(
        ChangeKind.MOVE, ground.school_year, placed, each.here, other, _differences(placed, other),
        loan_follows=loan_follows,
    )  # fmt: skip


def _has_them(other: Known, row: PupilRow, ground: Ground) -> bool:
    """Whether the other school, where they are enrolled still, keeps them: the one they entered last does."""
    if other.school_year != ground.school_year:
        return other.school_year > ground.school_year
    return not _came_later(row, other)


def _came_later(row: PupilRow, other: Known) -> bool:
    return bool(row.entered_on and other.entered_on and row.entered_on > other.entered_on)


def _absent(known: Known, ground: Ground) -> Planned:
    """Rule L5. A pupil whom the file no longer names has left; when exactly, nobody said."""
    said = known.left_on or known.declared_on
    left_on = said if said and said <= ground.today else ground.today
    fields = {"left_on": (known.left_on, left_on)}
    return Planned(ChangeKind.LEAVER, ground.school_year, None, known, fields=fields, left_on=left_on, ends=True)


def says_died(placed: Placed | None, ground: Ground) -> bool:
    """Rule L5. Whatever the exit date, and whether there is one: the reason alone counts."""
    return placed is not None and _died(placed.row, ground)


def _died(row: PupilRow, ground: Ground) -> bool:
    return bool(row.exit_reason) and ground.exit_destination(row.exit_reason) is Destination.DIED


def _is_gone(row: PupilRow, today: date) -> bool:
    return row.left_on is not None and row.left_on <= today


def _differences(placed: Placed, known: Known | None) -> dict[str, tuple[Any, Any]]:
    if known is None:
        return {}
    after = placed.pupil + placed.enrolment
    before = tuple(getattr(known, name) for name in _FIELDS)
    if before == after:
        return {}
    return {name: (was, now) for name, was, now in zip(_FIELDS, before, after, strict=True) if was != now}


def _note_doubts(placed: Placed, result: Comparison) -> None:
    """Rule E1. An unknown level is listed, never silently not eligible."""
    if placed.answer.verdict is not Eligible.CHECK:
        return
    code = placed.answer.reason
    facts = {"mef": placed.row.mef or "—", "class_name": placed.row.class_name}
    severity = Severity.WARNING if placed.enrolment[0] == Level.UNKNOWN else Severity.INFORMATION
    field_name = "SCOLARITE_AN_DERNIER" if code == "arrival_unknown" else "CODE_MEF"
    result.problems.append(_problem(severity, code, placed.row, field_name, **facts))


def _problem(severity: Severity, code: str, row: PupilRow, field_name: str = "", **facts: str) -> Problem:
    return Problem(severity, code, row.line, row.name, field_name, facts)
