"""The guardians' file of SIECLE: persons, and what each of them is to which pupil."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from sys import intern

from tracker.rosters.fields import NAME_LENGTH, tidy, too_long, yes_or_no
from tracker.rosters.findings import FileRefused, Findings
from tracker.rosters.markup import Handler, Record
from tracker.rosters.pupils import address
from tracker.rosters.rows import GuardianRow, Roster

_LEVEL, _FORMER_LEVEL = "NIVEAU_RESPONSABILITE", "RESP_LEGAL"
_LEGAL = {_LEVEL: ("1",), _FORMER_LEVEL: ("1", "2")}
_KNOWN = {_LEVEL: ("1", "2", "3"), _FORMER_LEVEL: ("0", "1", "2")}
_PHONES = ("TEL_PORTABLE", "TEL_PERSONNEL", "TEL_PROFESSIONNEL")
_PHONE_LENGTH = 30
_TITLE_LENGTH = 10
_PERSONS_FOR_ONE_PUPIL = 5


@dataclass(slots=True)
class _Person:
    line: int
    title: str
    last_name: str
    first_name: str
    email: str
    phone: str
    sound: bool = True
    linked: bool = False

    @property
    def name(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()


@dataclass(slots=True)
class _Link:
    line: int
    pupil: str
    person: str
    level: str
    legal: bool
    first: bool


class GuardianFile:
    """Takes the records of BEE_RESPONSABLES. Whether a pupil is known, the import alone can tell."""

    def __init__(self, findings: Findings) -> None:
        self.paths: dict[tuple[str, ...], Handler] = {
            ("DONNEES", "PERSONNES", "PERSONNE"): self._person,
            ("DONNEES", "RESPONSABLES", "RESPONSABLE_ELEVE"): self._link,
        }
        self._findings = findings
        self._persons: dict[str, _Person] = {}
        self._links: defaultdict[str, list[_Link]] = defaultdict(list)
        self._count = 0

    def _person(self, record: Record) -> None:
        number = record.attributes.get("PERSONNE_ID", "").strip()
        who = tidy(f"{record.fields.get('NOM_DE_FAMILLE', '')} {record.fields.get('PRENOM', '')}")[:NAME_LENGTH]
        if not number or number in self._persons:
            code = "person_twice" if number else "person_without_id"
            self._findings.warn(code, record.line, who, "PERSONNE_ID", found=number)
            return
        self._count_row(record)
        self._persons[number] = self._read_person(record, who or number)

    def _read_person(self, record: Record, who: str) -> _Person:
        person = _Person(record.line, "", "", "", "", "")
        person.title = intern(self._short(record, "LC_CIVILITE", _TITLE_LENGTH, who))
        person.last_name = self._name(record, "NOM_DE_FAMILLE", who, person)
        person.first_name = intern(self._name(record, "PRENOM", who, person, needed=False))
        person.email = address(record.fields.get("MEL", ""), record.line, who, "MEL", self._findings)
        person.phone = next((phone for name in _PHONES if (phone := self._short(record, name, _PHONE_LENGTH, who))), "")
        return person

    def _name(self, record: Record, heading: str, who: str, person: _Person, *, needed: bool = True) -> str:
        name = tidy(record.fields.get(heading, ""))
        if "?" in name:
            self._findings.warn("character_lost", record.line, who, heading, found=name)
        if too_long(name):
            person.sound = False
            self._findings.error("field_too_long", record.line, who, heading, found=name, expected=NAME_LENGTH)
        elif needed and not name:
            self._findings.warn("guardian_name_missing", record.line, who, heading)
        return name[:NAME_LENGTH]

    def _short(self, record: Record, heading: str, most: int, who: str) -> str:
        text = tidy(record.fields.get(heading, ""))
        if len(text) > most:
            self._findings.warn("field_left_out", record.line, who, heading, found=text, expected=most)
            return ""
        return text

    def _link(self, record: Record) -> None:
        self._count_row(record)
        pupil, person = record.fields.get("ELEVE_ID", ""), record.fields.get("PERSONNE_ID", "")
        if not pupil or not person:
            missing = "PERSONNE_ID" if pupil else "ELEVE_ID"
            self._findings.warn("link_incomplete", record.line, pupil or person, missing)
            return
        heading = _LEVEL if record.fields.get(_LEVEL) else _FORMER_LEVEL
        level = record.fields.get(heading, "")
        if level not in _KNOWN[heading]:
            code = "guardian_level_unknown" if level else "guardian_level_missing"
            self._findings.warn(code, record.line, person, heading, found=level, expected=" ".join(_KNOWN[heading]))
        first = yes_or_no(record.fields.get("A_CONTACTER_EN_PRIORITE", ""))
        if first is None:
            self._findings.warn(
                "flag_unknown",
                record.line,
                person,
                "A_CONTACTER_EN_PRIORITE",
                found=record.fields["A_CONTACTER_EN_PRIORITE"],
            )
        self._links[pupil].append(_Link(record.line, pupil, person, level, level in _LEGAL[heading], bool(first)))

    def _count_row(self, record: Record) -> None:
        """Persons and links together: a pupil has a few of each."""
        self._count += 1
        most = self._findings.limits.rows * _PERSONS_FOR_ONE_PUPIL
        if self._count > most:
            raise FileRefused("too_many_rows", record.line, expected=most)

    def finish(self, roster: Roster) -> dict[str, str]:
        """Each pupil's guardians in their order; answers the names behind the persons' numbers."""
        for links in self._links.values():
            roster.guardians += self._of_one_pupil(links)
        for number, person in self._persons.items():
            if not person.linked:
                self._findings.inform("person_without_pupil", person.line, person.name or number, "PERSONNE_ID")
        return {number: person.name for number, person in self._persons.items() if person.name}

    def _of_one_pupil(self, links: list[_Link]) -> list[GuardianRow]:
        """Legal guardians first, then by their level, whom to call first, and the order of the file."""
        found: dict[str, tuple[_Link, _Person]] = {}
        for link in links:
            person = self._persons.get(link.person)
            if person is None:
                self._findings.warn("link_without_person", link.line, link.person, "PERSONNE_ID", found=link.pupil)
            elif link.person in found:
                self._again(link, found)
            else:
                person.linked = True
                found[link.person] = (link, person)
        ordered = sorted(found.values(), key=lambda pair: (not pair[0].legal, pair[0].level, not pair[0].first))
        return [_row(link, person, rank) for rank, (link, person) in enumerate(ordered, 1) if person.sound]

    def _again(self, link: _Link, found: dict[str, tuple[_Link, _Person]]) -> None:
        """Two links say two things of one person: they are taken as no legal guardian, never as one by mistake."""
        before, person = found[link.person]
        if before.legal != link.legal:
            before.legal = False
            self._findings.warn("link_contradicts", link.line, person.name or link.person, "ELEVE_ID", found=link.pupil)


def _row(link: _Link, person: _Person, rank: int) -> GuardianRow:
    return GuardianRow(
        line=link.line,
        roster_id=link.pupil,
        person_id=link.person,
        title=person.title,
        last_name=person.last_name,
        first_name=person.first_name,
        email=person.email,
        phone=person.phone,
        legal=link.legal,
        rank=rank,
    )
