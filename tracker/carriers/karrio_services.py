"""Colissimo and Chronopost: karrio writes the request and reads the answer, `transport.py` carries both."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.carriers.carrier import CarrierFailed, CarrierLabel, Consignment
from tracker.carriers.transport import Answer, post
from tracker.rules.addresses import Address, in_parts


@dataclass(frozen=True)
class Account:
    """The contract with a carrier; `url` where its service is (empty: the carrier's own address)."""

    number: str
    password: str
    url: str = ""


class Colissimo:
    """La Poste's parcels, through their REST service for labels."""

    name = "colissimo"
    longest_line = 35
    _url = "https://ws.colissimo.fr/sls-ws/SlsServiceWSRest/2.0"

    def __init__(self, account: Account) -> None:
        self._account = account

    def order(self, consignment: Consignment) -> CarrierLabel:
        """A label by which the Région pays, or its return label. Raises CarrierFailed."""
        from karrio import lib
        from karrio.mappers.colissimo import Mapper, Settings

        settings = Settings(contract_number=self._account.number, password=self._account.password)
        service = "colissimo_return_france" if consignment.is_return else "colissimo_home_without_signature"
        mapper = Mapper(settings)
        request = mapper.create_shipment_request(_request(consignment, service, "PDF_10x15_300dpi", self.longest_line))
        url = f"{self._account.url or self._url}/generateLabel"
        answer = post(url, lib.to_json(request.serialize()), "application/json;charset=UTF-8")
        read = lib.Deserializable(_colissimo_answer(answer), ctx=request.ctx)
        return _label(*_read(lambda: mapper.parse_shipment_response(read), answer), answer)


def _colissimo_answer(answer: Answer) -> dict[str, Any]:
    """The parts of the answer, as karrio reads them: its own reader takes line ends to be LF, and MIME has CRLF."""
    parts = answer.parts()
    try:
        told = json.loads(parts.get("jsonInfos", parts.get("", b"{}")) or b"{}")
    except ValueError as error:
        raise CarrierFailed("unreadable", f"HTTP {answer.status}") from error
    label = parts.get("label")
    return {"json_info": told if isinstance(told, dict) else {}, "label": label.decode("latin-1") if label else None}


class Chronopost:
    """Chronopost, through its SOAP service."""

    name = "chronopost"
    longest_line = 38
    _url = "https://ws.chronopost.fr"

    def __init__(self, account: Account) -> None:
        self._account = account

    def order(self, consignment: Consignment) -> CarrierLabel:
        """A label for delivery before 13:00. Raises CarrierFailed."""
        from karrio import lib
        from karrio.mappers.chronopost import Mapper, Settings

        settings = Settings(account_number=self._account.number, password=self._account.password, language="fr_FR")
        mapper = Mapper(settings)
        request = mapper.create_shipment_request(_request(consignment, "chronopost_13", "PDF", self.longest_line))
        url = f"{self._account.url or self._url}/shipping-cxf/ShippingServiceWS"
        answer = post(url, request.serialize(), "text/xml; charset=utf-8")
        details, messages = _read(
            lambda: mapper.parse_shipment_response(lib.Deserializable(lib.to_element(answer.body.decode()))), answer
        )
        return _label(details, messages, answer)


def _read(work: Callable[[], tuple[Any, Any]], answer: Answer) -> tuple[Any, Any]:
    """Details and messages of an answer; karrio lets through whatever an answer of another form raises in it."""
    try:
        return work()
    except Exception as error:
        raise CarrierFailed("unreadable", f"HTTP {answer.status}") from error


def _request(consignment: Consignment, service: str, label_type: str, longest_line: int) -> Any:
    from karrio.core.models import Parcel, ShipmentRequest

    return ShipmentRequest(
        service=service,
        reference=consignment.reference,
        shipper=_address(consignment.sender, longest_line),
        recipient=_address(consignment.recipient, longest_line),
        parcels=[Parcel(weight=consignment.weight_kg, weight_unit="KG", reference_number=consignment.reference)],
        options={"shipment_date": consignment.shipped_on.isoformat()},
        label_type=label_type,
    )


def _address(address: Address, longest_line: int) -> Any:
    from karrio.core.models import Address as TheirAddress

    name, street, more = in_parts(address, longest_line)
    return TheirAddress(
        company_name=name, address_line1=street, address_line2=more or None, postal_code=address.postcode,
        city=address.city, country_code="FR",
    )  # fmt: skip


def _label(details: Any, messages: Sequence[Any], answer: Answer) -> CarrierLabel:
    """The label, whole; CarrierFailed with the carrier's own words otherwise."""
    said = " ".join(str(each.message) for each in messages if each.message)
    if said or details is None or not details.tracking_number:
        raise CarrierFailed("refused" if said else "unreadable", said or f"HTTP {answer.status}")
    pdf = base64.b64decode(details.docs.label or "")
    if not pdf.startswith(b"%PDF") or b"%%EOF" not in pdf[-1024:]:
        raise CarrierFailed("unreadable", f"HTTP {answer.status}")
    return CarrierLabel(str(details.tracking_number), pdf)
