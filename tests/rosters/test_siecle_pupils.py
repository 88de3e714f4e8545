"""SIECLE's pupils: every oddity of real files."""

from datetime import date, datetime

import pytest

from tests.rosters import siecle
from tests.rosters.siecle import in_class, last_year, parameters, pupil, pupils_file, structures
from tracker.rosters import Kind, Roster, Severity, read_roster
from tracker.rules.eligibility import Level
from tracker.rules.levels import level_of


def codes(roster: Roster) -> list[str]:
    return [problem.code for problem in roster.problems]


def read(*pupils: str, **how) -> Roster:
    return read_roster(pupils_file(*pupils, **how))


def only(roster: Roster):
    assert not roster.refused
    assert roster.refused_rows == []
    (row,) = roster.pupils
    return row


def test_a_file_in_order_gives_its_pupils_and_no_problem():
    roster = read(pupil(1), pupil(2, CODE_REGIME="35", DOUBLEMENT="1"))
    assert roster.problems == []
    assert (roster.kind, roster.uai, roster.school_year) == (Kind.SIECLE_PUPILS, siecle.SCHOOL, 2025)
    assert roster.exported_at == datetime.fromisoformat("2025-11-10 05:12:07")
    first, second = roster.pupils
    assert (first.roster_id, first.ines, first.last_name, first.first_name) == (
        "700001",
        ("990000001BA",),
        "DURAND1",
        "Léa",
    )
    assert (first.birth_date, first.entered_on, first.left_on) == (date(2010, 3, 14), date(2025, 9, 1), None)
    assert (first.class_name, first.mef, first.regime, first.status) == ("2GT1", siecle.SECONDE, "2", "ST")
    assert (first.previous_uai, first.previous_mef) == (siecle.COLLEGE, siecle.TROISIEME)
    assert (first.repeats_year, second.repeats_year, second.regime) == (False, True, "35")
    assert second.line > first.line > 1


def test_last_years_school_never_gives_its_address_class_or_level_to_the_pupil():
    row = only(read(pupil(1, MEL=None, CODE_MEF=None)))
    assert (row.email, row.mef, row.previous_mef) == ("", "", siecle.TROISIEME)


def test_a_deeper_element_of_the_same_name_is_not_the_pupils():
    extra = siecle.element("ANNEXE", siecle.element("AUTRE", siecle.element("NOM_USAGE", "INTRUS")))
    row = only(read(pupil(1, extra=extra)))
    assert (row.usual_name, row.previous_uai) == ("", "")


@pytest.mark.parametrize("tag", ["NOM_USAGE", "MEL", "CODE_REGIME", "DATE_SORTIE", "CODE_MOTIF_SORTIE", "DOUBLEMENT"])
def test_an_empty_tag_is_as_good_as_none(tag):
    empty, absent = (only(read(pupil(1, **{tag: value}))) for value in ("", None))
    empty.line = absent.line
    assert empty == absent


def test_structures_may_come_before_the_pupils():
    after, before = read(pupil(1), pupil(2)), read(pupil(1), pupil(2), first="structures")
    for row, other in zip(after.pupils, before.pupils, strict=True):
        other.line = row.line
    assert before.pupils == after.pupils
    assert [row.class_name for row in before.pupils] == ["2GT1", "2GT1"]


def test_parameters_may_come_last():
    whole = pupils_file(pupil(1), head="").replace(b"</BEE_ELEVES>", parameters().encode() + b"</BEE_ELEVES>")
    roster = read_roster(whole)
    assert (roster.uai, roster.school_year, len(roster.pupils)) == (siecle.SCHOOL, 2025, 1)


def test_the_former_version_of_the_file_is_read_too():
    assert len(read_roster(pupils_file(pupil(1)).replace(b'VERSION="3.0"', b'VERSION="2.1"')).pupils) == 1


# Identity


def test_three_different_ine_are_kept_in_their_order():
    row = only(read(pupil(1, ID_NATIONAL="0123456789B", INE_RNIE="990000001BA", INE_BEA="990000002BA")))
    assert row.ines == ("0123456789B", "990000001BA", "990000002BA")


def test_no_ine_is_said_and_the_pupil_is_taken():
    roster = read(pupil(1, ID_NATIONAL=None, INE_RNIE=""))
    assert only(roster).ines == ()
    assert [(p.code, p.severity) for p in roster.problems] == [("ine_missing", Severity.INFORMATION)]


