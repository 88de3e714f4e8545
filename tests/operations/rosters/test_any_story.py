"""Whatever two schools send, day after day: one place and one laptop for a pupil, and all of it can be taken back."""

import shutil
import uuid
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, make_campaign, make_device, make_school
from tests.lending import lend
from tests.operations.rosters.files import PREMIERE, Desk, days, everything, guardian, guardians_of, pupil, row
from tracker.models.agreements import Agreement
from tracker.models.database import connected, open_database
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.operations import ledger
from tracker.rules.rosters import Stop

PUPILS = (1, 2, 3)
ONE_ROW = st.fixed_dictionaries(
    {
        "class_name": st.sampled_from(["2GT1", "2GT2", None]),
        "mef": st.sampled_from([row()["mef"], PREMIERE]),
        "entered_on": st.sampled_from([date(2026, 9, 1), date(2026, 9, 14), days(3), None]),
        "left_on": st.sampled_from([None, None, None, days(1), days(6), days(40)]),
        "exit_reason": st.sampled_from([None, "43", "77"]),
        "rnie": st.sampled_from([None, "0987654321F"]),
        "email": st.sampled_from([None, "lea@example.org"]),
    }
)
ROSTER = st.dictionaries(st.sampled_from(PUPILS), ONE_ROW, max_size=3)
STORY = st.lists(st.tuples(st.integers(0, 1), ROSTER, st.integers(0, 20), st.booleans()), min_size=1, max_size=6)
YES = [Stop.COLLAPSED, Stop.IDENTITY, Stop.OLDER, Stop.GUARDIANS_GONE]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORY)
def test_a_pupil_is_in_one_place_with_one_laptop_and_every_story_can_be_taken_back(migrated_sqlite, tmp_path, story):
    copy = tmp_path / f"{uuid.uuid4()}.db"
    shutil.copyfile(migrated_sqlite, copy)
    opened = open_database(f"sqlite:///{copy}")
    try:
        with connected():
            live(Desk(tmp_path), story)
    finally:
        opened.close_all()
        copy.unlink()


def live(desk: Desk, story) -> None:
    make_campaign()
    schools = [make_school(), make_school()]
    desk.apply(schools[0], row(1), row(2), on=days(-1))
    Agreement.create(pupil=pupil(1), school_year=2026, state="validated", validated_at=NOW)
    lend(make_device(schools[0]), pupil(1), schools[0])
    states, made, day = [everything()], [], 1
    for number, roster, later, with_guardians in story:
        day += later
        school = schools[number]
        made.append(desk.apply(school, *rows_of(roster, number), on=days(day), stops=YES))
        states.append(everything())
        one_place_and_one_laptop(day)
        if with_guardians and any(Enrolment.select().where(Enrolment.school == school)):
            made.append(desk.apply_file(school, guardians_of(school, families(roster)), on=days(day), stops=YES))
            states.append(everything())
    assert (ledger.verify().broken, list(ledger.differences())) == (None, [])
    for last in reversed(made):
        assert everything() == states.pop()
        desk.undo(last, on=days(day))
    assert everything() == states.pop()
    assert (ledger.verify().broken, list(ledger.differences())) == (None, [])


def rows_of(roster, school: int):
    """The old number goes to one pupil only: two of one number would be refused by the reader."""
    for number, changes in roster.items():
        taken = changes if number == 1 else changes | {"rnie": None}
        yield row(number, roster_id=1_000 * school + number, **taken)


def families(roster):
    return [guardian(number, roster_id=number, email=changes["email"]) for number, changes in roster.items()]


def one_place_and_one_laptop(day: int) -> None:
    for each in Pupil.select():
        there = Enrolment.select().where(Enrolment.pupil == each, Enrolment.school_year == 2026)
        in_force = [one for one in there if one.left_on is None or one.left_on > days(day)]
        assert len(in_force) <= 1
    assert Loan.select().where(Loan.ended_at.is_null()).count() == 1
