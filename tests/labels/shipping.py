"""Shipping labels for tests, with the words of a real one."""

from tracker.labels import ShippingCaptions, ShippingLabel
from tracker.rules.sscc import sscc

CAPTIONS = ShippingCaptions(
    title="Étiquettes d’expédition",
    programme="Région Normandie · Pack Numérique Lycéen",
    sender="Expéditeur",
    recipient="Destinataire",
    contents="Contenu",
    contact="Assistance des familles : 0 800 97 87 00 (appel gratuit), support@example.org",
    funding="Financé par la Région Normandie et l’Union européenne",
    cut="À couper le long des pointillés",
)
WIDE_ADDRESS = ("W" * 38, "LYCÉE WWWWWW MMMMMM WWWWWWW MMMMMMM WWW", "É" * 38, "M" * 38, "@" * 38, "76140 PORT")


def a_label(serial: int = 7, **changes) -> ShippingLabel:
    values = {
        "reference": sscc("", serial),
        "kind": "COLIS NOMINATIF",
        "sender": ("Région Normandie – retours PNL", "12 rue de l’Essai", "14000 CAEN"),
        "recipient": ("Lycée Jean-Baptiste Colbert", "4 rue du Port", "76140 LE PETIT-QUEVILLY"),
        "contents": "1 appareil",
        "whom": "Martin Léa · 2GT1",
        "steps_title": "Pour renvoyer l’appareil",
        "steps": ("Mettez tout dans la boîte d’origine.", "Imprimez à 100 %.", "Collez l’étiquette à plat."),
    }
    return ShippingLabel(**(values | changes))
