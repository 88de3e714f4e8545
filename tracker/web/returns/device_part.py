"""What a device's page says and offers where the device must come back, or may be asked back."""

from typing import Any

from flask_login import current_user

from tracker.queries import expected_returns
from tracker.queries.campaigns import settings_in_force
from tracker.rules.access import Permission
from tracker.rules.custody import DeviceState
from tracker.rules.expected_returns import BY_HAND, due_date, is_overdue
from tracker.web.access import current_scope
from tracker.web.clock import today
from tracker.web.sentences import words


def device_return(device: dict[str, Any]) -> dict[str, Any] | None:
    """What is expected, or the form that asks for it; None where this person has no part in it."""
    if not current_user.may(Permission.SEND_RETURNS):
        return None
    expected = expected_returns.return_of_device(device["id"], current_scope())
    if expected:
        return {"expected": expected, "late": is_overdue(expected["due_on"], today())}
    if device["state"] != DeviceState.LENT or not expected_returns.may_ask_back(device["id"], current_scope()):
        return None
    due_on = due_date(today(), settings_in_force(today())["return_days"])
    reasons = [(reason.value, words("return_reason", reason)) for reason in BY_HAND]
    return {"expected": None, "due_on": due_on, "first_day": today(), "reasons": reasons}
