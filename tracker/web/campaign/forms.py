"""The forms of a school year and of its settings: each setting has the field that suits its value."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tracker.queries.campaign_settings import SettingStory
from tracker.rules.campaign import Form, Setting
from tracker.rules.windows import LineProblem, parse_windows, write_windows
from tracker.web.campaign.words import choice_words
from tracker.web.forms import SentForm

_REQUIRED = _l("Fill in this field.")
_LINE_PROBLEMS = {
    "three_parts": _l("Line %(line)s: three parts are expected, apart by semicolons: cut-off; week; label."),
    "not_a_date": _l("Line %(line)s: a date cannot be read; write it like 04/11/2026."),
    "week_before_cut_off": _l("Line %(line)s: the week begins before the cut-off (rule D6)."),
}


class NewCampaignForm(SentForm):
    """The next school year."""

    school_year = IntegerField(
        _l("School year that starts in"), [InputRequired(_REQUIRED), NumberRange(2021, 2100, _l("A year is expected."))]
    )
    starts_on = DateField(_l("First day"), [InputRequired(_REQUIRED)])
    ends_on = DateField(_l("Last day"), [InputRequired(_REQUIRED)])


class Lines(TextAreaField):
    """The windows of the dispatch calendar, one a line; what was typed stays as it was typed."""

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else write_windows(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the lines; the first wrong one is named."""
        try:
            self.data = parse_windows(valuelist[0] if valuelist else "")
        except LineProblem as problem:
            raise ValidationError(str(_LINE_PROBLEMS[problem.code]) % {"line": problem.line}) from None


def setting_form(story: SettingStory, today: date) -> SentForm:
    """The form that changes this setting: its value, from which day on, and why."""

    class SettingForm(SentForm):
        value = _field(story.setting)
        valid_from = DateField(_l("In force from"), [InputRequired(_REQUIRED)], render_kw={"min": today.isoformat()})
        reason = StringField(_l("Reason"), [InputRequired(_REQUIRED), Length(max=500)], description=_reason_help())

    return SettingForm(data={"value": _typed(story.setting, story.value), "valid_from": today})


def _reason_help() -> str:
    return _("It stays on record beside the value.")


def _typed(setting: Setting, value: Any) -> Any:
    return date.fromisoformat(value) if setting.form is Form.DATE and value else value


def _field(setting: Setting) -> Field:
    label = _("New value")
    if setting.form is Form.INTEGER:
        return IntegerField(label, [InputRequired(_REQUIRED), NumberRange(0, message=_("0 or more is expected."))])
    if setting.form is Form.PERCENT:
        limits = NumberRange(0, 100, _("A percentage from 0 to 100 is expected."))
        return IntegerField(label, [InputRequired(_REQUIRED), limits])
    if setting.form is Form.DATE:
        return DateField(label, [Optional()])
    if setting.form is Form.BOOLEAN:
        return BooleanField(choice_words("yes"))
    if setting.form is Form.CHOICE:
        return SelectField(label, choices=[(value, choice_words(value)) for value in setting.choices])
    if setting.form is Form.CALENDAR:
        help_line = _("One window a line: cut-off; first day of the delivery's week; label.")
        return Lines(label, description=help_line, render_kw={"rows": 14, "spellcheck": "false"})
    return StringField(label, [Length(max=1000)])
