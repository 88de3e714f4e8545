"""The pupils of a file, of whatever form: each field checked, each doubt said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from sys import intern

from tracker.rosters.fields import NAME_LENGTH, addresses, tidy, too_long, yes_or_no
from tracker.rosters.findings import FileRefused, Findings
from tracker.rosters.rows import PupilRow
from tracker.rules.departures import DIED
from tracker.rules.identifiers import has_ine_form, has_ine_letter
from tracker.rules.levels import mef_key

INE_LENGTH = MEF_LENGTH = 11
CLASS_LENGTH = 20
_ID_LENGTH = 20
_CODE_LENGTH = 4
_NO_CLASS = "inactifs"


@dataclass(frozen=True)
class Headings:
    """How a file names the fields of a pupil; an empty name: the file has no such field."""

    roster_id: str
    ines: tuple[str, ...]
    last_name: str
    usual_name: str
    first_name: str
    birth_date: str
    mef: str
    status: str
    class_name: str
    email: str = ""
    regime: str = ""
    entered_on: str = ""
    left_on: str = ""
    exit_reason: str = ""
    repeats_year: str = ""
    date_form: str = "jj/mm/aaaa"


class PupilRows:
    """Gathers the pupils of one file; a row with an error goes among `refused`."""

    def __init__(self, headings: Headings, read_date: Callable[[str], date | None], findings: Findings) -> None:
        self.taken: list[PupilRow] = []
        self.refused: list[PupilRow] = []
        self._headings = headings
        self._read_date = read_date
        self._findings = findings

    def add(self, line: int | None, raw: Mapping[str, str], previous_uai: str = "", previous_mef: str = "") -> None:
        """Take one pupil from the texts of its fields, by the file's own names of them."""
        if len(self.taken) + len(self.refused) >= self._findings.limits.rows:
            raise FileRefused("too_many_rows", line, expected=self._findings.limits.rows)
        reading = _Reading(line, raw, self._headings, self._read_date, self._findings)
        row = reading.row(previous_uai, previous_mef)
        (self.taken if reading.sound else self.refused).append(row)