@pytest.mark.parametrize(
    ("ine", "code"), [("123", "ine_form"), ("990000001II", "ine_form"), ("0123456789A", "ine_letter")]
)
def test_a_doubtful_ine_warns_and_never_refuses(ine, code):
    roster = read(pupil(1, ID_NATIONAL=ine, INE_RNIE=None))
    assert only(roster).ines == (ine,)
    (problem,) = roster.problems
    assert (problem.code, problem.severity, problem.field, problem.facts["found"], problem.pupil) == (
        code,
        Severity.WARNING,
        "ID_NATIONAL",
        ine,
        "DURAND1 Léa",
    )


def test_the_same_ine_on_two_pupils_refuses_both_rows_and_takes_nobody_for_gone():
    roster = read(pupil(1), pupil(2, ID_NATIONAL="990000001BA", PRENOM="Tom"), pupil(3))
    assert [row.roster_id for row in roster.pupils] == ["700003"]
    assert [row.roster_id for row in roster.refused_rows] == ["700001", "700002"]
    assert [(p.code, p.severity) for p in roster.problems] == [("ine_twice", Severity.ERROR)] * 2
    assert "DURAND2 Tom" in roster.problems[0].facts["others"]
    assert not roster.refused


@pytest.mark.parametrize("order", [1, -1])
def test_one_who_left_and_came_back_counts_by_the_row_without_exit(order):
    same = {"ID_NATIONAL": "990000001BA", "INE_RNIE": None, "NOM_DE_FAMILLE": "DURAND"}
    rows = [pupil(1, DATE_SORTIE="15/10/2025", **same), pupil(2, **same)][::order]
    roster = read(*rows)
    assert only(roster).roster_id == "700002"
    assert [(p.code, p.severity) for p in roster.problems] == [("ine_twice_same_pupil", Severity.INFORMATION)]


def test_of_two_exits_the_later_one_counts():
    same = {"ID_NATIONAL": "990000001BA", "INE_RNIE": None, "NOM_DE_FAMILLE": "DURAND"}
    roster = read(pupil(1, DATE_SORTIE="03/07/2026", **same), pupil(2, DATE_SORTIE="15/10/2025", **same))
    assert only(roster).left_on == date(2026, 7, 3)


def test_what_is_no_ine_on_several_pupils_identifies_none_of_them_and_refuses_none():
    roster = read(*(pupil(n, ID_NATIONAL="INCONNU", INE_RNIE=None) for n in (1, 2)))
    assert [row.ines for row in roster.pupils] == [(), ()]
    assert codes(roster).count("ine_shared") == 2
    assert roster.refused_rows == []


def test_the_same_number_on_two_pupils_refuses_both():
    roster = read_roster(pupils_file(pupil(1), pupil(2)).replace(b'ELEVE_ID="700002"', b'ELEVE_ID="700001"'))
    assert roster.pupils == []
    assert codes(roster).count("id_twice") == 2


def test_a_pupil_without_number_is_refused():
    roster = read_roster(pupils_file(pupil(1), classes=()).replace(b'ELEVE_ID="700001"', b""))
    assert (roster.pupils, codes(roster)[0]) == ([], "id_missing")


# Names


@pytest.mark.parametrize(
    "name", ["=SOMME(A1)", "+33", "-Dupont", "@admin", "<script>alert(1)</script>", "D'Arc & fils"]
)
def test_a_name_is_data_whatever_it_begins_with_or_carries(name):
    roster = read(pupil(1, NOM_DE_FAMILLE=name))
    assert only(roster).last_name == name
    assert roster.problems == []


def test_a_question_mark_in_a_name_is_a_lost_letter():
    roster = read(pupil(1, PRENOM="Zo?"))
    assert only(roster).first_name == "Zo?"
    (problem,) = roster.problems
    assert (problem.code, problem.severity, problem.field) == ("character_lost", Severity.WARNING, "PRENOM")


def test_names_keep_their_letters_and_lose_stray_spaces():
    assert only(read(pupil(1, NOM_DE_FAMILLE="  LE   FŒUVRE\n"))).last_name == "LE FŒUVRE"


def test_a_mark_of_direction_in_a_name_is_left_out():
    file = pupils_file(pupil(1, NOM_DE_FAMILLE="A\u202eB\u200bC"), encoding="utf-8", declared="UTF-8")
    assert only(read_roster(file)).last_name == "ABC"


@pytest.mark.parametrize("tag", ["NOM_DE_FAMILLE", "PRENOM"])
def test_a_pupil_without_a_name_is_refused(tag):
    roster = read(pupil(1, **{tag: None}), pupil(2))
    assert [row.roster_id for row in roster.refused_rows] == ["700001"]
    assert [(p.code, p.field) for p in roster.problems] == [("name_missing", tag)]


@pytest.mark.parametrize("name", ["A" * 101, "Œ" * 60, "㎨" * 40])
def test_a_name_that_does_not_fit_refuses_the_row_and_is_not_cut(name):
    file = pupils_file(pupil(1, PRENOM=name), encoding="utf-8", declared="UTF-8")
    roster = read_roster(file)
    assert (roster.pupils, codes(roster)) == ([], ["field_too_long"])


