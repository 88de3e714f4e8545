"""What every carrier has in common: a consignment in, its label and its number out."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tracker.rules.addresses import Address


class CarrierFailed(Exception):
    """No label came: `reason` is one stable word (unreachable, refused, unreadable), `said` what the carrier said."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(f"{reason}: {said}")
        self.reason = reason
        self.said = said[:300]


@dataclass(frozen=True)
class Consignment:
    """One parcel as a carrier needs it; `is_return`: it comes back to the Région, who pays."""

    reference: str
    sender: Address
    recipient: Address
    weight_kg: float
    shipped_on: date
    is_return: bool = False


@dataclass(frozen=True)
class CarrierLabel:
    """What the carrier gave: its tracking number and its label as PDF."""

    tracking: str
    pdf: bytes


class Carrier(Protocol):
    """A way of sending. `longest_line`: signs of a line of an address that it prints whole."""

    name: str
    longest_line: int

    def order(self, consignment: Consignment) -> CarrierLabel | None:
        """Ask for a label; None where our own is the label. Raises CarrierFailed."""
