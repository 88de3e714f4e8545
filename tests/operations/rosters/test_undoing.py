"""An import taken back alone: every row as it was, unless something rests on it."""

from datetime import date, timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_device, make_guardian, make_invitation, make_school
from tests.lending import lend
from tests.operations.rosters.files import (
    PREMIERE,
    UNKNOWN,
    days,
    everything,
    guardian,
    guardians_of,
    morning,
    pupil,
    row,
)
from tracker.models.agreements import Agreement
from tracker.models.loans import Loan
from tracker.models.rosters import Departure, RosterImport
from tracker.operations import allocations, ledger, rosters
from tracker.rules.refusals import Refused
from tracker.rules.rosters import ImportState

LATER = date(2026, 9, 14)
KEPT = row(2)
WEEK = {
    "nothing at all": [row(1), KEPT],
    "arrivals": [row(1), KEPT, row(3), row(4, mef=UNKNOWN), row(5, rnie="0987654321F")],
    "changes of every field": [
        row(1, ine="0987654321F", rnie="990000001BA", last_name="MARTIN", first_name="Lou", email="lou@example.org",
            birth_date=date(2009, 1, 1), mef=PREMIERE, class_name="1G1", regime="3", status="AP", repeats_year=True,
            entered_on=LATER, previous_uai=None, previous_mef=None), KEPT,
    ],
    "an exit": [row(1, left_on=days(1), exit_reason="77"), KEPT],
    "an exit to come": [row(1, left_on=days(9)), KEPT],
    "an absence": [KEPT],
    "a death": [row(1, left_on=days(1), exit_reason="43"), KEPT],
}  # fmt: skip


def undone(desk, made, *, on=None) -> ImportState:
    desk.undo(made, on=on or days(5))
    return RosterImport.get_by_id(made.id).state


@pytest.mark.parametrize("rows", WEEK.values(), ids=WEEK)
def test_undone_every_row_of_every_table_is_as_it_was(desk, school, rows):
    desk.apply(school, row(1), KEPT)
    before = everything()
    made = desk.apply(school, *rows, on=days(1))
    assert (everything() == before) is (rows == WEEK["nothing at all"])
    assert undone(desk, made) == ImportState.UNDONE
    assert everything() == before


def test_undone_the_very_first_file_leaves_nothing(desk, school):
    before = everything()
    undone(desk, desk.apply(school, row(1), row(2, mef=UNKNOWN), row(3, rnie="0987654321F")))
    assert everything() == before


def test_undone_who_came_back_is_gone_again_and_their_departure_open(desk, school):
    desk.apply(school, row(1), KEPT)
    desk.apply(school, KEPT, on=days(1))
    before = everything()
    back = desk.apply(school, row(1), KEPT, on=days(2))
    again = everything()
    gone = desk.apply(school, row(1, left_on=days(3), exit_reason="43"), KEPT, on=days(3))
    undone(desk, gone)
    assert everything() == again
    undone(desk, back)
    assert everything() == before


def test_undone_a_new_school_year_the_old_one_is_as_it_was(desk, school):
    desk.apply(school, row(1), row(2), row(3), on=date(2026, 6, 1), year=2025)
    before = everything()
    made = desk.apply(school, row(1, class_name="1G1", mef=PREMIERE), row(3, left_on=date(2026, 7, 4)), row(4))
    undone(desk, made)
    assert everything() == before


@pytest.mark.parametrize("left_first", [True, False])
@pytest.mark.parametrize("is_member", [True, False])
def test_undone_a_move_the_pupil_and_the_laptop_are_back(desk, school, left_first, is_member):
    to = make_school() if is_member else make_school(member_from=None)
    desk.apply(school, row(1), KEPT)
    Agreement.create(pupil=pupil(1), school_year=2026, state="validated", validated_at=NOW)
    lend(make_device(school), pupil(1), school)
    if left_first:
        desk.apply(school, KEPT, on=days(1))
    before = everything()
    made = desk.apply(to, row(1, roster_id=5, entered_on=LATER), on=days(2))
    assert (Loan.get().school_id == to.id) is is_member
    undone(desk, made)
    assert everything() == before
    assert (ledger.verify().broken, list(ledger.differences())) == (None, [])


