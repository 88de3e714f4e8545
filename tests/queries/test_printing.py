"""What is printed stays within the schools of the person who asks."""

from tests.factories import make_device, make_school
from tracker.queries import printing
from tracker.rules.access import EVERYWHERE, Scope


def test_labels_are_of_devices_within_the_scope_only(db):
    here, there = make_school(), make_school()
    own, foreign = make_device(here), make_device(there)
    scope, numbers = Scope(frozenset({here.id})), [foreign.tag, own.serial]
    assert printing.devices_by_number(numbers, EVERYWHERE) == [foreign, own]
    assert printing.devices_by_number(numbers, scope) == [own]
    assert printing.stock_of(there.id, EVERYWHERE) == [foreign]
    assert printing.stock_of(there.id, scope) == []
