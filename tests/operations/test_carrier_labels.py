"""A carrier's label: asked for outside of any transaction, written whole or not at all; on both engines."""

import pytest

from tests.factories import NOW, actor, make_campaign
from tests.parcels import addressed_school, outbound, with_return_address
from tracker.carriers.carrier import CarrierFailed, CarrierLabel
from tracker.models.database import database
from tracker.models.parcels import Parcel
from tracker.operations import parcels
from tracker.operations.carrier_labels import kept_label, request_label
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.refusals import Refused
from tracker.storage.local import LocalStorage

pytestmark = pytest.mark.usefixtures("db")


class Pigeon:
    """A carrier that says what it is told to say."""

    name = "pigeon"
    longest_line = 35

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked = []

    def order(self, consignment):
        assert not database.in_transaction(), "the network is asked inside of a transaction"
        self.asked.append(consignment)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def storage(tmp_path):
    return LocalStorage(tmp_path)


def ask(parcel, pigeon, storage):
    values = {"carriers": {"pigeon": pigeon}, "storage": storage, "actor": actor(), "now": NOW}
    return request_label(parcel.id, "pigeon", **values)


@pytest.fixture
def parcel(db):
    make_campaign()
    with_return_address()
    return outbound(addressed_school(name="Lycée Malherbe"))


def test_number_and_label_are_kept_with_the_parcel(parcel, storage):
    pigeon = Pigeon(CarrierLabel("PG1234567", b"%PDF"))
    ask(parcel, pigeon, storage)
    kept = Parcel.get()
    assert (kept.carrier, kept.tracking) == ("pigeon", "PG1234567")
    assert (pigeon.asked[0].reference, pigeon.asked[0].weight_kg) == (parcel.reference, 2.5)
    with kept_label(parcel.id, EVERYWHERE, storage) as file:
        assert file.read() == b"%PDF"
    assert kept_label(parcel.id, Scope(frozenset()), storage) is None
    with pytest.raises(Refused, match="parcel_has_carrier"):
        ask(parcel, pigeon, storage)


def test_a_failure_leaves_the_parcel_as_it_was(parcel, storage):
    with pytest.raises(Refused, match="carrier_failed") as refused:
        ask(parcel, Pigeon(CarrierFailed("refused", "Contrat inconnu")), storage)
    assert refused.value.facts["said"] == "Contrat inconnu"
    assert (Parcel.get().carrier, Parcel.get().label) == ("own", None)


def test_an_address_that_the_carrier_would_cut_is_refused_before_it_is_asked(db, storage):
    make_campaign()
    with_return_address()
    street = "quatre rue du Port maritime prolongée"
    pigeon = Pigeon(CarrierLabel("PG1234567", b"%PDF"))
    with pytest.raises(Refused, match="address_line_too_long"):
        ask(outbound(addressed_school(street=street)), pigeon, storage)
    assert pigeon.asked == []


def test_only_a_prepared_parcel_goes_to_a_carrier_that_is_known(parcel, storage):
    pigeon = Pigeon(None)
    assert ask(parcel, pigeon, storage).carrier == "pigeon"
    parcels.ship([parcel.id], actor=actor(), now=NOW)
    with pytest.raises(Refused, match="parcel_state"):
        ask(parcel, pigeon, storage)
    with pytest.raises(Refused, match="carrier_unknown"):
        request_label(parcel.id, "stork", carriers={}, storage=storage, actor=actor(), now=NOW)
