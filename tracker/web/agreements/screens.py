"""The signature rate, exact: in all, by school, level, class and over time; the signed document of one agreement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from tracker.queries import rates
from tracker.queries.agreement_story import document_of
from tracker.queries.agreements import UnsignedFilter, counts_by_reason
from tracker.queries.campaigns import current_campaign, settings_of
from tracker.queries.pupils import Year
from tracker.queries.rates import RateRow
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.campaign import CampaignSettings
from tracker.rules.signature_rate import Rate
from tracker.web.access import current_scope, requires
from tracker.web.agreements.paper_words import WHY, WHY_SIGNS
from tracker.web.agreements.rate_chart import chart
from tracker.web.clock import today
from tracker.web.export import FORMS, export
from tracker.web.files import pdf_response, read_kept
from tracker.web.intake import row_id
from tracker.web.language import number
from tracker.web.render import page
from tracker.web.sentences import words

bp = Blueprint("agreements", __name__, url_prefix="/agreements")
log = structlog.get_logger()

DAYS_AS_DAYS = 60
"""Beyond, the line of a school year has a point for each week."""


@bp.get("/")
@requires(Permission.PRINT_AGREEMENTS)
def index() -> Response:
    """The rate of the person's schools, or of one of them."""
    scope, campaign = current_scope(), current_campaign(today())
    schools, school_id = school_choices(scope), _school()
    if campaign is None:
        return page("agreements/none.html")
    year, settings = Year(campaign.school_year, today()), settings_of(campaign, today())
    one = school_id or (schools[0][0] if len(schools) == 1 else None)
    total = rates.total_rate(scope, year, school_id=one)
    return page(
        "agreements/index.html",
        "figures",
        total=total,
        schools=schools,
        school_id=school_id,
        exports=[(form, _export_url(form, school_id)) for form in FORMS],
        groups=[each for each in groups(scope, year, one) if each.rows],
        sort=request.args.get("sort", ""),
        line=chart(rates.signed_over_time(scope, year, school_id=one, by_week=_is_long(campaign.starts_on))),
        unsigned=_unsigned(UnsignedFilter(school=one), scope, year),
        threshold=threshold_words(total, settings),
        rate_words=rate_words,
        percent=percent,
    )


def _school() -> int | None:
    """The school of the address, if the person may see it."""
    asked = request.args.get("school", type=row_id)
    return asked if asked and current_scope().covers(asked) else None


def _is_long(starts_on: date) -> bool:
    return (today() - starts_on).days > DAYS_AS_DAYS


@dataclass(frozen=True)
class Group:
    """The rates of one kind; `filter_name`: of the list of the unsigned, which each row leads to."""

    name: str
    title: str
    filter_name: str
    rows: list[RateRow]


def groups(scope: Any, year: Year, school_id: int | None) -> list[Group]:
    """By school, or of one school by class; by level. Two queries."""
    by_level = [
        RateRow(row.key, words("level", row.key), row.rate)
        for row in rates.rates_by_level(scope, year, school_id=school_id)
    ]
    first = (
        Group("classes", _("By class"), "class", rates.rates_by_class(scope, year, school_id))
        if school_id
        else Group("schools", _("By school"), "school", rates.rates_by_school(scope, year))
    )
    return [
        Group(each.name, each.title, each.filter_name, _sorted(each.rows))
        for each in (first, Group("levels", _("By level"), "level", by_level))
    ]


def _sorted(rows: Sequence[RateRow]) -> list[RateRow]:
    """As they come, by name; or the lowest rate first, the larger of equal ones first."""
    if request.args.get("sort") != "rate":
        return list(rows)
    return sorted(rows, key=lambda row: (row.rate.fraction or 0, -row.rate.eligible))


def percent(rate: Rate) -> str:
    """The share in percent, cut after one figure and never rounded up: what reads 85 reaches 85."""
    if not rate.eligible:
        return "—"
    return _("%(number)s%%", number=number(rate.signed * 1000 // rate.eligible / 10))


def rate_words(rate: Rate) -> str:
    """The exact figures with the share beside them: 63 of 74 — 85.1%."""
    return _(
        "%(signed)s of %(eligible)s — %(percent)s",
        signed=number(rate.signed), eligible=number(rate.eligible), percent=percent(rate),
    )  # fmt: skip


def threshold_words(rate: Rate, settings: CampaignSettings) -> tuple[str, str]:
    """Rule D3. Whether the share that confirms a delivery is reached, by the exact fraction, and its tone."""
    needed = settings["confirm_rate"]
    if not rate.eligible:
        return _("Nobody is eligible yet."), "neutral"
    if rate.reaches(needed):
        return _("The %(percent)s%% that confirm a delivery are reached (exact fraction).", percent=needed), "ok"
    missing = -(-needed * rate.eligible // 100) - rate.signed
    return ngettext(
        "Not reached: the %(percent)s%% that confirm a delivery need %(num)s more signature (exact fraction).",
        "Not reached: the %(percent)s%% that confirm a delivery need %(num)s more signatures (exact fraction).",
        missing, percent=needed,
    ), "warn"  # fmt: skip


def _unsigned(filters: UnsignedFilter, scope: Any, year: Year) -> list[tuple[str, str, str, int]]:
    found = counts_by_reason(filters, scope, year)
    return [(why.value, str(WHY[why]), WHY_SIGNS[why], count) for why, count in found.items()]


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.PRINT_AGREEMENTS)
def export_list(form: str) -> Response:
    """The rates as a file: by school or by class, by level."""
    campaign = current_campaign(today()) or abort(404)
    year, scope = Year(campaign.school_year, today()), current_scope()
    schools = school_choices(scope)
    one = _school() or (schools[0][0] if len(schools) == 1 else None)
    headings = [_("By"), _("Name"), _("Signed and validated"), _("Eligible pupils"), _("Rate in percent")]
    return export(form, _("signature-rate"), headings, _cells(groups(scope, year, one)))


def _cells(listed: Sequence[Group]) -> Iterator[list[Any]]:
    for group in listed:
        for row in group.rows:
            share = row.rate.fraction
            rate = round(float(share * 100), 2) if share is not None else None
            yield [group.title, row.name, row.rate.signed, row.rate.eligible, rate]


def _export_url(form: str, school_id: int | None) -> str:
    return url_for("agreements.export_list", form=form, school=school_id)


@bp.get("/<int:agreement_id>/document")
@requires(Permission.PRINT_AGREEMENTS)
def document(agreement_id: int) -> Response:
    """Rule A2. The signed agreement with its evidence, as it was mailed; each look is on record."""
    agreement = document_of(agreement_id, current_scope(), today())
    if agreement is None or not agreement.document:
        abort(404)
    data = read_kept(agreement.document)
    log.info("agreement_seen", agreement=agreement_id, user_id=current_user.id)
    return pdf_response(data, f"convention-{agreement.school_year}-{agreement_id}", to_save=True)
