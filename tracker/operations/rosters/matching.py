"""Who is who: each row of a file with the pupil that it means, by number first, by name only on a person's word."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracker.operations.rosters.ground import Ground
from tracker.queries import rosters as queries
from tracker.queries.rosters import Known
from tracker.rosters.rows import Problem, PupilRow, Roster, Severity
from tracker.rules.identifiers import has_ine_form
from tracker.rules.names import search_key


@dataclass(frozen=True)
class Proposal:
    """A row that may be a pupil we know, by name and birth date alone; a person answers."""

    key: str
    row: PupilRow
    known: Known


@dataclass(slots=True)
class Match:
    """A row with the enrolment that it continues here, and with the pupil's newest enrolment elsewhere.

    `new_numbers`: national numbers of the row that nobody has yet.
    """

    row: PupilRow
    here: Known | None = None
    elsewhere: Known | None = None
    new_numbers: tuple[str, ...] = ()


@dataclass
class Matching:
    """The rows that were understood, what they left over, and what a person is asked.

    `refused`: the rows that mean two pupils, or a pupil twice; `spared`: pupils whom such a row names, no leavers.
    `nameless`: how many rows of the file do not say whose they are: it may be anybody's of the `missing`.
    """

    matches: list[Match] = field(default_factory=list)
    missing: list[Known] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    spared: set[int] = field(default_factory=set)
    nameless: int = 0


def row_key(row: PupilRow) -> str:
    """What names a row from one reading of the same file to the next."""
    return row.roster_id or (row.ines[0] if row.ines else f"{search_key(row.name)} {row.birth_date}")


def match(roster: Roster, ground: Ground, answers: Mapping[str, Any]) -> Matching:
    """Match by any national number, then by the school's own number, then by a person's answer.

    `answers`: row key → id of the pupil it is, or 0 for nobody we know.
    """
    matcher = _Matcher(roster, ground, answers)
    found = Matching([matcher.first(row) for row in roster.pupils])
    matcher.find_elsewhere(found)
    matcher.refuse_doubles(found)
    matcher.spare_refused(roster, found)
    found.spared |= {each.here.pupil_id for each in found.matches if each.here}
    found.missing = [known for known in matcher.here if known.pupil_id not in found.spared]
    return found


class _Matcher:
    def __init__(self, roster: Roster, ground: Ground, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self._ground = ground
        here: list[Known] = []
        if ground.school:
            here = queries.pupils_of_school(ground.school.id, ground.school_year, ground.today)
        self.here = here
        self._by_id = {known.pupil_id: known for known in here}
        self._by_ine = {known.ine: known for known in here if known.ine}
        self._by_roster_id = {known.roster_id: known for known in here if known.roster_id}
        self._numberless = {_named(known): known for known in here if not known.ine and not known.roster_id}
        self._by_name: defaultdict[str, set[int]] = defaultdict(set)
        for known in here:
            self._by_name[_named(known)[0]].add(known.pupil_id)
        if ground.school and here:
            others = queries.other_ines_of(ground.school.id, ground.school_year)
            self._by_ine |= {ine: self._by_id[pupil_id] for ine, pupil_id in others.items() if pupil_id in self._by_id}
        self._numbered = {known.pupil_id for known in self._by_ine.values()}

    def first(self, row: PupilRow) -> Match:
        """The pupil of this school that the row means."""
        for ine in row.ines:
            if known := self._by_ine.get(ine):
                return Match(row, known)
        known = self._by_roster_id.get(row.roster_id)
        if known is None and not row.ines and not row.roster_id:
            known = self._numberless.get((search_key(row.name), row.birth_date))
        return Match(row, known if known and _may_be(row, known) else None)

    def spare_refused(self, roster: Roster, found: Matching) -> None:
        """Whom a refused row may mean is in the file, and has not left."""
        found.nameless = roster.nameless
        for row in roster.refused_rows:
            meant = self._meant_by(row)
            found.spared |= meant
            found.nameless += not meant and not row.roster_id and not any(map(has_ine_form, row.ines))

    def _meant_by(self, row: PupilRow) -> set[int]:
        """By any of its numbers and by its name, for one of them may be wrong."""
        numbered = [*(self._by_ine.get(ine) for ine in row.ines), self._by_roster_id.get(row.roster_id)]
        return {known.pupil_id for known in numbered if known} | self._by_name[search_key(row.name)]

    def find_elsewhere(self, found: Matching) -> None:
        """Rows that mean nobody here, and pupils who had left: where else are they known?"""
        by_ine = self._whose_numbers(found)
        strangers = [each for each in found.matches if each.here is None]
        ids = {id(each): self._stranger(each.row, by_ine) for each in strangers}
        back = [each for each in found.matches if each.here and not each.here.stays(self._ground.today)]
        wanted = {pupil_id for pupil_id in ids.values() if pupil_id}
        wanted |= {each.here.pupil_id for each in back if each.here}
        today = self._ground.today
        newest = {known.pupil_id: known for known in queries.newest_enrolments(wanted, today)} if wanted else {}
        for each in strangers:
            by_number = any(ine in by_ine for ine in each.row.ines)
            self._settle(each, newest.get(ids[id(each)] or 0), by_number=by_number)
        for each in back:
            other = newest.get(each.here.pupil_id) if each.here else None
            each.elsewhere = other if other and other.school_id != self._ground.school_id else None
        self._propose([each for each in strangers if not each.here and not each.elsewhere], found)

    def _settle(self, each: Match, known: Known | None, *, by_number: bool) -> None:
        """Put a stranger together with the pupil whom a number names, or a person who was asked about just this one."""
        if known is None or not (by_number or _has_same_name(each.row, known)):
            return
        each.here = self._by_id.get(known.pupil_id)
        each.elsewhere = None if each.here else known

    def _whose_numbers(self, found: Matching) -> dict[str, int]:
        """The pupil of every national number of the file that has one; a row that names two pupils is refused."""
        by_ine = {ine: known.pupil_id for ine, known in self._by_ine.items()}
        by_ine |= queries.pupils_by_ine(ine for each in found.matches for ine in each.row.ines if ine not in by_ine)
        for each in found.matches:
            each.new_numbers = tuple(ine for ine in each.row.ines if ine not in by_ine)
            named = {by_ine[ine] for ine in each.row.ines if ine in by_ine}
            if each.here and len(named) == 1 and each.here.pupil_id not in self._numbered:
                found.problems.append(_number_counts(each.row, each.here))
                each.here = None
            named |= {each.here.pupil_id} if each.here else set()
            if len(named) > 1:
                found.problems.append(_error("numbers_of_two_pupils", each.row, numbers=", ".join(each.row.ines)))
                found.refused.add(id(each.row))
                found.spared |= named | self._meant_by(each.row)
        return by_ine

    def _stranger(self, row: PupilRow, by_ine: Mapping[str, int]) -> int | None:
        ids = {by_ine[ine] for ine in row.ines if ine in by_ine}
        return min(ids) if ids else self._answers.get(row_key(row)) or None

    def _propose(self, strangers: list[Match], found: Matching) -> None:
        """Name and birth date alone: asked, never decided."""
        open_rows = [each for each in strangers if each.row.birth_date and row_key(each.row) not in self._answers]
        by_name = {(search_key(each.row.name), each.row.birth_date): each.row for each in open_rows}
        taken = {each.here.pupil_id for each in found.matches if each.here}
        ids: dict[int, PupilRow] = {}
        for name, birth_date, pupil_id in queries.pupils_by_name(name for name, _birth in by_name) if by_name else ():
            if pupil_id not in taken and (row := by_name.get((name, birth_date))):
                ids[pupil_id] = row
        for known in queries.newest_enrolments(ids, self._ground.today) if ids else ():
            row = ids[known.pupil_id]
            found.proposals.append(Proposal(row_key(row), row, known))
            found.problems.append(_same_name(row, known))

    def refuse_doubles(self, found: Matching) -> None:
        """Two rows that mean one pupil, or a row that means two: refused, and nobody is taken for a leaver."""
        first: dict[int, Match] = {}
        for each in found.matches:
            known = each.here or each.elsewhere
            if known and first.setdefault(known.pupil_id, each) is not each:
                found.problems.append(_error("two_rows_one_pupil", each.row, other=first[known.pupil_id].row.name))
                found.refused.add(id(each.row))
                found.spared |= self._meant_by(each.row)
        found.matches = [each for each in found.matches if id(each.row) not in found.refused]


def _may_be(row: PupilRow, known: Known) -> bool:
    """Whether the school's own number may be believed: not against a birth date and names that all differ."""
    same = row.birth_date == known.birth_date or not row.birth_date or not known.birth_date
    names = {search_key(row.last_name), search_key(row.first_name)}
    return same or bool(names & {search_key(known.last_name), search_key(known.first_name)})


def _named(known: Known) -> tuple[str, date | None]:
    return search_key(f"{known.last_name} {known.first_name}"), known.birth_date


def _has_same_name(row: PupilRow, known: Known) -> bool:
    return (search_key(row.name), row.birth_date) == _named(known)


def _same_name(row: PupilRow, known: Known) -> Problem:
    facts = {"known": f"{known.last_name} {known.first_name}", "class_name": known.class_name or "—"}
    return Problem(Severity.WARNING, "same_name", row.line, row.name, facts=facts)


def _number_counts(row: PupilRow, known: Known) -> Problem:
    """A national number outweighs the school's own, under which somebody is known here who came without one."""
    facts = {"numbers": ", ".join(row.ines), "other": f"{known.last_name} {known.first_name}"}
    return Problem(Severity.WARNING, "national_number_counts", row.line, row.name, "ID_NATIONAL", facts)


def _error(code: str, row: PupilRow, **facts: str) -> Problem:
    return Problem(Severity.ERROR, code, row.line, row.name, "ID_NATIONAL", facts)
