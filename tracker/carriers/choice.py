"""The choice of carriers, by the settings."""

from importlib.util import find_spec

from tracker.carriers.carrier import Carrier
from tracker.carriers.karrio_services import Account, Chronopost, Colissimo
from tracker.carriers.own import OwnCarrier
from tracker.config import Settings


def open_carriers(settings: Settings) -> dict[str, Carrier]:
    """Our own label, and each carrier that has a contract in the settings and whose extra is installed, by name."""
    found: list[Carrier] = [OwnCarrier()]
    if find_spec("karrio") is not None:
        if settings.colissimo_account:
            found.append(Colissimo(_account(settings, "colissimo")))
        if settings.chronopost_account:
            found.append(Chronopost(_account(settings, "chronopost")))
    return {carrier.name: carrier for carrier in found}


def _account(settings: Settings, name: str) -> Account:
    password = getattr(settings, f"{name}_password").get_secret_value()
    return Account(getattr(settings, f"{name}_account"), password, getattr(settings, f"{name}_url").rstrip("/"))
