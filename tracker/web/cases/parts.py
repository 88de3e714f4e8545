"""What a device's and a pupil's page say of cases: the open one, earlier ones, the way to report a problem."""

from typing import Any

from flask import url_for
from flask_login import current_user

from tracker.queries import cases
from tracker.queries.campaigns import settings_in_force
from tracker.rules.access import Permission
from tracker.rules.cases import REPORTED, CaseState, is_overdue
from tracker.rules.custody import DeviceState
from tracker.web.access import current_scope
from tracker.web.clock import now, today

_GONE = (DeviceState.LOST, DeviceState.STOLEN, DeviceState.RETIRED)


def device_cases(device: dict[str, Any]) -> dict[str, Any] | None:
    """The cases about a device; None for who has no part in them."""
    if not current_user.may(Permission.OPEN_CASES):
        return None
    rows = cases.cases_of_device(device["id"], current_scope())
    is_open = any(row["closed_at"] is None and row["kind"] in REPORTED for row in rows)
    may_report = not is_open and device["state"] not in _GONE
    return _part(rows, url_for("case_reports.new", device=device["id"]) if may_report else None)


def pupil_cases(pupil: dict[str, Any], loans: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Rule R3. The cases of a pupil, wherever they began; None for who has no part in them."""
    if not current_user.may(Permission.OPEN_CASES):
        return None
    rows = cases.cases_of_pupil(pupil["id"])
    lent = {loan["serial"] for loan in loans if loan["ended_at"] is None}
    reported = {row["serial"] for row in rows if row["closed_at"] is None}
    url = url_for("case_reports.new", pupil=pupil["id"]) if lent - reported else None
    writes = url_for("case_reports.write", pupil_id=pupil["id"]) if lent and not pupil["deceased"] else None
    return _part(rows, url, writes)


def _part(rows: list[dict[str, Any]], report_url: str | None, write_url: str | None = None) -> dict[str, Any]:
    days = settings_in_force(today())["case_overdue_days"] if rows else 0
    for row in rows:
        row["late"] = is_overdue(CaseState(row["state"]), row["state_since"], now(), days)
        row["url"] = url_for("cases.show", case_id=row["id"]) if current_scope().covers(row["school"]) else None
    return {"rows": rows, "report_url": report_url, "write_url": write_url}
