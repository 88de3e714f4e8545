"""The school's roster of pupils: who comes, who leaves, what changes (E1 to E3, L5)."""

from datetime import date

import pytest

from tests.factories import NOW, SCHOOL_YEAR, TODAY, make_school
from tests.operations.rosters.files import (
    ELSEWHERE,
    PREMIERE,
    THREE_YEAR_CAP,
    TROISIEME,
    UNKNOWN,
    codes,
    days,
    enrolments,
    everything,
    figures,
    fregata_of,
    pupil,
    row,
    several,
)
from tests.parcels import set_to
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, OtherIne, Pupil
from tracker.models.rosters import CodeAnswer, Departure, RosterChange
from tracker.operations import mail
from tracker.rules.departures import Destination


def test_the_first_file_brings_its_pupils_in(desk, school):
    desk.apply(school, row(1), row(2, class_name="2GT2", regime="31", email="lea@example.org"))
    first, second = pupil(1), pupil(2)
    assert (first.last_name, first.first_name, first.birth_date) == ("DURAND1", "Léa", date(2011, 3, 2))
    assert (first.name_key, first.first_name_key) == ("durand1 lea", "lea durand1")
    assert (second.email, first.slip_code != second.slip_code) == ("lea@example.org", True)
    (enrolled,) = enrolments(2)
    assert (enrolled.school_id, enrolled.school_year, enrolled.roster_id) == (school.id, SCHOOL_YEAR, "700002")
    assert (enrolled.level, enrolled.class_name, enrolled.regime) == ("seconde_gt", "2GT2", "31")
    assert (enrolled.eligible, enrolled.eligible_reason) == ("yes", "entry_level")
    assert (enrolled.newcomer, enrolled.arrived_mid_course) == (True, False)


def test_the_setting_says_what_makes_a_newcomer(desk, school):
    set_to("newcomer_by", "school")
    desk.apply(school, row(1), row(2, previous_uai=school.uai))
    assert [enrolments(number)[0].newcomer for number in (1, 2)] == [True, False]


def test_the_same_file_again_changes_no_row(desk, school):
    rows = [
        *several(5),
        row(6, left_on=days(-3)),
        row(7, left_on=days(3)),
        row(8, ine=None),
        row(9, rnie="0987654321F"),
    ]
    desk.apply(school, *rows)
    before = everything()
    assert figures(desk.look(school, *rows)) == {"pupils": 9, "schooled": 8, "left": 1, "unchanged": 9, "eligible": 8}
    desk.apply(school, *rows)
    assert everything() == before


def test_the_same_table_of_fregata_again_changes_no_row(desk, school):
    with_number = {
        "Identifiant unique": "990000501BA", "Premier prénom": "Maël", "Nom de famille": "GUÉRIN", "Statut": "ST",
        "Date de naissance": "05/02/2010", "Code MEF": "27621114310", "Division": "2PRO HORTI",
    }  # fmt: skip
    without = with_number | {"Identifiant unique": "", "Premier prénom": "Noé"}
    desk.apply_file(school, fregata_of(with_number, without))
    before = everything()
    desk.apply_file(school, fregata_of(with_number, without))
    assert everything() == before
    assert Pupil.select().count() == 2


def test_a_repeater_of_fregata_repeats_the_day_after_too(desk, school):
    line = {
        "Identifiant unique": "990000501BA", "Premier prénom": "Maël", "Nom de famille": "GUÉRIN", "Statut": "ST",
        "Date de naissance": "05/02/2010", "Code MEF": "27621114310", "Division": "2PRO HORTI",
    }  # fmt: skip
    desk.apply_file(school, fregata_of(line), on=date(2025, 10, 6))
    for on in (TODAY, days(1)):
        desk.apply_file(school, fregata_of(line), on=on)
        assert Enrolment.get(Enrolment.school_year == SCHOOL_YEAR).repeats_year is True