def test_a_name_of_100_letters_fits():
    assert only(read(pupil(1, PRENOM="É" * 100))).first_name == "É" * 100


# Dates


@pytest.mark.parametrize("day", ["31/02/2026", "29/02/2026", "03/07/26", "2026-07-03", "0", "32/01/2026", "03/07/0026"])
def test_an_impossible_exit_date_refuses_the_row_for_either_answer_would_be_a_guess(day):
    roster = read(pupil(1, DATE_SORTIE=day))
    assert (roster.pupils, len(roster.refused_rows)) == ([], 1)
    problem = roster.problems[0]
    assert (problem.code, problem.severity, problem.field) == ("date_impossible", Severity.ERROR, "DATE_SORTIE")
    assert problem.facts == {"found": day, "expected": "jj/mm/aaaa"}


@pytest.mark.parametrize("tag", ["DATE_NAISS", "DATE_ENTREE"])
@pytest.mark.parametrize("day", ["31/02/2010", "14/03/10"])
def test_an_impossible_birth_or_entry_date_is_left_out_with_a_warning(tag, day):
    roster = read(pupil(1, **{tag: day}))
    row = only(roster)
    assert (row.birth_date if tag == "DATE_NAISS" else row.entered_on) is None
    assert [(p.code, p.severity, p.field) for p in roster.problems] == [("date_impossible", Severity.WARNING, tag)]


def test_29_february_exists_in_a_leap_year():
    assert only(read(pupil(1, DATE_NAISS="29/02/2008"))).birth_date == date(2008, 2, 29)


def test_a_missing_birth_date_is_said():
    assert codes(read(pupil(1, DATE_NAISS=None))) == ["birth_date_missing"]


@pytest.mark.parametrize("day", [date(2025, 10, 17), date(2025, 11, 10), date(2026, 7, 3)])
def test_an_exit_past_today_or_to_come_is_read_as_it_is(day):
    roster = read(pupil(1, DATE_SORTIE=day.strftime("%d/%m/%Y"), CODE_MOTIF_SORTIE="10"))
    assert (only(roster).left_on, only(roster).exit_reason, roster.problems) == (day, "10", [])


def test_an_exit_before_the_entry_is_said():
    roster = read(pupil(1, DATE_SORTIE="31/08/2025"))
    assert only(roster).left_on == date(2025, 8, 31)
    assert [(p.code, p.severity) for p in roster.problems] == [("exit_before_entry", Severity.WARNING)]


def test_a_reason_without_an_exit_date_is_said():
    assert codes(read(pupil(1, CODE_MOTIF_SORTIE="99"))) == ["exit_reason_without_date"]


# Addresses, codes


def test_of_two_addresses_in_one_field_the_first_is_used():
    roster = read(pupil(1, MEL="a@exemple.test; b@exemple.test"))
    assert only(roster).email == "a@exemple.test"
    assert [(p.code, p.severity, p.field) for p in roster.problems] == [("email_several", Severity.WARNING, "MEL")]


@pytest.mark.parametrize(
    "mel", ["lea", "lea@", "@exemple.test", "a@b", "a b@c d", "léa@exemple.test", "a@-b.fr", "a..b@c.fr"]
)
def test_a_bad_address_is_left_out_with_a_warning(mel):
    roster = read(pupil(1, MEL=mel))
    assert only(roster).email == ""
    assert [(p.code, p.facts["found"]) for p in roster.problems] == [("email_invalid", mel)]


def test_two_fields_of_the_same_name_are_said():
    file = pupils_file(pupil(1)).replace(b"<CODE_STATUT>", b"<MEL>x@exemple.test</MEL><CODE_STATUT>")
    roster = read_roster(file)
    assert only(roster).email == "lea.durand1@exemple.test"
    assert codes(roster) == ["field_twice"]


def test_a_level_code_of_10_digits_is_taken_and_said():
    roster = read(pupil(1, CODE_MEF=siecle.SECONDE[:10]))
    assert only(roster).mef == siecle.SECONDE[:10]
    assert [(p.code, p.severity) for p in roster.problems] == [("mef_short", Severity.INFORMATION)]


def test_a_local_variant_of_a_level_code_is_taken_as_it_is():
    roster = read(pupil(1, CODE_MEF=siecle.SECONDE[:10] + "7"))
    assert (only(roster).mef, roster.problems) == (siecle.SECONDE[:10] + "7", [])


