"""What the database's own words do, on both engines."""

from tests.factories import make_school
from tracker.models.database import among
from tracker.models.schools import School


def test_any_number_of_values_is_one_parameter(db):
    uais = [make_school().uai for _ in range(3)]
    many = uais[:2] + [f"{number:07d}Z" for number in range(100_000)]
    assert sorted(row.uai for row in School.select().where(among(School.uai, many))) == sorted(uais[:2])


def test_numbers_are_found_as_numbers(db):
    schools = [make_school() for _ in range(3)]
    found = School.select().where(among(School.id, [schools[0].id, schools[2].id, 10**9]))
    assert {row.id for row in found} == {schools[0].id, schools[2].id}


def test_no_value_finds_nothing(db):
    make_school()
    assert list(School.select().where(among(School.uai, []))) == []
    assert list(School.select().where(among(School.id, []))) == []


def test_texts_that_look_like_sql_are_texts(db):
    school = make_school(uai="0'); --A")
    assert [row.id for row in School.select().where(among(School.uai, [school.uai, '"', "\\"]))] == [school.id]
