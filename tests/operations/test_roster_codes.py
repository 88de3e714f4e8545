"""What an administrator says of a code reaches whom it concerns at once; eligibility follows days and settings."""

from datetime import date

import pytest

from tests.factories import NOW, SCHOOL_YEAR, TODAY, actor, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tests.operations.rosters.files import UNKNOWN, days, morning
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.rosters import CodeAnswer, Departure
from tracker.models.schools import School
from tracker.operations.campaigns import change_setting
from tracker.operations.eligibility import recompute_eligibility
from tracker.operations.roster_codes import answer_code
from tracker.queries.roster_codes import asked_codes
from tracker.rules.departures import Destination
from tracker.rules.refusals import Refused
from tracker.rules.rosters import CodeKind


@pytest.fixture
def school(db) -> School:
    make_campaign()
    return make_school()


def enrol(school, **changes):
    return Enrolment.get(Enrolment.pupil == make_pupil(school, **changes))


def judged(enrolment) -> tuple[str, str, str]:
    kept = Enrolment.get_by_id(enrolment.id)
    return kept.level, kept.eligible, kept.eligible_reason


def unsure(school, **changes):
    values = {"level": "unknown", "mef": UNKNOWN, "eligible": "check", "eligible_reason": "level_unknown"}
    return enrol(school, **(values | changes))


def answer(kind, code, meaning, **changes):
    return answer_code(kind, code, meaning, **({"actor": actor(), "now": NOW} | changes))


def departed(enrolment, **changes):
    values = {"destination": Destination.TO_QUALIFY, "noticed_at": NOW, "left_on": TODAY} | changes
    return Departure.create(pupil=enrolment.pupil_id, enrolment=enrolment, school=enrolment.school_id, **values)


def test_a_level_said_once_is_the_level_of_everybody_with_this_code_this_year(school):
    here, variant = unsure(school), unsure(make_school(), mef=UNKNOWN[:10] + "7")
    outside, last_year = unsure(make_school(member_from=None)), unsure(school, school_year=SCHOOL_YEAR - 1)
    answer(CodeKind.MEF, UNKNOWN, "seconde_pro")
    assert judged(here) == judged(variant) == ("seconde_pro", "yes", "entry_level")
    assert judged(outside) == ("seconde_pro", "no", "school_not_member")
    assert judged(last_year) == ("unknown", "check", "level_unknown")


def test_an_answer_may_be_mended(school):
    one = unsure(school)
    answer(CodeKind.MEF, UNKNOWN, "seconde_pro")
    answer(CodeKind.MEF, UNKNOWN, "other")
    assert judged(one) == ("other", "no", "level_not_foreseen")
    kept = CodeAnswer.get()
    assert (kept.code, kept.meaning, kept.answered_at) == (UNKNOWN[:10], "other", NOW)


def test_departures_of_this_reason_are_qualified_and_no_other_is(school):
    asked, other = (departed(enrol(school, exit_reason=reason, left_on=TODAY)) for reason in ("77", "78"))
    said = departed(enrol(school, exit_reason="77", left_on=TODAY), destination=Destination.CFA)
    answer(CodeKind.EXIT_REASON, "77", "other_region")
    assert [Departure.get_by_id(each.id).destination for each in (asked, other, said)] == [
        Destination.OTHER_REGION, Destination.TO_QUALIFY, Destination.CFA,
    ]  # fmt: skip


def test_a_reason_that_means_death_silences_every_letter(school):
    one, other = enrol(school, exit_reason="77", left_on=TODAY), enrol(school)
    departed(one)
    answer(CodeKind.EXIT_REASON, "77", "died")
    assert {each.id: each.deceased for each in Pupil.select()} == {one.pupil_id: True, other.pupil_id: False}


