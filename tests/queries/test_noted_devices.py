"""The list of noted devices: within the asker's desks, the newest first, found by its index; on both engines."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_device, make_school, make_user
from tests.queries.test_search import plan
from tracker.models.database import is_postgres
from tracker.models.returns import ReturnRecord
from tracker.queries import noted_devices
from tracker.queries.noted_devices import Desks, NotedFilter
from tracker.rules.access import EVERYWHERE, Scope

pytestmark = pytest.mark.usefixtures("db")
ALL = Desks(EVERYWHERE, warehouse=True)


def note(serial, school=None, **changes) -> ReturnRecord:
    values = {"stranger": "unidentified", "missing": [], "received_at": NOW} | changes
    return ReturnRecord.create(serial=serial, school=school, **values)


def desks_of(*schools) -> Desks:
    return Desks(Scope(frozenset(school.id for school in schools)), warehouse=False)


def listed(desks=ALL, **filters) -> list[str]:
    query = noted_devices.with_columns(noted_devices.listing(NotedFilter(**filters), desks), desks.scope)
    return [row["serial"] for row in query.order_by(*noted_devices.ORDER.terms(backwards=False)).dicts()]


def test_a_school_sees_its_own_logistics_all_and_a_helper_nothing_of_the_warehouse():
    here, there = make_school(), make_school()
    note("HERE", here)
    note("THERE", there, received_at=NOW + timedelta(1))
    note("STORE", received_at=NOW + timedelta(2))
    assert listed() == ["STORE", "THERE", "HERE"]
    assert listed(desks_of(here)) == ["HERE"]
    assert listed(Desks(EVERYWHERE, warehouse=False)) == ["THERE", "HERE"]
    assert noted_devices.open_note("THERE", desks_of(here)) is None
    assert noted_devices.waiting(desks_of(here, there)) == 2


def test_filters_narrow_it_and_what_was_undone_or_is_ours_is_no_part_of_it():
    school = make_school()
    note("5CD1", school)
    note("5CD2")
    note("PF7", outcome="given_back", settled_at=NOW)
    note("5CD3", undone_at=NOW)
    ReturnRecord.create(serial="5CD4", missing=[], received_at=NOW)
    assert sorted(listed()) == ["5CD1", "5CD2"]
    assert sorted(listed(state="all")) == ["5CD1", "5CD2", "PF7"]
    assert listed(state="settled") == ["PF7"]
    assert listed(school=school.id) == ["5CD1"]
    assert (listed(q="5cd2"), listed(q="pf7")) == (["5CD2"], [])


def test_each_says_who_noted_it_where_and_whether_it_is_on_record_by_now():
    user, school = make_user(name="Marie Lenoir"), make_school(name="Lycée Malherbe")
    device = make_device(school, serial="5CD1")
    noted = note("5CD1", school, received_by=user.id, note="Bretagne")
    row = noted_devices.open_note("5CD1", ALL)
    assert (row["id"], row["school"], row["noted_by"], row["note"]) == (
        noted.id, "Lycée Malherbe", "Marie Lenoir", "Bretagne",
    )  # fmt: skip
    assert row["device_id"] == device.id
    assert noted_devices.noted(noted.id, desks_of(make_school())) is None


def test_a_serial_is_looked_up_in_the_index_of_noted_ones():
    shown = plan(ReturnRecord.select(ReturnRecord.id).where(noted_devices._open(["5CD1"], ALL)))
    assert "return_record_noted" in shown
    assert is_postgres() or "SCAN" not in shown
