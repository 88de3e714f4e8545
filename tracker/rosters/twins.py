"""The same INE, or the same number in the school, on several rows of one file."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from tracker.rosters.findings import Findings
from tracker.rosters.pupils import PupilRows
from tracker.rosters.rows import PupilRow
from tracker.rules.identifiers import has_ine_form
from tracker.rules.names import search_key


def settle_twins(rows: PupilRows, ine_heading: str, id_heading: str, findings: Findings) -> None:
    """One person twice (left and came back): the row that is still valid counts. Two persons: both rows are refused."""
    dropped: set[int] = set()
    refused: set[int] = set()
    for ine, group in _shared(rows.taken, lambda row: row.ines).items():
        if _one_person(group):
            dropped.update(_all_but_the_valid_one(group, "ine_twice_same_pupil", ine_heading, ine, findings))
        elif has_ine_form(ine):
            refused.update(_refuse(group, "ine_twice", ine_heading, ine, findings))
        else:
            _without(group, ine, ine_heading, findings)
    for number, group in _shared(rows.taken, lambda row: (row.roster_id,) if row.roster_id else ()).items():
        group = [row for row in group if id(row) not in dropped]
        if len(group) > 1 and _one_person(group):
            dropped.update(_all_but_the_valid_one(group, "id_twice_same_pupil", id_heading, number, findings))
        elif len(group) > 1:
            refused.update(_refuse(group, "id_twice", id_heading, number, findings))
    rows.refused += [row for row in rows.taken if id(row) in refused]
    if dropped or refused:
        rows.taken[:] = [row for row in rows.taken if id(row) not in dropped and id(row) not in refused]


def _shared(rows: list[PupilRow], keys: Callable[[PupilRow], Iterable[str]]) -> dict[str, list[PupilRow]]:
    """The rows that share a key with another row; the keys are counted first, lists are made for those few only."""
    seen: set[str] = set()
    twice: set[str] = set()
    for row in rows:
        for key in keys(row):
            (twice if key in seen else seen).add(key)
    groups: defaultdict[str, list[PupilRow]] = defaultdict(list)
    if twice:
        for row in rows:
            for key in keys(row):
                if key in twice:
                    groups[key].append(row)
    return groups


def _one_person(group: list[PupilRow]) -> bool:
    return len({(search_key(row.last_name), search_key(row.first_name), row.birth_date) for row in group}) == 1


def _validity(row: PupilRow) -> tuple[date, date]:
    """Not left beats left, left later beats left earlier, then who entered later."""
    return row.left_on or date.max, row.entered_on or date.min


def _all_but_the_valid_one(group: list[PupilRow], code: str, heading: str, key: str, findings: Findings) -> set[int]:
    valid = max(group, key=_validity)
    others = [row for row in group if row is not valid]
    for row in others:
        findings.inform(code, row.line, row.name, heading, found=key, kept=valid.line or "")
    return {id(row) for row in others}


def _refuse(group: list[PupilRow], code: str, heading: str, key: str, findings: Findings) -> set[int]:
    for row in group:
        others = ", ".join(other.name for other in group if other is not row)
        findings.error(code, row.line, row.name, heading, found=key, others=others)
    return {id(row) for row in group}


def _without(group: list[PupilRow], ine: str, heading: str, findings: Findings) -> None:
    """What has not the form of an INE and stands on several pupils identifies none of them."""
    for row in group:
        findings.warn("ine_shared", row.line, row.name, heading, found=ine)
        row.ines = tuple(one for one in row.ines if one != ine)