class _Reading:
    """One pupil being read."""

    __slots__ = ("findings", "headings", "line", "raw", "read_date", "sound")

    def __init__(
        self,
        line: int | None,
        raw: Mapping[str, str],
        headings: Headings,
        read_date: Callable[[str], date | None],
        findings: Findings,
    ) -> None:
        self.line, self.raw, self.headings = line, raw, headings
        self.read_date, self.findings = read_date, findings
        self.sound = True

    @property
    def who(self) -> str:
        """The pupil's name as people write it, else the number in the file."""
        heads, raw = self.headings, self.raw
        name = tidy(f"{raw.get(heads.last_name, '')} {raw.get(heads.first_name, '')}")
        return name[:NAME_LENGTH] or raw.get(heads.roster_id, "")[:_ID_LENGTH]

    def row(self, previous_uai: str, previous_mef: str) -> PupilRow:
        """The pupil; `sound` is false afterwards when the row has an error."""
        heads = self.headings
        roster_id = self.raw.get(heads.roster_id, "")
        entered_on, left_on = self.day(heads.entered_on), self.day(heads.left_on, refusing=True)
        if entered_on and left_on and left_on < entered_on:
            self.warn("exit_before_entry", heads.left_on, left_on, expected=entered_on.strftime("%d/%m/%Y"))
        return PupilRow(
            line=self.line,
            roster_id=self.identifier(roster_id),
            ines=self.ines(),
            last_name=self.name(heads.last_name),
            usual_name=self.name(heads.usual_name, needed=False),
            first_name=intern(self.name(heads.first_name)),
            birth_date=self.birth_date(),
            email=self.email(),
            class_name=self.class_name(),
            mef=self.mef(left_on),
            regime=self.short(heads.regime),
            status=self.short(heads.status),
            entered_on=entered_on,
            left_on=left_on,
            exit_reason=self.exit_reason(left_on),
            repeats_year=self.repeats_year(),
            previous_uai=intern(previous_uai.upper()),
            previous_mef=intern(previous_mef),
        )

    def error(self, code: str, heading: str, found: object = "", **facts: object) -> None:
        """Refuse this row."""
        self.sound = False
        self.findings.error(code, self.line, self.who, heading, found=_text(found), **facts)

    def warn(self, code: str, heading: str, found: object = "", **facts: object) -> None:
        """Say what was left out or is doubtful."""
        self.findings.warn(code, self.line, self.who, heading, found=_text(found), **facts)

    def inform(self, code: str, heading: str, found: object = "", **facts: object) -> None:
        """Say what is worth knowing."""
        self.findings.inform(code, self.line, self.who, heading, found=_text(found), **facts)

    def identifier(self, text: str) -> str:
        """The pupil's number in the school: a row without one cannot be told from others."""
        heading = self.headings.roster_id
        if heading and not text:
            self.error("id_missing", heading)
        elif len(text) > _ID_LENGTH:
            self.error("field_too_long", heading, text, expected=_ID_LENGTH)
            return text[:_ID_LENGTH]
        return text

    def ines(self) -> tuple[str, ...]:
        """The distinct INE in their order; a wrong form is said and kept, what is too long to be one is left out."""
        found: list[str] = []
        for heading in self.headings.ines:
            text = self.raw.get(heading)
            if text and text not in found and (text := text.replace(" ", "").upper()) not in found:
                if not has_ine_form(text) or not has_ine_letter(text):
                    self.warn("ine_letter" if has_ine_form(text) else "ine_form", heading, text)
                if len(text) <= INE_LENGTH:
                    found.append(text)
        if not found:
            self.inform("ine_missing", self.headings.ines[0])
        return tuple(found)

    def name(self, heading: str, *, needed: bool = True) -> str:
        """A name as it is written, whatever its letters: nothing in it is dangerous as data."""
        text = self.raw.get(heading, "")
        if not text and not needed:
            return ""
        if "?" in text:
            self.warn("character_lost", heading, text)
        name = tidy(text[: 2 * NAME_LENGTH])
        if too_long(name):
            self.error("field_too_long", heading, text, expected=NAME_LENGTH)
            return name[:NAME_LENGTH]
        if needed and not name:
            self.error("name_missing", heading)
        return name

    def birth_date(self) -> date | None:
        """The birth date; without it nobody knows whether the pupil is of age."""
        heading = self.headings.birth_date
        if not self.raw.get(heading):
            self.warn("birth_date_missing", heading)
            return None
        return self.day(heading)

    def day(self, heading: str, *, refusing: bool = False) -> date | None:
        """A date; one that does not exist is left out, or refuses the row where leaving it out would be a guess."""
        text = self.raw.get(heading, "")
        if not text:
            return None
        found = self.read_date(text)
        if found is None:
            (self.error if refusing else self.warn)("date_impossible", heading, text, expected=self.headings.date_form)
        return found

    def email(self) -> str:
        """The pupil's own address, the first one that can receive mail."""
        heading = self.headings.email
        return address(self.raw.get(heading, ""), heading, self.warn)

    def class_name(self) -> str:
        """The class where the file has it beside the pupil."""
        heading = self.headings.class_name
        return self.limited(heading, tidy(self.raw.get(heading, "")), CLASS_LENGTH) if heading else ""

    def mef(self, left_on: date | None) -> str:
        """The level code."""
        heading = self.headings.mef
        text = self.raw.get(heading, "").replace(" ", "")
        if not text:
            if left_on is None:
                self.inform("mef_missing", heading)
            return ""
        if not mef_key(text) or len(text) > MEF_LENGTH:
            self.warn("mef_form", heading, text)
            # Kept as far as it fits, so that the level is checked; the mark keeps it from being read as another code.
            return intern(text if len(text) <= MEF_LENGTH else f"…{text[: MEF_LENGTH - 1]}")
        if len(text) < MEF_LENGTH:
            self.inform("mef_short", heading, text)
        return intern(text)

    def short(self, heading: str) -> str:
        """A code of a few characters."""
        return self.limited(heading, self.raw.get(heading, ""), _CODE_LENGTH)

    def exit_reason(self, left_on: date | None) -> str:
        """The code of why the pupil left; worth a word when there is no exit date."""
        heading = self.headings.exit_reason
        reason = self.short(heading)
        if reason and left_on is None:
            self.warn("death_without_date" if reason == DIED else "exit_reason_without_date", heading, reason)
        return reason

    def repeats_year(self) -> bool:
        """Whether the pupil repeats the year."""
        heading = self.headings.repeats_year
        text = self.raw.get(heading, "0")
        if text == "0":
            return False
        answer = yes_or_no(text)
        if answer is None:
            self.warn("flag_unknown", heading, self.raw[heading])
        return bool(answer)

    def limited(self, heading: str, text: str, most: int) -> str:
        """The text, or an error on the row: cut off it would be another value."""
        if len(text) > most:
            self.error("field_too_long", heading, text, expected=most)
            return ""
        return intern(text)


def address(text: str, heading: str, warn: Callable[..., None]) -> str:
    """The first address of a field that can receive mail, lower case after the @ left as it is; else empty.

    `warn`: takes a code, the heading and the facts, and knows whose field it is.
    """
    if not text:
        return ""
    found = addresses(text)
    if not found:
        warn("email_invalid", heading, found=text)
        return ""
    if found[0] != text:
        warn("email_several" if len(found) > 1 else "email_mended", heading, found=text, kept=found[0])
    return found[0]


def is_no_class(code: str) -> bool:
    """Whether a division is the drawer of those who are in no class."""
    return code.casefold() == _NO_CLASS


def _text(found: object) -> object:
    return found.strftime("%d/%m/%Y") if isinstance(found, date) else found
