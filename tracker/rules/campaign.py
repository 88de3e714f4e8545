"""The settings of a campaign (one school year): their rule, form and default, as programme.md gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from tracker.rules.addresses import parse_address, printed_lines
from tracker.rules.eligibility import ThreeYearCap
from tracker.rules.newcomers import NewcomerBy
from tracker.rules.refusals import Refused
from tracker.rules.sscc import is_prefix


class Form(StrEnum):
    """How a setting's value is written down and checked."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    PERCENT = "percent"
    DATE = "date"
    TEXT = "text"
    CHOICE = "choice"
    CALENDAR = "calendar"


@dataclass(frozen=True)
class Setting:
    """One value that a campaign keeps in its database, dated, changed by an administrator."""

    name: str
    rule: str
    form: Form
    default: Any
    choices: tuple[str, ...] = ()
    least: int = 0


# D6, the source's table moved to its dates; "31/03 → 3/03" is its misprint for 3/04.
_WINDOWS_2022 = (
    ("2022-11-04", "2022-11-07", "Dotation complémentaire 1"),
    ("2022-11-18", "2022-11-21", "Dotation complémentaire 2"),
    ("2022-12-02", "2022-12-05", "Arrivées en cours d’année"),
    ("2022-12-16", "2022-12-19", "Arrivées en cours d’année"),
    ("2023-01-06", "2023-01-09", "Arrivées en cours d’année"),
    ("2023-02-03", "2023-02-06", "Arrivées en cours d’année"),
    ("2023-03-03", "2023-03-06", "Arrivées en cours d’année"),
    ("2023-03-31", "2023-04-03", "Arrivées en cours d’année"),
    ("2023-05-05", "2023-05-09", "Arrivées en cours d’année"),
    ("2023-06-02", "2023-06-05", "Arrivées en cours d’année"),
)

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("three_year_cap", "E1", Form.CHOICE, ThreeYearCap.TO_BE_SETTLED.value, tuple(ThreeYearCap)),
        Setting("paper_agreement_after_days", "A3", Form.INTEGER, 15),
        Setting("roll_collapse_percent", "E3", Form.PERCENT, 50),
        Setting("roster_file_days", "E3", Form.INTEGER, 90, least=1),
        Setting("boarder_regimes", "C2", Form.TEXT, ""),
        Setting("newcomer_by", "C2", Form.CHOICE, NewcomerBy.EITHER.value, tuple(NewcomerBy)),
        Setting("link_days", "A2", Form.INTEGER, 45, least=1),
        Setting("reminder_after_days", "A1", Form.INTEGER, 7, least=1),
        Setting("reminders_most", "A1", Form.INTEGER, 3),
        Setting("reminders_automatic", "A1", Form.BOOLEAN, True),
        Setting("distribution_from", "D2", Form.DATE, None),
        Setting("distribution_until", "D2", Form.DATE, None),
        Setting("confirm_days_before", "D3", Form.INTEGER, 7),
        Setting("confirm_rate", "D3", Form.PERCENT, 85),
        Setting("many_absent", "D4", Form.INTEGER, 5),
        Setting("parcel_working_days", "D4", Form.INTEGER, 5),
        Setting("new_distribution_after_days", "D4", Form.INTEGER, 5),
        Setting("dispatch_calendar", "D6", Form.CALENDAR, _WINDOWS_2022),
        Setting("shared_quota", "R3", Form.BOOLEAN, False),
        Setting("loaners", "R1", Form.BOOLEAN, False),
        Setting("case_overdue_days", "R1", Form.INTEGER, 10, least=1),
        Setting("return_days", "L7", Form.INTEGER, 15, least=1),
        Setting("return_reminder_days", "L7", Form.INTEGER, 7, least=1),
        Setting("return_reminders_most", "L7", Form.INTEGER, 3),
        Setting("return_address", "L2", Form.TEXT, ""),
        Setting("parcel_overdue_days", "D8", Form.INTEGER, 7, least=1),
        Setting("sscc_prefix", "D8", Form.TEXT, ""),
        Setting("old_from_years", "U1", Form.INTEGER, 5, least=1),
        Setting("transfer_waiting_days", "L5", Form.INTEGER, 30),
        Setting("data_plans_end_on", "C4", Form.DATE, None),
        Setting("connection_requests_from", "C5", Form.DATE, None),
        Setting("connection_requests_until", "C5", Form.DATE, None),
        Setting("families_phone", "I1", Form.TEXT, "0 800 97 87 00"),
        Setting("families_hours", "I1", Form.TEXT, "du lundi au vendredi de 8 h à 20 h, le samedi de 8 h à 12 h"),
        Setting("families_email", "I1", Form.TEXT, "support.packnumeriquelyceen@normandie.fr"),
        Setting("schools_phone", "I1", Form.TEXT, "09 74 77 42 74"),
        Setting("ent_url", "I3", Form.TEXT, ""),
        Setting(
            "funding_mention",
            "I4",
            Form.TEXT,
            "Financé par la Région Normandie et l’Union européenne (Fonds européen de développement régional)",
        ),
        Setting("target_laptops", "S1", Form.INTEGER, 40_000),
        Setting("budget_euros", "S1", Form.INTEGER, 60_000_000),
    )
}

_POSITIVE = frozenset({Form.INTEGER, Form.PERCENT})


def checked(name: str, value: Any) -> Any:
    """The value in the form that the database keeps; ValueError with a code of what was expected otherwise."""
    setting = SETTINGS[name]
    if setting.form in _POSITIVE:
        return _whole(value, 100 if setting.form is Form.PERCENT else None, setting.least)
    if setting.form is Form.DATE:
        return date.fromisoformat(str(value)).isoformat() if value else None
    if setting.form is Form.CHOICE and value not in setting.choices:
        raise ValueError("one_of_the_choices")
    if setting.form is Form.CALENDAR:
        return _calendar(value)
    if setting.form is Form.BOOLEAN:
        return bool(value)
    return _text(name, str(value).strip())


def _text(name: str, text: str) -> str:
    """A text in the form that its setting needs; empty is always allowed."""
    if name == "sscc_prefix" and text and not is_prefix(text):
        raise ValueError("gs1_prefix")
    if name == "return_address" and text:
        try:
            printed_lines(parse_address(text))
        except Refused:
            raise ValueError("address") from None
    return text


def _whole(value: Any, most: int | None, least: int) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ValueError("whole_number") from None
    if number < least:
        raise ValueError("percent" if most else "at_least_one" if least else "whole_number")
    if most is not None and number > most:
        raise ValueError("percent")
    return number


def _calendar(windows: Any) -> list[list[str]]:
    """Rule D6: a window whose week begins before its cut-off is refused."""
    kept = []
    for cut_off, week, label in windows:
        if date.fromisoformat(str(week)) < date.fromisoformat(str(cut_off)):
            raise ValueError("week_before_cut_off")
        kept.append([str(cut_off), str(week), str(label)])
    return sorted(kept)


class CampaignSettings:
    """What the settings of one campaign were on one day: `settings["confirm_rate"]`."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        return self._values.get(name, SETTINGS[name].default)
