"""The built-in carrier: our own label, no account, no network; whoever takes the parcel writes its number in later."""

from tracker.carriers.carrier import CarrierLabel, Consignment
from tracker.rules.addresses import LINE
from tracker.rules.parcels import OWN_CARRIER


class OwnCarrier:
    """Nothing is asked of anybody."""

    name = OWN_CARRIER
    longest_line = LINE

    def order(self, consignment: Consignment) -> CarrierLabel | None:
        """Our own label is enough."""
        return None
