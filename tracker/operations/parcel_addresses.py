"""Who sends a parcel and who receives it: schools, and the place that devices come back to (L2, D8)."""

from dataclasses import dataclass

from tracker.models.schools import School
from tracker.rules.addresses import Address, parse_address, printed_lines
from tracker.rules.campaign import CampaignSettings
from tracker.rules.parcels import ParcelKind


@dataclass(frozen=True)
class Route:
    """Both addresses of a parcel, each of which can be printed whole."""

    sender: Address
    recipient: Address


def route_of(kind: ParcelKind, school: School, sender: Address | None, settings: CampaignSettings) -> Route:
    """Rules L2, D8. From the Région to the school, or from the school (or `sender`) to the Région.

    Raises Refused: address_incomplete, address_too_long, address_line_too_long.
    """
    region, lycee = parse_address(settings["return_address"]), sender or school_address(school)
    found = Route(lycee, region) if kind is ParcelKind.RETURN else Route(region, school_address(school))
    printed_lines(found.sender)
    printed_lines(found.recipient)
    return found


def school_address(school: School) -> Address:
    """Where the post finds the school."""
    return Address(school.name, school.street, school.postcode, school.city)