@pytest.mark.parametrize(
    ("change", "table", "field", "kept"),
    [
        ({"last_name": "MARTIN"}, Pupil, "last_name", "MARTIN"),
        ({"first_name": "Lou"}, Pupil, "first_name_key", "lou durand1"),
        ({"birth_date": date(2010, 1, 2)}, Pupil, "birth_date", date(2010, 1, 2)),
        ({"email": "lea@example.org"}, Pupil, "email", "lea@example.org"),
        ({"class_name": "2GT9"}, Enrolment, "class_name", "2GT9"),
        ({"mef": PREMIERE}, Enrolment, "level", "premiere_gt"),
        ({"regime": "3"}, Enrolment, "regime", "3"),
        ({"status": "AP"}, Enrolment, "status", "AP"),
        ({"entered_on": date(2026, 9, 7)}, Enrolment, "entered_on", date(2026, 9, 7)),
        ({"left_on": days(20)}, Enrolment, "left_on", days(20)),
        ({"repeats_year": True}, Enrolment, "repeats_year", True),
        ({"previous_uai": ELSEWHERE}, Enrolment, "arrived_mid_course", True),
        ({"roster_id": 123}, Enrolment, "roster_id", "123"),
    ],
)
def test_a_field_that_changed_is_changed_and_no_other_pupil_is(desk, school, change, table, field, kept):
    desk.apply(school, row(1), row(2))
    second = list(Enrolment.select().where(Enrolment.pupil == pupil(2)).dicts())
    made = desk.apply(school, row(1, **change), row(2), on=days(1))
    found = pupil(1) if table is Pupil else enrolments(1)[0]
    assert getattr(found, field) == kept
    assert list(Enrolment.select().where(Enrolment.pupil == pupil(2)).dicts()) == second
    assert [change.pupil_id for change in made.changes] == [pupil(1).id]


def test_an_address_is_not_lost_to_a_file_that_carries_none(desk, school):
    desk.apply(school, row(1, email="lea@example.org"))
    desk.apply(school, row(1), on=days(1))
    assert pupil(1).email == "lea@example.org"


@pytest.mark.parametrize("left_on", [days(-30), TODAY])
def test_who_has_an_exit_date_up_to_today_has_left(desk, school, left_on):
    desk.apply(school, row(1), row(2), on=days(-40))
    desk.apply(school, row(1, left_on=left_on), row(2))
    departure = Departure.get()
    assert (departure.pupil_id, departure.left_on, departure.closed_at) == (pupil(1).id, left_on, None)
    assert departure.destination == Destination.TO_QUALIFY
    (enrolled,) = enrolments(1)
    assert (enrolled.left_on, enrolled.eligible, enrolled.eligible_reason) == (left_on, "no", "not_schooled")


def test_who_leaves_on_a_day_to_come_is_here_until_then(desk, school):
    rows = [row(1, left_on=days(2)), row(2)]
    desk.apply(school, *rows)
    desk.apply(school, *rows, on=days(1))
    assert (Departure.select().count(), enrolments(1)[0].eligible) == (0, "yes")
    desk.apply(school, *rows, on=days(2))
    assert (Departure.get().left_on, enrolments(1)[0].eligible) == (days(2), "no")


def test_who_is_no_longer_in_the_file_has_left_once(desk, school):
    desk.apply(school, row(1), row(2))
    for on in (days(1), days(2)):
        desk.apply(school, row(2), on=on)
    assert [(each.pupil_id, each.left_on) for each in Departure.select()] == [(pupil(1).id, days(1))]
    assert enrolments(1)[0].left_on == days(1)


def test_who_left_before_we_knew_them_is_counted_and_not_taken_up(desk, school):
    made = desk.apply(school, row(1), row(2, left_on=days(-9)))
    assert (made.preview["counts"]["left"], Pupil.select().count(), Departure.select().count()) == (1, 1, 0)


def test_a_row_that_is_refused_is_counted_and_is_no_leaver(desk, school):
    desk.apply(school, row(1), row(2))
    broken = row(1, class_name="2GT1", last_name="D" * 101)
    reading = desk.look(school, broken, row(2), on=days(1))
    assert figures(reading) == {"pupils": 2, "refused": 1, "schooled": 1, "unchanged": 1, "eligible": 1}
    assert not reading.refused
    desk.apply(school, broken, row(2), on=days(1))
    assert (Departure.select().count(), enrolments(1)[0].left_on) == (0, None)


def test_who_came_back_is_here_and_may_leave_again(desk, school):
    desk.apply(school, row(1), row(2))
    desk.apply(school, row(2), on=days(1))
    desk.apply(school, row(1), row(2), on=days(2))
    assert (enrolments(1)[0].left_on, Departure.get().destination) == (None, Destination.CAME_BACK)
    before = everything()
    desk.apply(school, row(1), row(2), on=days(3))
    assert everything() == before
    desk.apply(school, row(1, left_on=days(4)), row(2), on=days(4))
    again = Departure.get()
    assert (again.destination, again.left_on, again.closed_at) == (Destination.TO_QUALIFY, days(4), None)


def test_a_reason_told_later_answers_the_departure(desk, school):
    CodeAnswer.create(kind="exit_reason", code="10", meaning="member_school", answered_at=NOW)
    desk.apply(school, row(1), row(2))
    desk.apply(school, row(1, left_on=days(1)), row(2), on=days(1))
    desk.apply(school, row(1, left_on=days(1), exit_reason="10"), row(2), on=days(2))
    assert Departure.get().destination == Destination.MEMBER_SCHOOL


