"""The figures of the home page: each is the count of exactly the list that it links to."""

from dataclasses import dataclass, replace

from tracker.queries import cases, departures, devices, paper, parcels, pupils, rates
from tracker.queries.devices import PROBLEM, DeviceFilter
from tracker.queries.pupils import PupilFilter, Year
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState
from tracker.rules.custody import DeviceKind, DeviceState
from tracker.rules.eligibility import Eligible
from tracker.rules.parcels import ParcelState
from tracker.rules.signature_rate import Rate

TO_EQUIP = PupilFilter(eligible=Eligible.YES.value, equipped="no", left="no")
"""Eligible (E1, E2), schooled today (E3), no open loan of a laptop (E4)."""

READY = replace(TO_EQUIP, agreement=AgreementState.VALIDATED.value)
"""Those of them whose agreement is validated (A4): the next hand-overs."""

EQUIPPED = PupilFilter(equipped="yes", left="no")
"""Schooled today, with an open loan of a laptop."""

TO_CHECK = PupilFilter(eligible=Eligible.CHECK.value, left="no")
"""Schooled today, and the rules leave it to a person whether they get a laptop."""

LEAVERS = PupilFilter(equipped="any", left="yes")
"""Gone, schooled nowhere else, and still answering for a device (L2, L4, L5)."""

MISSING = DeviceFilter(state=PROBLEM, answerable="yes")
"""Lost, stolen or in repair, and still answered for by a pupil (R1, R2)."""

IN_STOCK = DeviceFilter(state=DeviceState.IN_STOCK.value, kind=DeviceKind.LAPTOP.value)
LENT = DeviceFilter(state=DeviceState.LENT.value, kind=DeviceKind.LAPTOP.value)


@dataclass(frozen=True)
class Figures:
    """What the home page counts of pupils, and the devices to follow up.

    `papers`: signed ones to be validated; `to_qualify`: departures that nobody has answered (L5); `expected`: devices
    that are to come back (L7); `cases`: open ones (R1, R2); `prepared`, `shipped`: parcels.
    """

    to_equip: int
    ready: int
    equipped: int
    to_check: int
    leavers: int
    missing: int
    rate: Rate
    papers: int
    to_qualify: int
    expected: int
    cases: int
    prepared: int
    shipped: int

    @property
    def problems(self) -> int:
        """Everything that somebody has to look into."""
        return self.to_check + self.leavers + self.missing

    @property
    def returning(self) -> int:
        """Everything that leaves, comes back or is to be repaired."""
        return self.to_qualify + self.expected + self.cases + self.prepared + self.shipped


@dataclass(frozen=True)
class DeviceFigures:
    """What the home page counts for who sees devices only."""

    in_stock: int
    lent: int
    missing: int


def figures(scope: Scope, year: Year) -> Figures:
    """The figures of the schools in scope on this day. Nine queries, whatever there is."""
    to_equip, ready, equipped, to_check = pupils.counts((TO_EQUIP, READY, EQUIPPED, TO_CHECK), scope, year)
    boxes = parcels.in_each_state(scope)
    return Figures(
        to_equip=to_equip,
        ready=ready,
        equipped=equipped,
        to_check=to_check,
        leavers=pupils.listing(LEAVERS, scope, year).count(),
        missing=_devices(MISSING, scope),
        rate=rates.total_rate(scope, year),
        papers=paper.waiting(scope, year).count(),
        to_qualify=departures.listing(departures.TO_QUALIFY, scope).count(),
        expected=departures.awaited(scope).count(),
        cases=cases.open_ones(scope).count(),
        prepared=boxes.get(ParcelState.PREPARED, 0),
        shipped=boxes.get(ParcelState.SHIPPED, 0),
    )


def device_figures(scope: Scope) -> DeviceFigures:
    """The figures for who sees no pupils. Three queries."""
    return DeviceFigures(_devices(IN_STOCK, scope), _devices(LENT, scope), _devices(MISSING, scope))


def _devices(filters: DeviceFilter, scope: Scope) -> int:
    return devices.listing(filters, scope).count()
