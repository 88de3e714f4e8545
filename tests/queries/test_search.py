"""Search: the exact hit of a code, what begins with the words, and both from an index on either engine."""

import pytest

from tests.factories import SCHOOL_YEAR, TODAY, make_campaign, make_device, make_pupil, make_school
from tracker.models.database import database, is_postgres
from tracker.models.devices import Device
from tracker.models.pupils import Pupil
from tracker.queries import pages, pupils, search
from tracker.queries.prefix import starts_with
from tracker.queries.pupils import Year
from tracker.queries.search import MOST, Hit
from tracker.rules.access import EVERYWHERE, Scope

pytestmark = pytest.mark.usefixtures("db")
YEAR = Year(SCHOOL_YEAR, TODAY)


def hit(text, scope=EVERYWHERE, sees_pupils=True):
    return search.exact(search.readings(text), scope, sees_pupils=sees_pupils)


def results(text, scope=EVERYWHERE, sees_pupils=True):
    return search.beginning_with(text, scope, YEAR, sees_pupils=sees_pupils)


def of(school):
    return Scope(frozenset({school.id}))


@pytest.mark.parametrize("text", ["PF3ABC12", "pf3abc12", " PF3ABC12\n", "1S82GKS00000PF3ABC12", "SPF3ABC12"])
def test_a_serial_is_hit_as_it_is_typed_or_printed(text):
    device = make_device(serial="PF3ABC12")
    assert hit(text) == Hit(device_id=device.id)


def test_tag_imei_and_iccid_hit_their_device():
    device = make_device(serial="HS1", kind="hotspot", imei="356938035643809", iccid="89330123456789012344")
    for text in (device.tag, device.tag.lower(), "356938035643809", "89330123456789012344"):
        assert hit(text) == Hit(device_id=device.id)


def test_a_scan_garbled_by_an_azerty_layout_is_repaired():
    device = make_device(serial="5CD1234BCD")
    assert hit("(CD&é\"'BCD") == Hit(device_id=device.id)


def test_a_slip_hits_its_pupil_for_who_may_see_pupils():
    pupil = make_pupil(make_school())
    assert hit(pupil.slip_code) == Hit(pupil_id=pupil.id)
    assert hit(pupil.slip_code.lower()) == Hit(pupil_id=pupil.id)
    assert hit(pupil.slip_code, sees_pupils=False) is None
    assert search.is_slip(search.readings(pupil.slip_code))


def test_another_school_s_code_hits_nothing():
    here, there = make_school(), make_school()
    device, pupil = make_device(there), make_pupil(there)
    assert hit(device.serial, of(here)) is None
    assert hit(pupil.slip_code, of(here)) is None
    assert results(device.serial, of(here)).empty


def test_two_devices_under_one_text_are_no_hit():
    make_device(serial="356938035643809")
    make_device(kind="hotspot", imei="356938035643809")
    assert hit("356938035643809") is None


def test_an_ine_finds_nobody():
    pupil = make_pupil(make_school(), ine="123456789AB")
    assert hit(pupil.ine) is None
    assert results(pupil.ine).empty


@pytest.mark.parametrize("text", ["œuvrard", "OEUVRARD el", "Éléa œu", "elea"])
def test_names_are_found_in_either_order_without_case_or_accents(text):
    make_pupil(make_school(), last_name="Œuvrard", first_name="Éléa")
    assert [row["last_name"] for row in results(text).pupils.rows] == ["Œuvrard"]


def test_family_names_come_before_given_names():
    school = make_school()
    make_pupil(school, last_name="Aubert", first_name="Martin")
    make_pupil(school, last_name="Martin", first_name="Zoé")
    assert [row["last_name"] for row in results("martin").pupils.rows] == ["Martin", "Aubert"]


def test_a_pupil_of_an_earlier_year_is_still_found():
    make_pupil(make_school(), last_name="Ancien", school_year=SCHOOL_YEAR - 1)
    assert len(results("ancien").pupils.rows) == 1


def test_who_sees_no_pupils_gets_devices_and_schools_only():
    school = make_school(name="Lycée Martin")
    make_pupil(school, last_name="Martin", class_name="MARTIN1")
    found = results("martin", sees_pupils=False)
    assert (found.pupils, found.classes) == (None, None)
    assert len(found.schools.rows) == 1


def test_classes_are_counted_in_each_school():
    here, there = make_school(), make_school()
    for school in (here, here, there):
        make_pupil(school, class_name="2GT7")
    assert sorted(row["pupils"] for row in results("2gt").classes.rows) == [1, 2]
    assert [row["pupils"] for row in results("2gt7", of(here)).classes.rows] == [2]


@pytest.mark.parametrize("text", ["malherbe", "Lycée Mal", "caen", "CAEN", "0141234"])
def test_a_school_is_found_by_a_word_its_town_or_its_uai(text):
    make_school(name="Lycée Malherbe", uai="0141234Z", city="Caen")
    make_school(name="Lycée Corneille", uai="0761234Z", city="Rouen")
    assert [row["name"] for row in results(text).schools.rows] == ["Lycée Malherbe"]


def test_a_group_has_ten_rows_and_says_that_there_are_more():
    school = make_school()
    for _ in range(MOST + 1):
        make_pupil(school, last_name="Martin")
    found = results("martin").pupils
    assert (len(found.rows), found.more) == (MOST, True)


@pytest.mark.parametrize("text", ["", "a", "%", "*", "_", "[", "\\", "'", '"; DROP', "’’", "x" * 200, "\x00"])
def test_hostile_or_short_texts_find_nothing_and_break_nothing(text):
    make_pupil(make_school(name="Zzz", city="Zzz"), last_name="Abel")
    make_device(serial="AB1")
    assert results(text.replace("\x00", "")).empty


def plan(query, *avoided):
    """How the engine answers; on PostgreSQL without reading the whole table: of so few rows it would, index or not."""
    statement, parameters = query.sql()
    if is_postgres():
        for way in ("seqscan", *avoided):
            database.execute_sql(f"SET enable_{way} = off")
        return "\n".join(row[0] for row in database.execute_sql(f"EXPLAIN {statement}", parameters).fetchall())
    return "\n".join(row[3] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())


@pytest.mark.parametrize(
    ("column", "index"),
    [
        (Device.serial, "device_serial_prefix"),
        (Pupil.name_key, "pupil_name_key_prefix"),
        (Pupil.first_name_key, "pupil_first_name_key_prefix"),
    ],
)
def test_a_beginning_is_looked_up_in_its_index(column, index):
    query = column.model.select(column.model.id).where(starts_with(column, "ma"))
    shown = plan(query)
    # On SQLite the index of unique serials serves as well as the one for beginnings.
    assert index in shown or (not is_postgres() and f"({column.name}>? AND {column.name}<?)" in shown)
    assert "SCAN" not in shown


def test_names_in_either_order_use_both_indexes():
    make_campaign()
    shown = plan(Pupil.select(Pupil.id).where(pupils.named("martin")))
    assert "pupil_name_key_prefix" in shown
    assert "pupil_first_name_key_prefix" in shown


def test_pages_of_pupils_are_read_in_the_order_of_the_index():
    order, key = pupils.ORDER, pages.Key("m", 1)
    query = (
        Pupil.select(Pupil.id).where(order.beyond(key, backwards=False).lhs).order_by(order.terms(backwards=False)[0])
    )
    shown = plan(query.limit(50), "sort", "bitmapscan")
    assert "pupil_name_key_prefix" in shown
    assert "Sort" not in shown
    assert "TEMP B-TREE" not in shown
