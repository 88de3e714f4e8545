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
_FIRST = "A_CONTACTER_EN_PRIORITE"
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
    heading: str
    level: str
    flag: str
    legal: bool

    @property
    def first(self) -> bool:
        return bool(yes_or_no(self.flag))


@dataclass(frozen=True, slots=True)
class _About:
    """Says what is found of a person, and of the pupil whose guardian they are where it is about that."""

    findings: Findings
    line: int
    person: str
    pupil: str = ""

    def warn(self, code: str, heading: str, **facts: object) -> None:
        self.findings.warn(code, self.line, self.pupil, heading, person=self.person, **facts)

    def error(self, code: str, heading: str, **facts: object) -> None:
        self.findings.error(code, self.line, self.pupil, heading, person=self.person, **facts)


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
        about = _About(self._findings, record.line, who or number)
        if not number or number in self._persons:
            about.warn("person_twice" if number else "person_without_id", "PERSONNE_ID", found=number)
            return
        self._count_row(record)
        self._persons[number] = _read_person(record, about)

    def _link(self, record: Record) -> None:
        self._count_row(record)
        read = record.fields.get
        heading = _LEVEL if read(_LEVEL) else _FORMER_LEVEL
        level = read(heading, "")
        link = _Link(
            record.line, read("ELEVE_ID", ""), read("PERSONNE_ID", ""), heading, level, read(_FIRST, ""),
            level in _LEGAL[heading],
        )  # fmt: skip
        self._links[link.pupil].append(link)

    def _count_row(self, record: Record) -> None:
        """Persons and links together: a pupil has a few of each."""
        self._count += 1
        most = self._findings.limits.rows * _PERSONS_FOR_ONE_PUPIL
        if self._count > most:
            raise FileRefused("too_many_rows", record.line, expected=most)

    def finish(self, roster: Roster) -> dict[str, str]:
        """Each pupil's guardians in their order. Persons stand in the facts: nobody is behind a pupil's number."""
        roster.nameless = self._without_pupil(self._links.pop("", []))
        for pupil, links in self._links.items():
            rows = self._of_one_pupil(links)
            roster.guardians += rows
            if not rows:
                roster.unread_families.add(pupil)
        for number, person in self._persons.items():
            if not person.linked:
                who = person.name or number
                self._findings.inform("person_without_pupil", person.line, field="PERSONNE_ID", person=who)
        return {}

    def _without_pupil(self, links: list[_Link]) -> int:
        for link in links:
            self._about(link).warn("link_incomplete", "ELEVE_ID")
        return len(links)

    def _of_one_pupil(self, links: list[_Link]) -> list[GuardianRow]:
        """Legal guardians first, then by their level, whom to call first, and the order of the file."""
        found: dict[str, tuple[_Link, _Person]] = {}
        for link in links:
            if person := self._person_of(link):
                self._take(link, person, found)
        ordered = sorted(found.values(), key=lambda pair: (not pair[0].legal, pair[0].level, not pair[0].first))
        return [_row(link, person, rank) for rank, (link, person) in enumerate(ordered, 1) if person.sound]

    def _person_of(self, link: _Link) -> _Person | None:
        about = self._about(link)
        if not link.person:
            about.warn("link_incomplete", "PERSONNE_ID")
            return None
        _check(link, about)
        person = self._persons.get(link.person)
        if person is None:
            self._findings.warn("link_without_person", link.line, link.pupil, "PERSONNE_ID", found=link.person)
        return person

    def _take(self, link: _Link, person: _Person, found: dict[str, tuple[_Link, _Person]]) -> None:
        """Two links say two things of one person: they are taken as no legal guardian, never as one by mistake."""
        if link.person not in found:
            person.linked = True
            found[link.person] = (link, person)
            return
        before, _person = found[link.person]
        if before.legal != link.legal:
            before.legal = False
            self._about(link).warn("link_contradicts", "ELEVE_ID")

    def _about(self, link: _Link) -> _About:
        person = self._persons.get(link.person)
        return _About(self._findings, link.line, (person.name if person else "") or link.person, link.pupil)


def _read_person(record: Record, about: _About) -> _Person:
    person = _Person(record.line, "", "", "", "", "")
    person.title = intern(_short(record, "LC_CIVILITE", _TITLE_LENGTH, about))
    person.last_name = _name(record, "NOM_DE_FAMILLE", about, person)
    person.first_name = intern(_name(record, "PRENOM", about, person, needed=False))
    person.email = address(record.fields.get("MEL", ""), "MEL", about.warn)
    person.phone = next((phone for name in _PHONES if (phone := _short(record, name, _PHONE_LENGTH, about))), "")
    return person


def _name(record: Record, heading: str, about: _About, person: _Person, *, needed: bool = True) -> str:
    name = tidy(record.fields.get(heading, ""))
    if "?" in name:
        about.warn("character_lost", heading, found=name)
    if too_long(name):
        person.sound = False
        about.error("field_too_long", heading, found=name, expected=NAME_LENGTH)
    elif needed and not name:
        about.warn("guardian_name_missing", heading)
    return name[:NAME_LENGTH]


def _short(record: Record, heading: str, most: int, about: _About) -> str:
    text = tidy(record.fields.get(heading, ""))
    if len(text) > most:
        about.warn("field_left_out", heading, found=text, expected=most)
        return ""
    return text


def _check(link: _Link, about: _About) -> None:
    if link.level not in _KNOWN[link.heading]:
        code = "guardian_level_unknown" if link.level else "guardian_level_missing"
        about.warn(code, link.heading, found=link.level, expected=" ".join(_KNOWN[link.heading]))
    if yes_or_no(link.flag) is None:
        about.warn("flag_unknown", _FIRST, found=link.flag)


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
