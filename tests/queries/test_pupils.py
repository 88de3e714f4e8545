"""The list of pupils: each filter, who is schooled and who is gone, and what a school sees."""

from datetime import date

import pytest

from tests.factories import (
    NOW,
    SCHOOL_YEAR,
    TODAY,
    make_campaign,
    make_device,
    make_pupil,
    make_school,
)
from tests.lending import lend
from tracker.models.pupils import Enrolment, Guardian
from tracker.models.rosters import Departure
from tracker.queries import pupils
from tracker.queries.pupils import PupilFilter, Year
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.eligibility import Eligible, Level

pytestmark = pytest.mark.usefixtures("db")
YEAR = Year(SCHOOL_YEAR, TODAY)


def found(scope=EVERYWHERE, **filters):
    query = pupils.with_columns(PupilFilter(**filters), scope, YEAR)
    return sorted(row["last_name"] for row in query.dicts())


def of(*schools):
    return Scope(frozenset(school.id for school in schools))


def enrol(pupil, school, **changes):
    values = {"school_year": SCHOOL_YEAR, "level": Level.SECONDE_GT, "class_name": "2GT1"}
    values |= {"eligible": Eligible.YES, "eligible_reason": "entry_level"}
    return Enrolment.create(pupil=pupil, school=school, **(values | changes))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"q": "abé"}, ["Abel"]),
        ({"q": "zoé a"}, ["Abel"]),
        ({"q": "abel zoe"}, ["Abel"]),
        ({"q": "bel"}, []),
        ({"q": "%"}, []),
        ({"q": "’"}, []),
        ({"class_name": "2GT1"}, ["Abel"]),
        ({"class_name": "2GT*"}, ["Abel", "Boule"]),
        ({"class_name": "2GT"}, []),
        ({"level": "cap_of_3"}, ["Caron"]),
        ({"eligible": "check"}, ["Caron"]),
        ({"agreement": "validated"}, ["Abel"]),
        ({"agreement": "sent"}, ["Boule"]),
        ({"agreement": "none"}, ["Caron"]),
    ],
)
def test_each_filter_narrows_the_list(filters, expected):
    school = make_school()
    make_pupil(school, last_name="Abel", first_name="Zoé")
    make_pupil(school, last_name="Boule", class_name="2GT10", agreement="sent")
    make_pupil(
        school, last_name="Caron", class_name="1CAP", agreement=None, level=Level.CAP_OF_3, eligible=Eligible.CHECK
    )
    assert found(**filters) == expected


def test_equipped_tells_a_laptop_from_any_device():
    make_campaign()
    school = make_school()
    with_laptop = make_pupil(school, last_name="Laptop")
    with_hotspot = make_pupil(school, last_name="Hotspot")
    make_pupil(school, last_name="Nothing")
    lend(make_device(school), with_laptop, school)
    lend(make_device(school, kind="hotspot"), with_hotspot, school, override_reason="4G vérifiée par téléphone")
    assert found(equipped="yes") == ["Laptop"]
    assert found(equipped="no") == ["Hotspot", "Nothing"]
    assert found(equipped="any") == ["Hotspot", "Laptop"]


def test_schooled_needs_a_class_and_no_exit_up_to_today():
    school = make_school()
    make_pupil(school, last_name="Here")
    make_pupil(school, last_name="LeavesTomorrow", left_on=date(2026, 10, 6))
    make_pupil(school, last_name="LeftToday", left_on=TODAY)
    make_pupil(school, last_name="NoClass", class_name="")
    make_pupil(school, last_name="LastYear", school_year=SCHOOL_YEAR - 1)
    assert found(left="no") == ["Here", "LeavesTomorrow"]
    assert found(left="yes") == ["LastYear", "LeftToday"]
    assert found() == ["Here", "LeavesTomorrow", "LeftToday", "NoClass"]
    assert found(left="any") == ["Here", "LastYear", "LeavesTomorrow", "LeftToday", "NoClass"]


@pytest.mark.parametrize(
    ("destination", "on", "is_gone"),
    [
        ("cfa", TODAY, True),
        ("to_qualify", TODAY, True),
        ("died", TODAY, True),
        ("cfa", date(2026, 10, 6), False),
        ("apprentice_here", TODAY, False),
        ("came_back", TODAY, False),
    ],
)
def test_who_has_left_by_peoples_word_is_gone_before_any_roster_says_so(destination, on, is_gone):
    school = make_school()
    pupil = make_pupil(school, last_name="Declared")
    Departure.create(
        pupil=pupil, enrolment=Enrolment.get(), school=school, noticed_at=NOW, left_on=on, destination=destination,
        origin="school",
    )  # fmt: skip
    assert (found(left="no"), found(left="yes")) == (([], ["Declared"]) if is_gone else (["Declared"], []))


def test_who_goes_on_at_another_school_is_not_gone():
    old, new = make_school(), make_school()
    moved = make_pupil(old, last_name="Moved", left_on=date(2026, 9, 20))
    enrol(moved, new)
    back_again = make_pupil(old, last_name="BackAgain", school_year=SCHOOL_YEAR - 1)
    enrol(back_again, old)
    assert found(left="yes") == []
    assert found(of(old), left="yes") == []
    assert found(left="any") == ["BackAgain", "Moved"]


def test_an_earlier_enrolment_that_still_counts_keeps_a_pupil_from_being_gone():
    here, there = make_school(), make_school()
    pupil = make_pupil(here, last_name="Stays")
    enrol(pupil, there, left_on=date(2026, 9, 10))
    assert found(left="yes") == []


def test_a_school_sees_its_own_pupils_only():
    here, there = make_school(), make_school()
    make_pupil(here, last_name="Mine")
    make_pupil(there, last_name="Theirs")
    assert found(of(here)) == ["Mine"]
    assert found(of(here), school=there.id) == []
    assert found(Scope(frozenset())) == []
    assert found(of(here, there)) == ["Mine", "Theirs"]


def test_the_page_of_a_pupil_opens_for_the_schools_of_the_newest_year():
    campaign = make_campaign()
    before, old, new = make_school(), make_school(), make_school()
    pupil = make_pupil(before, school_year=SCHOOL_YEAR - 1)
    enrol(pupil, old, left_on=date(2026, 9, 20))
    enrol(pupil, new)
    assert pupils.pupil_page(pupil.id, of(new), campaign)["school"] == new.id
    assert pupils.pupil_page(pupil.id, of(old), campaign)["school"] == old.id
    assert pupils.pupil_page(pupil.id, of(before), campaign) is None
    assert pupils.pupil_page(pupil.id, EVERYWHERE, campaign)["school"] == new.id


def test_the_page_of_a_pupil_shows_this_year_s_agreement_and_laptop():
    campaign = make_campaign()
    school = make_school()
    pupil, device = make_pupil(school), make_device(school)
    lend(device, pupil, school)
    shown = pupils.pupil_page(pupil.id, of(school), campaign)
    assert (shown["agreement"], shown["laptop"]) == ("validated", device.serial)
    assert [loan["serial"] for loan in pupils.loans_of(pupil.id)] == [device.serial]
    assert pupils.set_aside_for(pupil.id) == []


def test_those_who_sign_come_first_among_guardians():
    pupil = make_pupil(make_school())
    for name, legal, rank in (("Contact", False, 1), ("Second", True, 2), ("First", True, 1)):
        Guardian.create(pupil=pupil, last_name=name, legal=legal, rank=rank)
    assert [guardian.last_name for guardian in pupils.guardians_of(pupil.id)] == ["First", "Second", "Contact"]
