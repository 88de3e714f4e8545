"""The page of one case: where it stands and for how long, the next step, its files, earlier cases, its story."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from flask import Response, abort
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.models.cases import DeviceCase
from tracker.models.parcels import Parcel
from tracker.operations.case_decisions import earlier_cases
from tracker.queries import cases
from tracker.queries.campaigns import settings_in_force
from tracker.rules.access import Permission
from tracker.rules.calendar import local_date
from tracker.rules.campaign import CampaignSettings
from tracker.rules.cases import ENDED, MISSING, OWING, CaseKind, CaseOutcome, CaseState, DocumentKind, Step, is_overdue
from tracker.rules.custody import Holder
from tracker.rules.quotas import quota_case
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope
from tracker.web.cases.steps import OFFERS, ways
from tracker.web.clock import now, today
from tracker.web.language import moment
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, role_name, words
from tracker.web.stories import Entry

_UPLOADED = (DocumentKind.DECLARATION, DocumentKind.PHOTO, DocumentKind.OTHER)
_SIGNS = {
    "open": "flag", "awaiting_device": "truck-return", "diagnosis": "test-pipe", "in_repair": "tool",
    "owed": "device-laptop", "closed": "circle-check", "refused": "ban",
}  # fmt: skip


def case_or_404(case_id: int) -> DeviceCase:
    """The case; another school's is not there."""
    return cases.case_of(case_id, current_scope()) or abort(404)


def case_page(case: DeviceCase, refused: Refused | None = None, *, step: str = "", errors: Any = ()) -> Response:
    """The page, or where something was refused the page with why; `errors`: of the files that were sent."""
    settings = settings_in_force(today())
    around, files = cases.around(case, current_scope()), cases.files_of(case.id)
    parcel = cases.parcel_of(case) if case.state == CaseState.OWED else None
    at_school = _waits_at(case, around, parcel)
    on_file = any(each["kind"] == DocumentKind.DECLARATION for each in files)
    found = ways(case, current_actor(), has_declaration=on_file, is_sent=bool(parcel or at_school))
    return page(
        "cases/show.html", "content", status=422 if refused or errors else 200,
        case=case, around=around, files=files, errors=errors, parcel=parcel, at_school=at_school,
        next=found.next, others=found.others, late=is_late(case, settings),
        lasting=lasting(case.state_since, case.closed_at or now()),
        may_bridge=bool(settings["loaners"] and case.state in OWING and case.pupil_id and not case.loaner_id),
        spare=cases.spare_devices(around["model"]) if found.next is OFFERS[Step.ASSIGN] else [],
        lacks_declaration=case.kind in MISSING and case.state == CaseState.OPEN and not on_file,
        refusal=_refusal(refused, step) if refused else None, used=_quota_used(case, settings),
        earlier=_others(case), story=list(reversed(list(_entries(case)))), covers=current_scope().covers,
        document_kinds=[(kind.value, words("document", kind)) for kind in _UPLOADED],
    )  # fmt: skip


def is_late(case: Any, settings: CampaignSettings) -> bool:
    """Rule R1. Whether the case has stood in its state for too long."""
    return is_overdue(CaseState(case.state), case.state_since, now(), settings["case_overdue_days"])


def late_before() -> datetime:
    """What stands in its state since before then is overdue. The settings' query."""
    return now() - timedelta(days=settings_in_force(today())["case_overdue_days"])


def lasting(since: datetime, until: datetime) -> str:
    """How long: days as people count them."""
    days = _days(since, until)
    return ngettext("%(num)s day", "%(num)s days", days) if days else _("less than a day")


def _days(since: datetime, until: datetime) -> int:
    return (local_date(until) - local_date(since)).days


def _waits_at(case: DeviceCase, around: dict[str, Any], parcel: Parcel | None) -> int | None:
    """Rule D8. The school where the owed device waits for its pupil."""
    if case.state != CaseState.OWED:
        return None
    mine = "instead" if case.replacement_id else "device"
    holder = around["instead_holder" if case.replacement_id else "holder"]
    if holder == Holder.SCHOOL and (parcel or case.outcome == CaseOutcome.REPAIRED or case.replacement_id):
        return around[f"{mine}_school"]
    return None


def _refusal(refused: Refused, step: str) -> dict[str, Any]:
    """The sentence, who may decide otherwise, and the form by which this person does."""
    may_override = refused.overridable_by is not None and current_actor().may(Permission.OVERRIDE)
    lines = [refusal_sentence(refused)]
    if refused.overridable_by and not may_override:
        lines.append(_("Who can decide otherwise: %(role)s.", role=role_name(refused.overridable_by)))
    return {
        "sentence": " ".join(lines), "rule": refused.rule, "step": step, "may_override": may_override,
        "earlier": refused.facts.get("case_id"),
    }  # fmt: skip


def _quota_used(case: DeviceCase, settings: CampaignSettings) -> int | None:
    """Rule R3. The earlier case that used the quota, while that still stands against this one."""
    if case.state in ENDED or case.outcome or case.kind == CaseKind.SIGHTING:
        return None
    used = quota_case(CaseKind(case.kind), earlier_cases(case), shared=bool(settings["shared_quota"]))
    return used.case_id if used else None


def _others(case: DeviceCase) -> list[dict[str, Any]]:
    if case.pupil_id:
        return cases.cases_beside(case, current_scope())
    return [row for row in cases.cases_of_device(case.device_id, current_scope()) if row["id"] != case.id]


def _entries(case: DeviceCase) -> Iterator[Entry]:
    """The story, the first step first: when, by whom, why, and how long it stood there."""
    steps = cases.story(case.id)
    stands = [each for each in steps if not each["seen"]]
    ended = dict(
        zip((each["id"] for each in stands), (after["at"] for _before, after in pairwise(stands)), strict=False)
    )
    for each in steps:
        yield _seen(each) if each["seen"] else _stood(each, ended.get(each["id"]))


def _stood(step: dict[str, Any], until: datetime | None) -> Entry:
    state, until = step["state"], until or now()
    # What lasted for less than a day is not worth a word.
    tells = state not in ENDED and _days(step["at"], until)
    spent = _("in this state for %(days)s", days=lasting(step["at"], until)) if tells else ""
    return Entry(
        words("case", state).capitalize(), moment(step["at"]), step["at"].isoformat(), who=_person(step),
        why=" · ".join(part for part in (step["note"], spent) if part),
        tone={"closed": "ok", "refused": "bad"}.get(state, "neutral"), sign=_SIGNS[state],
    )  # fmt: skip


def _seen(step: dict[str, Any]) -> Entry:
    """Rule R4. Where the missing device was scanned; who did it is told within their school only."""
    mine = current_scope().covers(step["school"])
    return Entry(
        _("The missing device was scanned"), moment(step["at"]), step["at"].isoformat(),
        who=_person(step) if mine else "", where=_place(step, mine=mine), tone="bad", sign="alert-octagon",
    )  # fmt: skip


def _place(step: dict[str, Any], *, mine: bool) -> str:
    if step["school"] is None:
        return words("holder", Holder.WAREHOUSE)
    return step["school_name"] if mine else _("another school")


def _person(step: dict[str, Any]) -> str:
    return step["person"] or ("" if step["actor_id"] else _("the family"))