@pytest.mark.parametrize("mef", ["2GT", "200100191", "2001001911A0", "200100191101", "2.0010019E+10"])
def test_what_is_no_level_code_is_said_and_leaves_a_level_to_check(mef):
    roster = read(pupil(1, CODE_MEF=mef))
    assert (codes(roster), bool(only(roster).mef), len(only(roster).mef) <= 11) == (["mef_form"], True, True)
    assert level_of(only(roster).mef) is Level.UNKNOWN


def test_booleans_mix_two_forms():
    values = {"1": True, "true": True, "TRUE": True, "0": False, "false": False}
    for text, answer in values.items():
        assert only(read(pupil(1, DOUBLEMENT=text))).repeats_year is answer
    assert codes(read(pupil(1, DOUBLEMENT="peut-être"))) == ["flag_unknown"]


# Divisions


def test_two_divisions_the_first_counts_with_a_warning():
    roster = read(pupil(1), classes=(structures(1, ("2GT1", "D"), ("2GT2", "D")),))
    assert only(roster).class_name == "2GT1"
    (problem,) = roster.problems
    assert (problem.code, problem.severity, problem.pupil, problem.facts) == (
        "two_divisions",
        Severity.WARNING,
        "DURAND1 Léa",
        {"found": "2GT2", "kept": "2GT1"},
    )


def test_a_group_is_no_class():
    roster = read(pupil(1), classes=(structures(1, ("2AGL1", "G")),))
    assert (only(roster).class_name, codes(roster)) == ("", ["class_missing"])


def test_a_group_before_the_division_does_not_hide_it():
    assert only(read(pupil(1), classes=(structures(1, ("2AGL1", "G"), ("2GT1", "D")),))).class_name == "2GT1"


@pytest.mark.parametrize("code", ["Inactifs", "INACTIFS", "inactifs"])
def test_the_drawer_of_the_inactive_is_no_class(code):
    roster = read(pupil(1), classes=(in_class(1, code),))
    assert (only(roster).class_name, sorted(codes(roster))) == ("", ["class_missing", "division_inactive"])


def test_a_division_after_the_inactive_one_counts():
    assert only(read(pupil(1), classes=(structures(1, ("Inactifs", "D"), ("2GT1", "D")),))).class_name == "2GT1"


def test_a_division_may_hold_a_space():
    assert only(read(pupil(1), classes=(in_class(1, "2GT 1 A"),))).class_name == "2GT 1 A"


def test_a_structure_of_an_unknown_pupil_is_said():
    roster = read(pupil(1), classes=(in_class(1), in_class(9, "2GT9")))
    assert len(roster.pupils) == 1
    (problem,) = roster.problems
    assert (problem.code, problem.severity, problem.pupil) == ("structure_without_pupil", Severity.WARNING, "700009")


def test_a_structure_of_a_refused_pupil_is_not_unknown():
    assert codes(read(pupil(1, PRENOM=None))) == ["name_missing"]


# The file as a whole


def test_without_a_school_the_file_is_refused():
    roster = read(pupil(1), head=parameters(uai=None))
    assert (roster.refused, roster.pupils, codes(roster)) == (True, [], ["uai_missing"])


def test_a_school_whose_letter_is_wrong_is_said():
    assert codes(read(pupil(1), head=parameters(uai="0149901A"))) == ["uai_form"]


@pytest.mark.parametrize("year", [None, "", "25", "20 25", "³025"])
def test_without_a_school_year_a_warning(year):
    file = pupils_file(pupil(1), head=parameters(year=year), encoding="utf-8", declared="utf-8")
    roster = read_roster(file)
    assert (roster.school_year, codes(roster)) == (None, ["school_year_missing"])
    assert (roster.problems[0].line, roster.problems[0].facts) == (3, {"found": year or ""})


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [("10/11/2025", "2025-11-10 00:00"), ("10/11/2025 05:12", "2025-11-10 05:12"), ("hier", None)],
)
def test_the_moment_of_the_export_in_its_forms(stamp, moment):
    assert read(pupil(1), head=parameters(stamp=stamp)).exported_at == (moment and datetime.fromisoformat(moment))


def test_all_problems_are_told_together_in_the_order_of_lines():
    roster = read(pupil(1, MEL="x"), pupil(2, DATE_SORTIE="31/02/2026"), pupil(3, CODE_MEF="1"), pupil(4, PRENOM=None))
    assert codes(roster) == ["email_invalid", "date_impossible", "mef_form", "name_missing"]
    lines = [problem.line for problem in roster.problems]
    assert lines == sorted(lines)


def test_every_pupil_of_the_file_is_taken_or_refused():
    roster = read(*(pupil(n, PRENOM=None if n % 3 else "Léa", extra=last_year()) for n in range(1, 20)))
    assert len(roster.pupils) + len(roster.refused_rows) == 19
