"""What a school calls its classes and its level codes."""

import pytest

from tests.operations.rosters.files import UNKNOWN, days, everything, nomenclature_of, row, structures_of
from tracker.models.rosters import CodeAnswer, SchoolClass
from tracker.rules.refusals import Refused


def names() -> dict[str, str]:
    return dict(SchoolClass.select(SchoolClass.code, SchoolClass.label).tuples())


def test_classes_have_the_names_that_the_school_gives_them(desk, school):
    desk.apply_file(school, structures_of(school, {"2GT1": "SECONDE 1", "2GT2": "SECONDE 2"}))
    desk.apply_file(school, structures_of(school, {"2GT1": "SECONDE UN", "2GT2": "SECONDE 2"}), on=days(1))
    assert names() == {"2GT1": "SECONDE UN", "2GT2": "SECONDE 2"}


def test_only_level_codes_that_nobody_knows_are_kept_with_their_name(desk, school):
    desk.apply_file(school, nomenclature_of(school, {UNKNOWN: "1ERE ANNEE RARE", "20010019110": "SECONDE GT"}))
    assert [(each.code, each.label, each.meaning) for each in CodeAnswer.select()] == [
        (UNKNOWN[:10], "1ERE ANNEE RARE", "")
    ]


@pytest.mark.parametrize("build", [structures_of, nomenclature_of])
def test_the_same_names_again_change_no_row_and_undone_all_is_as_it_was(desk, school, build):
    empty = everything()
    first = desk.apply_file(school, build(school, {UNKNOWN: "ONE"}))
    named = everything()
    again = desk.apply_file(school, build(school, {UNKNOWN: "ONE"}), on=days(1))
    assert everything() == named
    other = desk.apply_file(school, build(school, {UNKNOWN: "TWO"}), on=days(2))
    with pytest.raises(Refused) as refused:
        desk.undo(first, on=days(3))
    assert refused.value.facts == {"rests": {"imports": 1}}
    for made, state in ((other, named), (again, named), (first, empty)):
        desk.undo(made, on=days(3))
        assert everything() == state


def test_a_code_that_a_pupil_has_is_still_asked_about_when_its_name_is_taken_back(desk, school):
    desk.apply(school, row(1, mef=UNKNOWN))
    before = everything()
    desk.undo(desk.apply_file(school, nomenclature_of(school, {UNKNOWN: "RARE"})))
    assert everything() == before
    assert CodeAnswer.select().count() == 1
