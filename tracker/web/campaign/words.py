"""The settings of a campaign as people read them: their names, what they mean, their values."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from tracker.rules.campaign import Form, Setting
from tracker.rules.windows import write_windows
from tracker.web.language import day, number

NAMES = {
    "three_year_cap": _l("Laptops for three-year CAP"),
    "roll_collapse_percent": _l("Share of a school’s pupils below which a new roster needs a yes, in percent"),
    "roster_file_days": _l("Days for which a roster’s file is kept"),
    "boarder_regimes": _l("Further regime codes of boarders, with a space between them"),
    "newcomer_by": _l("What makes a newcomer to the lycée: last year’s school, last year’s level, or either"),
    "link_days": _l("Days for which the personal link of an agreement is good"),
    "reminder_after_days": _l("Days without a signature after which a reminder may go"),
    "reminders_most": _l("Reminders at most for one agreement"),
    "reminders_automatic": _l("Reminders go by themselves, once a day"),
    "paper_agreement_after_days": _l("Days after sending from which an agreement may be printed"),
    "distribution_from": _l("First distributions: from"),
    "distribution_until": _l("First distributions: until"),
    "confirm_days_before": _l("Days before a delivery on which its signature rate decides"),
    "confirm_rate": _l("Signature rate that confirms a delivery"),
    "many_absent": _l("Absent pupils from whom on there is a new distribution"),
    "parcel_working_days": _l("Working days within which parcels for absent pupils arrive"),
    "new_distribution_after_days": _l("Days until the new distribution for absent pupils"),
    "dispatch_calendar": _l("Calendar of deliveries during the year"),
    "shared_quota": _l("One quota for breakage, theft and loss together"),
    "loaners": _l("A loaner may be lent while a device is repaired"),
    "case_overdue_days": _l("Days in one state after which a case is overdue"),
    "old_from_years": _l("Years in the programme after which a returned device is old"),
    "return_days": _l("Days within which a device must come back"),
    "return_reminder_days": _l("Days after which the return of a device may be recalled again"),
    "return_reminders_most": _l("Reminders at most for one return"),
    "return_address": _l("Address to which devices are returned, its lines parted by semicolons"),
    "parcel_overdue_days": _l("Days on the way after which a parcel is overdue"),
    "sscc_prefix": _l("GS1 company prefix of the parcels’ numbers"),
    "transfer_waiting_days": _l("Days during which a pupil who left may reappear in another school"),
    "data_plans_end_on": _l("Data plans end on"),
    "connection_requests_from": _l("Requests for a connection: from"),
    "connection_requests_until": _l("Requests for a connection: until"),
    "families_phone": _l("Families' telephone"),
    "families_hours": _l("Families' telephone: hours"),
    "families_email": _l("Families' e-mail address"),
    "schools_phone": _l("Schools' telephone"),
    "ent_url": _l("Address of the ENT"),
    "funding_mention": _l("Funding mention"),
    "target_laptops": _l("Target: laptops within three years"),
    "budget_euros": _l("Budget in euros"),
}
WARNINGS = {
    "schools_phone": _l("For schools only: never shown to pupils or families, on no label, letter or public page.")
}
_CHOICES = {
    "check": _l("to be settled: an administrator decides each time"),
    "yes": _l("yes"),
    "no": _l("no"),
    "either": _l("either"),
    "school": _l("the school alone"),
    "level": _l("the level alone"),
}


def setting_name(setting: Setting) -> str:
    """What the setting is called."""
    return str(NAMES[setting.name])


def choice_words(value: str) -> str:
    """One of the answers of a setting that offers a choice."""
    return str(_CHOICES.get(value, value))


def value_words(setting: Setting, value: Any) -> str:
    """The value in words; a value that was never set says so."""
    if value is None or value == "":
        return _("not set")
    if setting.form in (Form.INTEGER, Form.PERCENT):
        return _("%(number)s%%", number=number(value)) if setting.form is Form.PERCENT else number(value)
    if setting.form is Form.DATE:
        return day(date.fromisoformat(value))
    if setting.form is Form.BOOLEAN:
        return choice_words("yes" if value else "no")
    if setting.form is Form.CALENDAR:
        return ngettext("%(num)s window", "%(num)s windows", len(value))
    return choice_words(value) if setting.form is Form.CHOICE else str(value)


def calendar_lines(value: Any) -> list[str]:
    """The windows of the dispatch calendar, one a line."""
    return write_windows(value).splitlines()
