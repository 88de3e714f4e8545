"""The school years and their settings: what is in force, since when, why, and a change from a day on."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from tracker.models.schools import Campaign
from tracker.operations import campaigns
from tracker.queries import campaign_settings
from tracker.queries.campaign_settings import SettingStory, Value
from tracker.queries.campaigns import current_campaign
from tracker.rules.access import Permission
from tracker.rules.campaign import SETTINGS, Setting
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, requires
from tracker.web.campaign.forms import NewCampaignForm, setting_form
from tracker.web.campaign.words import WARNINGS, calendar_lines, setting_name, value_words
from tracker.web.clock import now, today
from tracker.web.destinations import see_other
from tracker.web.language import day, moment
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("campaign", __name__, url_prefix="/campaign")

_FIELD_OF = {"setting_in_the_past": "valid_from", "setting_reason_missing": "reason"}


@bp.get("/")
@requires(Permission.MANAGE_CAMPAIGN)
def index() -> Response:
    """The school year in force with its settings."""
    return _settings_page(current_campaign(today()))


@bp.get("/<int:campaign_id>")
@requires(Permission.MANAGE_CAMPAIGN)
def show(campaign_id: int) -> Response:
    """Another school year with its settings."""
    return _settings_page(_campaign_or_404(campaign_id))


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_CAMPAIGN)
def create() -> Response:
    """The next school year; every setting starts at the programme's default."""
    form = NewCampaignForm(data=_next_year())
    if form.validate_on_submit():
        year, starts_on, ends_on = form.school_year.data, form.starts_on.data, form.ends_on.data
        try:
            campaign = campaigns.create_campaign(year, starts_on, ends_on, actor=current_actor(), now=now())
        except Refused as refused:
            wrong = form.school_year if refused.code == "year_exists" else form.ends_on
            wrong.errors = [refusal_sentence(refused)]
        else:
            flash(_("The school year %(label)s is open.", label=campaign.label), "success")
            return see_other(url_for("campaign.show", campaign_id=campaign.id))
    return page("campaign/new.html", status=422 if form.is_submitted() else 200, form=form)


@bp.route("/<int:campaign_id>/<setting>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CAMPAIGN)
def change(campaign_id: int, setting: str) -> Response:
    """One setting: its story, and a new value from a day on."""
    campaign = _campaign_or_404(campaign_id)
    story = campaign_settings.setting_story(campaign, setting, _on(campaign)) or abort(404)
    form = setting_form(story, today())
    if form.validate_on_submit() and _change(campaign, story.setting, form):
        flash(_("Recorded: in force from %(day)s.", day=day(form.valid_from.data)), "success")
        return see_other(url_for("campaign.change", campaign_id=campaign.id, setting=setting))
    return page(
        "campaign/setting.html", status=422 if form.is_submitted() else 200, form=form, campaign=campaign,
        shown=_shown(story), story=[_entry(story, value) for value in story.values], warning=WARNINGS.get(setting),
    )  # fmt: skip


def _settings_page(campaign: Campaign | None) -> Response:
    if campaign is None:
        return page("campaign/none.html")
    stories = campaign_settings.setting_stories(campaign, _on(campaign))
    return page(
        "campaign/index.html", campaign=campaign, campaigns=campaign_settings.campaigns(),
        settings=[_shown(story) for story in stories],
    )  # fmt: skip


def _campaign_or_404(campaign_id: int) -> Campaign:
    return campaign_settings.campaign_of(campaign_id) or abort(404)


def _on(campaign: Campaign) -> date:
    """The day whose values are shown: today; of a year that is over, its last day."""
    return min(today(), campaign.ends_on)


def _next_year() -> dict[str, Any]:
    known = campaign_settings.campaigns()
    year = known[0].school_year + 1 if known else today().year
    return {"school_year": year, "starts_on": date(year, 9, 1), "ends_on": date(year + 1, 7, 31)}


def _change(campaign: Campaign, setting: Setting, form: FlaskForm) -> bool:
    try:
        campaigns.change_setting(
            campaign.id, setting.name, form.value.data, valid_from=form.valid_from.data, reason=form.reason.data,
            actor=current_actor(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        form[_FIELD_OF.get(refused.code, "value")].errors = [refusal_sentence(refused)]
        return False
    return True


def _shown(story: SettingStory) -> dict[str, Any]:
    setting, in_force = story.setting, story.in_force
    is_calendar = setting is SETTINGS["dispatch_calendar"]
    return {
        "code": setting.name,
        "rule": setting.rule,
        "name": setting_name(setting),
        "value": value_words(setting, story.value),
        "lines": calendar_lines(story.value) if is_calendar else [],
        "since": day(in_force.valid_from) if in_force and in_force.reason else "",
        "coming": [_("%(value)s from %(day)s", value=value_words(setting, each.value), day=day(each.valid_from))
                   for each in story.coming],
        "warning": WARNINGS.get(setting.name),
    }  # fmt: skip


def _entry(story: SettingStory, value: Value) -> dict[str, Any]:
    """One value in the setting's story."""
    is_now = value is story.in_force
    return {
        "title": value_words(story.setting, value.value),
        "when": _("from %(day)s, written on %(moment)s", day=day(value.valid_from), moment=moment(value.set_at)),
        "who": value.set_by,
        "why": value.reason or _("The programme's default."),
        "tone": "ok" if is_now else "warn" if value.valid_from > story.on else "neutral",
        "sign": "circle-check" if is_now else "clock" if value.valid_from > story.on else "history",
    }
