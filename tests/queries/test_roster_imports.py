"""Imports as their list and the pupil's story show them, on both engines."""

import pytest

from tests.factories import NOW, make_pupil, make_school, make_user
from tracker.models.rosters import RosterChange, RosterImport
from tracker.queries import pages, roster_imports
from tracker.queries.roster_imports import ORDER, ImportFilter
from tracker.rules.access import EVERYWHERE, Scope

pytestmark = pytest.mark.usefixtures("db")


def make_import(school, **changes):
    values = {"state": "applied", "origin": "upload", "file_name": "a.xml", "digest": "0" * 64, "size": 1}
    return RosterImport.create(**({"school": school, "uploaded_at": NOW} | values | changes))


def listed(filters=ImportFilter(), scope=EVERYWHERE):  # noqa: B008
    rows = pages.page(roster_imports.with_columns(filters, scope), ORDER).rows
    assert pages.count(roster_imports.listing(filters, scope)) == len(rows)
    return rows


def test_the_counts_come_out_of_what_was_found_and_nothing_else_does():
    user = make_user(name="Odile")
    made = make_import(make_school(), preview={"counts": {"arrivals": 3}, "changes": [1]}, uploaded_by=user.id)
    make_import(make_school(), state="waiting")
    waiting, first = listed()
    assert (first["id"], first["counts"], first["who"]) == (made.id, {"arrivals": 3}, "Odile")
    assert (waiting["counts"], waiting["who"]) == (None, None)
    assert "preview" not in first


def test_a_list_is_narrowed_to_what_is_asked_and_to_ones_own_schools():
    mine, other = make_school(), make_school()
    first, second = make_import(mine, kind="siecle_pupils"), make_import(mine, state="ready")
    third = make_import(other, kind="siecle_pupils")
    assert [row["id"] for row in listed()] == [third.id, second.id, first.id]
    assert [row["id"] for row in listed(ImportFilter(state="ready"))] == [second.id]
    assert [row["id"] for row in listed(ImportFilter(kind="siecle_pupils"))] == [third.id, first.id]
    assert [row["id"] for row in listed(ImportFilter(school=other.id))] == [third.id]
    assert [row["id"] for row in listed(scope=Scope(frozenset({mine.id})))] == [second.id, first.id]


def test_a_pupils_story_has_the_applied_imports_that_brought_them():
    school, user = make_school(), make_user(name="Odile")
    pupil = make_pupil(school)
    for state, kind in (("applied", "arrival"), ("undone", "arrival"), ("applied", "changed")):
        made = make_import(school, state=state, applied_at=NOW, applied_by=user.id)
        RosterChange.create(roster_import=made, pupil=pupil, kind=kind)
    (came,) = roster_imports.came_by_roster(pupil.id)
    assert (came["kind"], came["school"], came["who"], came["applied_at"]) == ("arrival", school.name, "Odile", NOW)