def test_who_died_is_never_written_to_again(desk, school):
    desk.apply(school, row(1), row(2))
    waiting = mail.post("family@example.org", "Subject", "Body", NOW, pupil=pupil(1).id)
    desk.apply(school, row(1, left_on=days(1), exit_reason="43"), row(2), on=days(1))
    assert OutboxMail.get_by_id(waiting.id).last_error == "withheld"
    assert (pupil(1).deceased, Departure.get().destination) == (True, Destination.DIED)
    assert CodeAnswer.select().count() == 0
    desk.apply(school, row(1), row(2), on=days(2))
    assert (pupil(1).deceased, Departure.get().destination) == (False, Destination.CAME_BACK)


def test_the_first_file_of_a_new_school_year_makes_its_enrolments_and_last_years_leavers(desk, school):
    summer, autumn = date(2026, 6, 1), date(2026, 9, 2)
    desk.apply(school, row(1), row(2), row(3), on=summer, year=SCHOOL_YEAR - 1)
    new = [row(1, mef=PREMIERE, class_name="1G1", previous_uai=None, previous_mef=None), row(4)]
    gone = row(3, left_on=date(2026, 7, 4), mef=PREMIERE, class_name="1G1")
    desk.apply(school, *new, gone, on=autumn)
    last, this = enrolments(1)
    assert (last.school_year, last.level, this.school_year, this.level) == (2025, "seconde_gt", 2026, "premiere_gt")
    assert (last.left_on, this.arrived_mid_course, this.eligible_reason) == (None, False, "second_year")
    assert {(each.pupil_id, each.left_on) for each in Departure.select()} == {
        (pupil(2).id, autumn), (pupil(3).id, date(2026, 7, 4)),
    }  # fmt: skip
    assert [(each.school_year, each.class_name) for each in enrolments(3)] == [(2025, "2GT1")]
    before = everything()
    desk.apply(school, *new, gone, on=date(2026, 9, 3))
    assert everything() == before


def test_an_unknown_level_is_to_be_checked_and_asked_about(desk, school):
    made = desk.apply(school, row(1, mef=UNKNOWN), row(2, mef=THREE_YEAR_CAP), row(3))
    assert [enrolments(number)[0].eligible for number in (1, 2, 3)] == ["check", "check", "yes"]
    assert made.preview["counts"]["to_check"] == 2
    assert [(each.kind, each.code) for each in CodeAnswer.select()] == [("mef", UNKNOWN[:10])]


def test_an_unknown_exit_reason_is_asked_about(desk, school):
    desk.apply(school, row(1), row(2))
    desk.apply(school, row(1, left_on=days(1), exit_reason="77"), row(2), on=days(1))
    assert [(each.kind, each.code) for each in CodeAnswer.select()] == [("exit_reason", "77")]


def test_a_première_of_a_file_that_says_nothing_of_last_year_is_to_be_checked(desk, school):
    reading = desk.look(school, row(1, mef=PREMIERE, previous_uai=None, previous_mef=None))
    assert (figures(reading)["to_check"], codes(reading)) == (1, ["arrival_unknown"])
    assert reading.problems[0].field == "SCOLARITE_AN_DERNIER"


def test_pupils_of_a_school_that_is_no_member_get_no_laptop(desk, school):
    outside = make_school(member_from=None)
    desk.apply(outside, row(1))
    assert enrolments(1)[0].eligible_reason == "school_not_member"


def test_a_class_without_a_level_code_is_not_schooled(desk, school):
    desk.apply(school, row(1, mef=None))
    assert enrolments(1)[0].eligible_reason == "not_schooled"


@pytest.mark.parametrize("count", [30, 300])
def test_a_preview_asks_the_database_as_often_for_many_as_for_few(desk, school, count_queries, count):
    desk.apply(school, *several(count))
    changed = [row(number, class_name="2GT7") for number in range(1, count)]
    new = [row(1000 + number) for number in range(count)]
    with count_queries() as counted:
        reading = desk.look(school, *changed, *new, on=days(1))
    assert (reading.counts()["changed"], reading.counts()["arrivals"]) == (count - 1, count)
    assert counted.total <= 12


def test_nothing_is_written_by_a_preview(desk, school):
    desk.apply(school, row(1), row(2))
    before = everything() | {"changes": list(RosterChange.select().tuples())}
    desk.look(school, row(1, class_name="X"), row(3, rnie="0987654321F", mef=UNKNOWN, previous_mef=TROISIEME))
    assert everything() | {"changes": list(RosterChange.select().tuples())} == before
    assert OtherIne.select().count() == 0