def lent(desk, school):
    Agreement.create(pupil=pupil(1), school_year=2026, state="validated", validated_at=NOW - timedelta(90))
    lend(make_device(school), pupil(1), school, now=morning(days(2)))


def set_aside(desk, school):
    allocations.allocate(make_device(school).id, pupil(1).id, actor=actor(), now=morning(days(2)))


def signed(desk, school):
    Agreement.create(pupil=pupil(1), school_year=2026, state="sent", sent_at=morning(days(2)))


def prepared(desk, school):
    Agreement.create(pupil=pupil(1), school_year=2026, state="prepared")


def read_again(desk, school):
    desk.apply(school, row(1, class_name="2GT9"), on=days(2))


def guarded(desk, school):
    desk.apply_file(school, guardians_of(school, [guardian(1)]), on=days(2))


def moved_on(desk, school):
    desk.apply(make_school(), row(1, roster_id=5, entered_on=LATER), on=days(2))


def asked_again(desk, school):
    agreement = Agreement.create(pupil=pupil(1), school_year=2026, state="sent", sent_at=NOW - timedelta(90))
    make_invitation(pupil(1), make_guardian(pupil(1)), sent_at=morning(days(2)))
    assert Agreement.get_by_id(agreement.id).sent_at < NOW


RESTS = {
    asked_again: {"agreements": 1, "requests": 1},
    lent: {"loans": 1, "allocations": 1, "agreements": 1}, set_aside: {"allocations": 1}, signed: {"agreements": 1},
    prepared: {"agreements": 1}, read_again: {"imports": 1}, guarded: {"imports": 1},
    moved_on: {"imports": 1, "departures": 1},
}  # fmt: skip


@pytest.mark.parametrize("happen", RESTS, ids=lambda happen: happen.__name__)
def test_what_rests_on_an_import_keeps_it_and_is_named(desk, school, happen):
    made = desk.apply(school, row(1), on=days(1))
    happen(desk, school)
    before = everything()
    with pytest.raises(Refused) as refused:
        undone(desk, made)
    assert (refused.value.code, refused.value.facts["rests"]) == ("import_rests", RESTS[happen])
    assert everything() == before


def test_what_happened_to_other_pupils_does_not_matter(desk, school):
    desk.apply(school, row(1))
    made = desk.apply(school, row(1), row(2), on=days(1))
    lent(desk, school)
    undone(desk, made)
    assert Loan.get().ended_at is None


def test_two_imports_of_the_same_moment_are_undone_one_after_the_other(desk, school):
    first = desk.apply(school, row(1))
    second = desk.apply(school, row(1, class_name="2GT9"))
    with pytest.raises(Refused, match="import_rests"):
        undone(desk, first)
    undone(desk, second)
    undone(desk, first)
    assert Departure.select().count() == 0


def test_an_import_is_undone_once(desk, school):
    made = desk.apply(school, row(1))
    undone(desk, made)
    with pytest.raises(Refused, match="import_not_applied"):
        undone(desk, made)


def test_an_import_whose_file_was_deleted_is_undone_no_more(desk, school):
    made = desk.apply(school, row(1))
    rosters.forget_files(desk.storage, now=morning(days(91)))
    with pytest.raises(Refused, match="import_forgotten"):
        undone(desk, made)


def test_a_school_undoes_its_own_imports_only(desk, school, other):
    made = desk.apply(school, row(1))
    with pytest.raises(Refused, match="not_found"):
        rosters.undo(made.id, actor=actor("school", [other]), now=morning(TODAY))
    rosters.undo(made.id, actor=actor("school", [school]), now=morning(TODAY))
