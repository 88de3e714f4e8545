"""The entries of the side and bottom bars, the tabs below an entry, and the context that every page shows (0029)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from tracker.queries.campaigns import current_campaign
from tracker.rules.access import Permission
from tracker.web.clock import today
from tracker.web.render import is_fragment
from tracker.web.sentences import role_name


@dataclass(frozen=True)
class Place:
    """One screen that the bars lead to.

    `below`: groups of screens that are reached from it. `unless`: who may this has another way there.
    """

    permission: Permission
    label: LazyString
    icon: str
    endpoint: str
    below: tuple[str, ...] = ()
    unless: Permission | None = None

    def is_for_me(self) -> bool:
        """Whether the signed-in person is led there."""
        return current_user.may(self.permission) and not (self.unless and current_user.may(self.unless))

    def is_around(self, endpoint: str) -> bool:
        """Whether that screen is this one or is reached from it."""
        group = endpoint.split(".")[0]
        return endpoint == self.endpoint or group in self.below or endpoint in self.below


@dataclass(frozen=True)
class Section:
    """One entry of the bars, with its places as tabs; where one of them is open to a person, the entry is that one."""

    label: LazyString
    icon: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Entry:
    """One link of the bars or tabs, as this person sees it."""

    label: LazyString
    icon: str
    url: str
    active: bool


MENU = (
    Section(_l("Home"), "home", (Place(Permission.SIGNED_IN, _l("Home"), "home", "home.index"),)),
    Section(_l("Hand over"), "scan", (
        Place(Permission.HAND_OVER, _l("Hand over"), "scan", "handover.choose", ("handover",)),
        Place(Permission.PRINT_SLIPS, _l("Print"), "printer", "printing.index", ("printing",)),
        Place(Permission.HAND_OVER, _l("Scanner test"), "keyboard", "scanning.test"),
    )),
    Section(_l("Returns"), "truck-return", (
        Place(Permission.SEE_PUPILS, _l("Departures"), "logout", "departures.index",
              ("departures", "class_departures")),
        Place(Permission.SEND_RETURNS, _l("Due back"), "truck-return", "returns.index", ("returns",)),
        Place(Permission.TAKE_BACK, _l("Take back"), "arrow-back-up", "returns_desk.choose",
              ("returns_desk", "return_papers", "noted_devices")),
        Place(Permission.OPEN_CASES, _l("Cases"), "clipboard-list", "cases.index",
              ("cases", "case_reports", "case_files", "case_steps")),
        Place(Permission.RECEIVE_PARCELS, _l("Parcels"), "package", "parcels.index",
              ("parcels", "parcel_sending", "reception"),
              unless=Permission.MANAGE_PARCELS),
    )),
    Section(_l("Parcels"), "package", (
        Place(Permission.MANAGE_PARCELS, _l("Parcels"), "package", "parcels.index", ("parcels", "parcel_sending")),
        Place(Permission.MANAGE_PARCELS, _l("Scan out"), "truck", "scan_out.index", ("scan_out",)),
        Place(Permission.MANAGE_PARCELS, _l("Receive"), "truck-delivery", "reception.choose", ("reception",)),
        Place(Permission.MANAGE_PARCELS, _l("Addresses"), "map-pin", "school_addresses.index", ("school_addresses",)),
    )),
    Section(_l("Pupils"), "users", (
        Place(Permission.SEE_PUPILS, _l("Pupils"), "users", "pupils.index", ("pupils",)),
        Place(Permission.IMPORT_ROSTERS, _l("Pupil roster"), "file-import", "rosters.index", ("rosters",)),
    )),
    Section(_l("Agreements"), "signature", (
        Place(Permission.PRINT_AGREEMENTS, _l("Signature rate"), "chart-bar", "agreements.index", ("agreements",)),
        Place(Permission.PRINT_AGREEMENTS, _l("Unsigned"), "list-check", "unsigned.index", ("unsigned",)),
        Place(Permission.SEND_AGREEMENTS, _l("Send"), "send", "sending.index", ("sending",)),
        Place(Permission.PRINT_AGREEMENTS, _l("Scans"), "photo-scan", "piles.index", ("piles", "pages")),
        Place(Permission.VALIDATE_AGREEMENTS, _l("Validation"), "clipboard-check", "validation.index", ("validation",)),
    )),
    Section(_l("Devices"), "device-laptop", (
        Place(Permission.SEE_DEVICES, _l("Devices"), "device-laptop", "devices.index", ("devices",)),
        Place(Permission.TAKE_STOCK, _l("Stocktakes"), "clipboard-check", "stocktakes.index",
              ("stocktakes", "stocktake_desk", "stocktake_start")),
    )),
    Section(_l("Reuse"), "recycle", (
        Place(Permission.MANAGE_REUSE, _l("Waiting"), "list-check", "reuse.index", ("reuse",)),
        Place(Permission.MANAGE_REUSE, _l("Batches"), "packages", "batches.index",
              ("batches", "batch_desk", "batch_lists", "batch_papers")),
        Place(Permission.MANAGE_REUSE, _l("Yearly report"), "chart-bar", "reuse_report.index", ("reuse_report",)),
    )),
    Section(_l("Settings"), "settings", (
        Place(Permission.MANAGE_CAMPAIGN, _l("Campaign"), "settings", "campaign.index",
              ("campaign", "agreement_texts")),
        Place(Permission.MANAGE_CAMPAIGN, _l("Schools"), "school", "schools.index", ("schools",)),
        Place(Permission.MANAGE_CAMPAIGN, _l("Roster codes"), "help", "codes.index", ("codes",)),
        Place(Permission.MANAGE_CODE_RULES, _l("Label reading"), "barcode", "scanning.rules", ("scanning.edit_rule",)),
        Place(Permission.MANAGE_USERS, _l("Users"), "user", "users.index", ("users",)),
    )),
)  # fmt: skip
"""In the order of work; the desks come first, since four entries are at hand on a phone."""


def init_app(app: Flask) -> None:
    """Give every template the entries, the school year and the schools in force."""
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    if not current_user or not current_user.is_authenticated or is_fragment():
        return {}
    campaign = current_campaign(today())
    return {
        **_bars(),
        "school_year_label": campaign.label if campaign else _("no school year"),
        "scope_label": _scope_label(),
        "role_label": role_name(current_user.role),
    }


def _bars() -> dict[str, Any]:
    """The entries, and the tabs of the open one with its name."""
    here, entries, tabs, tabs_label = request.endpoint or "", [], [], ""
    for label, icon, places in _sections():
        open_place = next((each for each in places if each.is_around(here)), None)
        entries.append(Entry(label, icon, url_for(places[0].endpoint), open_place is not None))
        if open_place and len(places) > 1:
            tabs_label = label
            tabs = [Entry(each.label, each.icon, url_for(each.endpoint), each is open_place) for each in places]
    return {"navigation": entries, "tabs": tabs, "tabs_label": tabs_label}


def _sections() -> Iterator[tuple[LazyString, str, list[Place]]]:
    """Name, sign and places of each section that holds something for this person."""
    for section in MENU:
        places = [each for each in section.places if each.is_for_me()]
        if places:
            named = section if len(places) > 1 else places[0]
            yield named.label, named.icon, places


def _scope_label() -> str:
    names = current_user.account.school_names
    if current_user.actor.scope.school_ids is None:
        return _("All schools")
    if len(names) == 1:
        return names[0]
    return ngettext("%(num)s school", "%(num)s schools", len(names))