@pytest.mark.parametrize(
    ("kind", "code", "meaning", "refusal"),
    [
        (CodeKind.MEF, UNKNOWN, "unknown", "code_meaning_unknown"),
        (CodeKind.MEF, UNKNOWN, "cfa", "code_meaning_unknown"),
        (CodeKind.EXIT_REASON, "77", "to_qualify", "code_meaning_unknown"),
        (CodeKind.EXIT_REASON, "77", "seconde_pro", "code_meaning_unknown"),
        (CodeKind.MEF, "123", "seconde_pro", "code_form"),
        (CodeKind.EXIT_REASON, " ", "cfa", "code_form"),
        (CodeKind.EXIT_REASON, "77777", "cfa", "code_form"),
    ],
)
def test_what_is_no_answer_is_refused(school, kind, code, meaning, refusal):
    with pytest.raises(Refused, match=refusal):
        answer(kind, code, meaning)
    assert CodeAnswer.select().count() == 0


@pytest.mark.parametrize("role", ["school", "logistics", "staff"])
def test_only_an_administrator_answers(school, role):
    with pytest.raises(Refused, match="not_allowed"):
        answer(CodeKind.MEF, UNKNOWN, "seconde_pro", actor=actor(role))


@pytest.mark.parametrize("count", [3, 30])
def test_an_answer_asks_the_database_as_often_for_many_as_for_few(school, count_queries, count):
    for _ in range(count):
        unsure(school)
    with count_queries() as counted:
        answer(CodeKind.MEF, UNKNOWN, "seconde_pro")
    assert Enrolment.select().where(Enrolment.eligible == "yes").count() == count
    assert counted.total <= 15


def test_the_codes_are_listed_open_ones_first_with_whom_they_concern(school, count_queries):
    for code, kind, meaning in (("77", "exit_reason", "cfa"), ("78", "exit_reason", ""), (UNKNOWN[:10], "mef", "")):
        CodeAnswer.create(kind=kind, code=code, meaning=meaning, label="RARE" if kind == "mef" else "")
    unsure(school), unsure(school, mef=UNKNOWN[:10] + "7"), unsure(school, school_year=SCHOOL_YEAR - 1)
    enrol(school, exit_reason="77"), enrol(school)
    with count_queries() as counted:
        found = asked_codes(SCHOOL_YEAR)
    assert counted.total == 3
    assert [(each.code, each.label, each.meaning, each.pupils, each.is_open) for each in found] == [
        (UNKNOWN[:10], "RARE", "", 2, True), ("78", "", "", 0, True), ("77", "", "cfa", 1, False),
    ]  # fmt: skip


def settle(value: str, *, on: date = TODAY) -> None:
    campaign = make_campaign()
    change_setting(
        campaign.id, "three_year_cap", value, valid_from=on, reason="Decided", actor=actor(), now=morning(TODAY)
    )


def test_the_setting_on_three_year_cap_counts_at_once_from_today_on(school):
    one = unsure(school, level="cap_of_3", mef="24210019110", eligible_reason="three_year_cap")
    settle("yes")
    assert judged(one)[1:] == ("yes", "three_year_cap_included")
    settle("no")
    assert judged(one)[1:] == ("no", "three_year_cap_excluded")


def test_of_a_later_day_it_counts_on_that_day(school):
    one = unsure(school, level="cap_of_3", mef="24210019110", eligible_reason="three_year_cap")
    settle("yes", on=days(3))
    assert judged(one)[1] == "check"
    assert recompute_eligibility(SCHOOL_YEAR, days(2)) == 0
    assert recompute_eligibility(SCHOOL_YEAR, days(3)) == 1
    assert judged(one)[1] == "yes"


def test_an_exit_or_a_membership_that_reaches_its_day_changes_the_answer(school):
    leaver, ending = enrol(school, left_on=days(2)), enrol(make_school(member_until=days(2)))
    stays = enrol(school)
    assert recompute_eligibility(SCHOOL_YEAR, days(1)) == 0
    assert recompute_eligibility(SCHOOL_YEAR, days(3)) == 2
    assert [judged(each)[1:] for each in (leaver, ending, stays)] == [
        ("no", "not_schooled"), ("no", "school_not_member"), ("yes", "entry_level"),
    ]  # fmt: skip
    assert recompute_eligibility(SCHOOL_YEAR, days(3)) == 0


def test_a_laptop_lent_this_year_changes_nobodys_answer(school):
    pupil = make_pupil(school)
    lend(make_device(school), pupil, school)
    assert recompute_eligibility(SCHOOL_YEAR, TODAY) == 0
