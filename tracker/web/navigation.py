"""The entries of the side and bottom bars, by role, and the context that every page shows."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from tracker.queries.campaigns import current_campaign
from tracker.rules.access import Permission
from tracker.web.clock import today
from tracker.web.render import is_fragment
from tracker.web.sentences import role_name


@dataclass(frozen=True)
class Entry:
    """One entry of the bars."""

    label: str
    icon: str
    url: str
    active: bool


_BELOW = {
    "agreement_texts": "campaign", "unsigned": "agreements", "sending": "agreements", "piles": "agreements",
    "pages": "agreements", "validation": "agreements", "case_reports": "cases", "case_files": "cases",
    "parcel_sending": "parcels", "scan_out": "parcels", "reception": "parcels",
    "school_addresses": "parcels",
}  # fmt: skip
"""Groups of screens that are reached from the entry of another one."""


def init_app(app: Flask) -> None:
    """Give every template the entries, the school year and the schools in force."""
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    if not current_user or not current_user.is_authenticated or is_fragment():
        return {}
    campaign = current_campaign(today())
    return {
        "navigation": _entries(),
        "school_year_label": campaign.label if campaign else _("no school year"),
        "scope_label": _scope_label(),
        "role_label": role_name(current_user.role),
    }


def _entries() -> list[Entry]:
    listed = (
        (Permission.SIGNED_IN, _("Home"), "home", "home.index"),
        (Permission.HAND_OVER, _("Hand over"), "scan", "handover.choose"),
        (Permission.SEE_PUPILS, _("Pupils"), "users", "pupils.index"),
        (Permission.IMPORT_ROSTERS, _("Pupil roster"), "file-import", "rosters.index"),
        (Permission.PRINT_AGREEMENTS, _("Agreements"), "signature", "agreements.index"),
        (Permission.SEE_PUPILS, _("Departures"), "logout", "departures.index"),
        (Permission.SEND_RETURNS, _("Returns"), "truck-return", "returns.index"),
        (Permission.OPEN_CASES, _("Cases"), "clipboard-list", "cases.index"),
        (Permission.RECEIVE_PARCELS, _("Parcels"), "package", "parcels.index"),
        (Permission.SEE_DEVICES, _("Devices"), "device-laptop", "devices.index"),
        (Permission.PRINT_SLIPS, _("Print"), "printer", "printing.index"),
        (Permission.HAND_OVER, _("Scanner test"), "keyboard", "scanning.test"),
        (Permission.MANAGE_CODE_RULES, _("Label reading"), "barcode", "scanning.rules"),
        (Permission.MANAGE_CAMPAIGN, _("Roster codes"), "help", "codes.index"),
        (Permission.MANAGE_USERS, _("Users"), "user", "users.index"),
        (Permission.MANAGE_CAMPAIGN, _("Campaign"), "settings", "campaign.index"),
    )
    return [
        Entry(label, sign, url_for(endpoint), _is_open(endpoint))
        for permission, label, sign, endpoint in listed
        if current_user.may(permission)
    ]


def _is_open(endpoint: str) -> bool:
    here = request.endpoint or ""
    if endpoint.startswith("scanning."):
        return here.startswith(endpoint)
    group = here.split(".")[0]
    return _BELOW.get(group, group) == endpoint.split(".")[0]


def _scope_label() -> str:
    names = current_user.account.school_names
    if current_user.actor.scope.school_ids is None:
        return _("All schools")
    if len(names) == 1:
        return names[0]
    return ngettext("%(num)s school", "%(num)s schools", len(names))
