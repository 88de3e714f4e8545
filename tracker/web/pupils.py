"""Pupils: the list with its filters and files, and the page of one pupil with devices, guardians and story."""

from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from tracker.operations import eligibility
from tracker.queries import pupils, stories
from tracker.queries.campaigns import current_campaign
from tracker.queries.candidates import eligibility_on
from tracker.queries.departures import departures_of
from tracker.queries.pages import every_row
from tracker.queries.parcels import of_pupil
from tracker.queries.pupils import ORDER, PupilFilter, Year
from tracker.queries.roster_imports import came_by_roster
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission, Scope
from tracker.rules.eligibility import Eligible, Level
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.agreements.pupil_part import agreement_part
from tracker.web.agreements.stories import agreement_entries
from tracker.web.cases.parts import pupil_cases
from tracker.web.clock import now, today, year_in_force
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.intake import row_id
from tracker.web.lists import chosen, in_address, listed, typed
from tracker.web.render import page
from tracker.web.sentences import words
from tracker.web.stories import REASONS, ByRoster, pupil_entries

bp = Blueprint("pupils", __name__, url_prefix="/pupils")
log = structlog.get_logger()


@bp.get("/")
@requires(Permission.SEE_PUPILS)
def index() -> Response:
    """The pupils that match the filters of the address."""
    filters, scope, year = _filters(), current_scope(), year_in_force()
    matching, shown = pupils.listing(filters, scope, year), pupils.with_columns(filters, scope, year)
    found = listed("pupils", ORDER, matching, shown, in_address(filters))
    return page("pupils/index.html", "rows", found=found, filters=filters, options=_options(), year=year)


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.SEE_PUPILS)
def export_list(form: str) -> Response:
    """The same pupils as a file."""
    shown = pupils.with_columns(_filters(), current_scope(), year_in_force())
    return export(form, _("pupils"), _headings(), _cells(every_row(shown, ORDER)))


@bp.get("/<int:pupil_id>")
@requires(Permission.SEE_PUPILS)
def show(pupil_id: int) -> Response:
    """One pupil; each look is on record, by ids."""
    scope, campaign = current_scope(), current_campaign(today())
    pupil = pupils.pupil_page(pupil_id, scope, campaign)
    if pupil is None:
        abort(404)
    log.info("pupil_seen", user_id=current_user.id, pupil_id=pupil_id)
    story = stories.pupil_story(pupil_id, scope)
    loans, departures = pupils.loans_of(pupil_id), departures_of(pupil_id)
    by_roster = ByRoster(came_by_roster(pupil_id), departures)
    year = Year.of(campaign, today())
    present, sees_guardians = _present(pupil, year), _sees_guardians(pupil, scope, year)
    answer = eligibility_on(pupil, campaign, today()) if campaign else None
    expected = present and answer is not None and answer.verdict is Eligible.YES
    agreement = agreement_part(pupil, campaign, scope, expected=expected)
    signing = agreement_entries(agreement.story, pupil, sees_addresses=sees_guardians, scope=scope)
    return page(
        "pupils/show.html",
        pupil=pupil,
        present=present,
        year=year,
        answer=answer,
        agreement=agreement,
        reasons=REASONS,
        loans=loans,
        problems=pupil_cases(pupil, loans),
        set_aside=pupils.set_aside_for(pupil_id),
        guardians=pupils.guardians_of(pupil_id) if sees_guardians else None,
        departure=next((each for each in departures if each["closed_at"] is None), None),
        story=pupil_entries(story, pupil, by_roster, signing, scope.school_ids),
        parcels=of_pupil(pupil_id, scope) if current_user.may(Permission.RECEIVE_PARCELS) else [],
        covers=scope.covers,
    )


@bp.post("/<int:pupil_id>/arrival")
@requires(Permission.MANAGE_CAMPAIGN)
def answer_arrival(pupil_id: int) -> Response:
    """Rule E2. An administrator says what the roster does not: did the pupil arrive in the course of their studies?"""
    if pupils.pupil_page(pupil_id, current_scope(), current_campaign(today())) is None:
        abort(404)
    arrived = {"yes": True, "no": False}.get(request.form.get("arrived", ""))
    if arrived is None:
        abort(400)
    eligibility.answer_arrival(pupil_id, arrived, actor=current_actor(), now=now())
    flash(_("Noted, and the pupil’s eligibility worked out anew."), "success")
    return see_other(url_for("pupils.show", pupil_id=pupil_id))


def _present(pupil: dict[str, Any], year: Year) -> bool:
    """Whether the enrolment that is shown is in force today (left or of an earlier year: no)."""
    stays = pupil["left_on"] is None or pupil["left_on"] > year.today
    return pupil["school_year"] >= year.school_year and stays


def _sees_guardians(pupil: dict[str, Any], scope: Scope, year: Year) -> bool:
    """The whole programme's logistics and administrators, and the school where the pupil is now."""
    return scope.school_ids is None or _present(pupil, year)


def _filters() -> PupilFilter:
    return PupilFilter(
        q=typed("q"),
        school=request.args.get("school", type=row_id),
        class_name=typed("class"),
        level=chosen("level", set(Level)),
        eligible=chosen("eligible", set(Eligible)),
        agreement=chosen("agreement", pupils.agreement_states()),
        equipped=chosen("equipped", {"yes", "no", "any"}),
        left=chosen("left", {"no", "yes", "any"}),
    )


def _options() -> dict[str, list[tuple[Any, str]]]:
    """The choices of each filter, everything first. One query."""
    return {
        "school": [("", _("All schools")), *school_choices(current_scope())],
        "level": [("", _("All")), *((level.value, words("level", level)) for level in Level)],
        "eligible": [("", _("All")), *((answer.value, words("eligible", answer)) for answer in Eligible)],
        "agreement": [("", _("All")), *((state, words("agreement", state)) for state in pupils.agreement_states())],
        "equipped": [
            ("", _("All")),
            ("yes", _("with a laptop")),
            ("no", _("without a laptop")),
            ("any", _("with any device")),
        ],
        "left": [
            ("", _("this year")), ("no", _("present today")), ("yes", _("gone, enrolled nowhere")),
            ("any", _("all years")),
        ],
    }  # fmt: skip


def _headings() -> list[str]:
    return [
        _("Family name"), _("Given name"), _("School"), _("UAI"), _("Class"), _("Level"), _("Eligible"), _("Reason"),
        _("Agreement"), _("Laptop"), _("Left on"),
    ]  # fmt: skip


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row["last_name"], row["first_name"], row["school"], row["uai"], row["class_name"],
            words("level", row["level"]), words("eligible", row["eligible"]),
            REASONS.get(row["eligible_reason"], row["eligible_reason"]), words("agreement", row["agreement"]),
            row["laptop"], row["left_on"],
        ]  # fmt: skip
