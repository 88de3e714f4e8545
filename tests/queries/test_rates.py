"""The signature rate: exact, adding up, each from one query; on both engines."""

from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, SCHOOL_YEAR, TODAY, make_pupil, make_school
from tracker.models.agreements import Agreement
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.queries.pupils import Year
from tracker.queries.rates import rates_by_class, rates_by_level, rates_by_school, signed_over_time, total_rate
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.eligibility import Eligible, Level
from tracker.rules.signature_rate import Rate

YEAR = Year(SCHOOL_YEAR, TODAY)


def signed(school, at=NOW, **changes):
    pupil = make_pupil(school, **changes)
    Agreement.update(validated_at=at).where(Agreement.pupil == pupil).execute()
    return pupil


def test_the_rate_of_schools_levels_and_classes(db, count_queries):
    one, two = make_school(name="Alpha"), make_school(name="Beta")
    signed(one, class_name="A")
    make_pupil(one, agreement="signed", class_name="A")
    make_pupil(one, agreement=None, class_name="B", level=Level.SECONDE_PRO)
    make_pupil(two, agreement="sent")
    with count_queries() as counted:
        assert [(row.name, row.rate) for row in rates_by_school(EVERYWHERE, YEAR)] == [
            ("Alpha", Rate(1, 3)), ("Beta", Rate(0, 1)),
        ]  # fmt: skip
        assert {row.key: row.rate for row in rates_by_class(EVERYWHERE, YEAR, one.id)} == {
            "A": Rate(1, 2), "B": Rate(0, 1),
        }  # fmt: skip
        assert {row.key: row.rate for row in rates_by_level(EVERYWHERE, YEAR)} == {
            "seconde_gt": Rate(1, 3), "seconde_pro": Rate(0, 1),
        }  # fmt: skip
        assert total_rate(EVERYWHERE, YEAR) == Rate(1, 4)
    assert counted.total == 4
    assert total_rate(Scope(frozenset({two.id})), YEAR) == Rate(0, 1)
    assert rates_by_class(Scope(frozenset({two.id})), YEAR, one.id) == []


def test_only_eligible_pupils_who_are_schooled_and_alive_count(db):
    school = make_school()
    signed(school)
    for changes in (
        {"eligible": Eligible.NO}, {"eligible": Eligible.CHECK}, {"left_on": TODAY}, {"class_name": ""},
        {"deceased": True}, {"school_year": SCHOOL_YEAR - 1},
    ):  # fmt: skip
        make_pupil(school, **changes)
    assert total_rate(EVERYWHERE, YEAR) == Rate(1, 1)


def test_nobody_is_no_rate(db):
    assert total_rate(EVERYWHERE, YEAR).fraction is None
    assert rates_by_school(EVERYWHERE, YEAR) == []
    assert signed_over_time(EVERYWHERE, YEAR) == []


def test_over_time_by_the_days_on_the_wall_in_france(db):
    school = make_school()
    for at in (
        datetime(2026, 9, 14, 21, 59, tzinfo=UTC),
        datetime(2026, 9, 14, 22, 0, tzinfo=UTC),
        datetime(2026, 9, 20, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 9, 21, 6, 0, tzinfo=UTC),
    ):
        signed(school, at)
    make_pupil(school, agreement="sent")
    assert signed_over_time(EVERYWHERE, YEAR) == [
        (date(2026, 9, 14), Rate(1, 5)), (date(2026, 9, 15), Rate(2, 5)), (date(2026, 9, 20), Rate(3, 5)),
        (date(2026, 9, 21), Rate(4, 5)),
    ]  # fmt: skip
    assert signed_over_time(EVERYWHERE, YEAR, school_id=school.id, by_week=True) == [
        (date(2026, 9, 14), Rate(3, 5)), (date(2026, 9, 21), Rate(4, 5)),
    ]  # fmt: skip


pupils = st.tuples(
    st.integers(0, 1), st.sampled_from(["A", "B", ""]), st.sampled_from([None, "sent", "signed", "validated"]),
    st.sampled_from(list(Eligible)), st.sampled_from([Level.SECONDE_GT, Level.PREMIERE_PRO]),
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pupils, max_size=8))
def test_classes_levels_and_schools_add_up_to_the_whole(sqlite_db, rolls):
    for table in (Agreement, Enrolment, Pupil, School):
        table.delete().execute()
    schools = (make_school(), make_school())
    for school, class_name, state, eligible, level in rolls:
        make_pupil(schools[school], class_name=class_name, agreement=state, eligible=eligible, level=level)
    total = total_rate(EVERYWHERE, YEAR)
    for school in rates_by_school(EVERYWHERE, YEAR):
        classes = rates_by_class(EVERYWHERE, YEAR, school.key)
        assert sum((row.rate for row in classes), Rate(0, 0)) == school.rate
        assert total_rate(EVERYWHERE, YEAR, school_id=school.key) == school.rate
    for split in (rates_by_school(EVERYWHERE, YEAR), rates_by_level(EVERYWHERE, YEAR)):
        assert sum((row.rate for row in split), Rate(0, 0)) == total
    counted = [each for each in rolls if each[1] and each[3] is Eligible.YES]
    assert total == Rate(sum(each[2] == "validated" for each in counted), len(counted))
