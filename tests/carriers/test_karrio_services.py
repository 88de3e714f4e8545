"""Colissimo and Chronopost through karrio, against services on this machine that answer as theirs do."""

import json
from datetime import date

import pytest

from tests.carriers import services
from tests.carriers.services import PDF, serving
from tracker.carriers.carrier import CarrierFailed, CarrierLabel, Consignment
from tracker.carriers.karrio_services import Account, Chronopost, Colissimo
from tracker.rules.addresses import Address

pytest.importorskip("karrio", reason="the extra carriers is not installed (requirements/carriers.txt)")

REGION = Address("Région Normandie – PNL", "12 rue de l’Essai", "14000", "Caen")
SCHOOL = Address("Lycée Jean-Baptiste Colbert de la Ville", "4 rue du Port", "76140", "Quevilly", "Bâtiment B")


def consignment(**changes) -> Consignment:
    values = {"sender": REGION, "recipient": SCHOOL, "weight_kg": 2.5, "shipped_on": date(2026, 10, 5)} | changes
    return Consignment("004000000000000123", **values)


def at(service, carrier=Colissimo):
    return carrier(Account("123456", "secret", service.url))


def test_colissimo_gives_its_number_and_its_label_byte_for_byte():
    with serving() as service:
        service.answer = services.colissimo_label()
        assert at(service).order(consignment()) == CarrierLabel("8R00000000012", PDF)
    path, body = service.asked[0]
    asked = json.loads(body)
    assert path == "/generateLabel"
    assert (asked["contractNumber"], asked["outputFormat"]["outputPrintingType"]) == ("123456", "PDF_10x15_300dpi")
    letter = asked["letter"]
    assert letter["service"]["productCode"] == "DOM"
    assert letter["parcel"]["weight"] == 2.5
    to = letter["addressee"]["address"]
    assert (to["companyName"], to["line2"]) == ("Lycée Jean-Baptiste Colbert de la", "4 rue du Port")
    assert to["line3"] == "Ville, Bâtiment B"
    assert (to["zipCode"], to["city"], to["countryCode"]) == ("76140", "Quevilly", "FR")


def test_a_return_is_paid_by_the_region():
    with serving() as service:
        service.answer = services.colissimo_label()
        at(service).order(consignment(is_return=True))
    assert json.loads(service.asked[0][1])["letter"]["service"]["productCode"] == "CORE"


def test_chronopost_gives_its_number_and_its_label():
    with serving() as service:
        service.answer = services.chronopost_label()
        assert at(service, Chronopost).order(consignment()) == CarrierLabel("XY000000012FR", PDF)
    path, body = service.asked[0]
    assert path == "/shipping-cxf/ShippingServiceWS"
    for words in (
        "<accountNumber>123456<",
        "<recipientZipCode>76140<",
        "Bâtiment B",
        "<shipperRef>004000000000000123<",
    ):
        assert words in body


@pytest.mark.parametrize(
    ("carrier", "answer", "reason", "said"),
    [
        (Colissimo, services.colissimo_error(), "refused", "Le code postal du destinataire est invalide"),
        (Chronopost, services.chronopost_error(), "refused", "Mot de passe incorrect"),
        (Colissimo, services.colissimo_label(pdf=b"%PDF-1.4 cut off"), "unreadable", "HTTP 200"),
        (Chronopost, services.chronopost_label(pdf=b"<html>"), "unreadable", "HTTP 200"),
        (Colissimo, (502, "text/html", b"<html>Bad gateway</html>"), "unreadable", "HTTP 502"),
        (Colissimo, (200, "application/json", b'{"messages": [5]}'), "unreadable", "HTTP 200"),
        (Colissimo, (200, "application/json", b'{"labelV2Response": 7}'), "unreadable", "HTTP 200"),
        (Chronopost, (502, "text/html", b"<html>Bad <gateway</html>"), "unreadable", "HTTP 502"),
        (Chronopost, (200, "text/xml", b"\xff\xfe"), "unreadable", "HTTP 200"),
    ],
)
def test_what_goes_wrong_is_said_in_the_carriers_words_or_by_its_status(carrier, answer, reason, said):
    with serving() as service:
        service.answer = answer
        with pytest.raises(CarrierFailed) as failed:
            at(service, carrier).order(consignment())
    assert (failed.value.reason, failed.value.said) == (reason, said)


@pytest.mark.parametrize("carrier", [Colissimo, Chronopost])
@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "file:///etc/hostname"])
def test_a_service_that_is_not_there_is_unreachable(carrier, url):
    with pytest.raises(CarrierFailed, match="unreachable"):
        carrier(Account("1", "2", url)).order(consignment())
