"""FREGATA's table and its web service's answer."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rosters.siecle import (
    FREGATA_HEADINGS,
    fregata_csv,
    fregata_json,
    fregata_record,
    fregata_row,
    zipped,
)
from tracker.rosters import Kind, Limits, Roster, Severity, read_roster
from tracker.rosters.findings import Findings
from tracker.rosters.fregata_json import read_json


def codes(roster: Roster) -> list[str]:
    return [problem.code for problem in roster.problems]


def test_a_table_in_order_gives_its_pupils_without_school_regime_or_exit():
    roster = read_roster(fregata_csv(fregata_row(1), fregata_row(2, **{"Nom d'usage": "LE ROY", "Statut*": "AP"})))
    assert (roster.kind, roster.uai, roster.school_year, roster.problems) == (Kind.FREGATA_CSV, None, None, [])
    first, second = roster.pupils
    assert (first.ines, first.last_name, first.first_name, first.birth_date, first.line) == (
        ("990000001BA",),
        "GUÉRIN1",
        "Maël",
        date(2010, 2, 5),
        2,
    )
    assert (first.mef, first.class_name, first.status, first.regime, first.left_on, first.roster_id) == (
        "27621114310",
        "2PRO HORTI",
        "ST",
        "",
        None,
        "",
    )
    assert (second.usual_name, second.status) == ("LE ROY", "AP")


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac-roman", "iso8859-15", "utf-16"])
def test_any_separator_in_any_alphabet(separator, encoding):
    names = {"Nom de famille*": "ŒUVRÉ-Àçê", "Premier prénom*": "Noëlle"}
    roster = read_roster(fregata_csv(fregata_row(1, **names), separator=separator, encoding=encoding))
    assert not roster.refused
    assert [(row.last_name, row.first_name) for row in roster.pupils] == [("ŒUVRÉ-Àçê", "Noëlle")]


@given(st.permutations(FREGATA_HEADINGS))
def test_columns_in_any_order(headings):
    roster = read_roster(fregata_csv(fregata_row(1), headings=tuple(headings)))
    assert roster.pupils == read_roster(fregata_csv(fregata_row(1))).pupils


def test_headings_without_accents_stars_or_case():
    plain = fregata_csv(fregata_row(1)).decode()
    head, rest = plain.split("\r\n", 1)
    roster = read_roster((head.upper().replace("*", "").replace("É", "E") + "\r\n" + rest).encode())
    assert len(roster.pupils) == 1


def test_all_missing_columns_are_named_in_one_problem():
    kept = tuple(name for name in FREGATA_HEADINGS if name not in ("Code MEF*", "Division*", "Statut*"))
    roster = read_roster(fregata_csv(fregata_row(1), headings=kept))
    assert roster.refused
    (problem,) = roster.problems
    assert (problem.code, problem.facts["expected"]) == ("columns_missing", "Statut, Code MEF, Division")


@pytest.mark.parametrize("sex", ["Masculin", "masculin", "FÉMININ", "Féminin", ""])
def test_the_sex_in_any_case_does_not_matter(sex):
    assert read_roster(fregata_csv(fregata_row(1, **{"Code sexe*": sex}))).problems == []


def test_a_row_of_another_width_is_refused_and_kept_among_those_who_are_there():
    broken = fregata_csv(fregata_row(1), fregata_row(2)).decode().replace("GUÉRIN2", "GUÉRIN2;X;")
    roster = read_roster(broken.encode())
    assert [row.ines for row in roster.pupils] == [("990000001BA",)]
    assert [row.ines for row in roster.refused_rows] == [("990000002BA",)]
    assert "row_width" in codes(roster)


def test_empty_rows_and_empty_cells_at_the_end_are_no_pupils():
    content = fregata_csv(fregata_row(1)) + b";;;\r\n\r\n" + b";" * 10 + b"\r\n"
    roster = read_roster(content)
    assert (len(roster.pupils), roster.problems) == (1, [])


def test_dates_are_checked_in_a_table_too():
    roster = read_roster(fregata_csv(fregata_row(1, **{"Date de naissance (jj/mm/aaaa)*": "31/02/2010"})))
    assert (roster.pupils[0].birth_date, codes(roster)) == (None, ["date_impossible"])


def test_a_table_in_a_zip_is_read():
    assert len(read_roster(zipped(("eleves.csv", fregata_csv(fregata_row(1))))).pupils) == 1


def test_a_name_with_a_separator_in_quotes():
    row = fregata_row(1, **{"Nom de famille*": '"LE; ROY"'})
    assert read_roster(fregata_csv(row)).pupils[0].last_name == "LE; ROY"


def test_a_line_break_within_a_name_is_a_space():
    row = fregata_row(1, **{"Nom de famille*": '"LE\nROY"'})
    assert read_roster(fregata_csv(row)).pupils[0].last_name == "LE ROY"


def test_an_unknown_status_is_said():
    assert codes(read_roster(fregata_csv(fregata_row(1, **{"Statut*": "XX"})))) == ["status_unknown"]


def test_the_inactive_are_in_no_class():
    assert read_roster(fregata_csv(fregata_row(1, **{"Division*": "Inactifs"}))).pupils[0].class_name == ""


# The web service


def test_a_list_gives_its_pupils_and_its_school_year():
    roster = read_roster(fregata_json(fregata_record(1), fregata_record(2, statutApprenant={"code": "2503"})))
    assert (roster.kind, roster.uai, roster.school_year, roster.problems) == (Kind.FREGATA_JSON, None, 2025, [])
    first, second = roster.pupils
    assert (first.roster_id, first.ines, first.last_name, first.first_name, first.birth_date) == (
        "1",
        ("990000001BA",),
        "GUÉRIN1",
        "Maël",
        date(2010, 2, 5),
    )
    assert (first.class_name, first.mef, first.status, first.entered_on, first.left_on) == (
        "2PRO HORTI",
        "27621114310",
        "ST",
        date(2025, 9, 2),
        None,
    )
    assert (second.status, second.line > first.line) == ("AP", True)


def test_who_is_counted_by_the_education_nationale_is_skipped_and_said():
    roster = read_roster(fregata_json(fregata_record(1, estEN=True), fregata_record(2)))
    assert [row.roster_id for row in roster.pupils] == ["2"]
    assert [(p.code, p.severity, p.pupil) for p in roster.problems] == [
        ("counted_elsewhere", Severity.INFORMATION, "GUÉRIN1 Maël")
    ]


@pytest.mark.parametrize("name", ["dateSortieEtablissement", "dateSortieFormation"])
def test_an_exit_date_is_read(name):
    assert read_roster(fregata_json(fregata_record(1, **{name: "2026-01-15"}))).pupils[0].left_on == date(2026, 1, 15)


def test_an_impossible_exit_date_refuses_the_row():
    roster = read_roster(fregata_json(fregata_record(1, dateSortieEtablissement="2026-02-31")))
    assert (roster.pupils, len(roster.refused_rows), codes(roster)) == ([], 1, ["date_impossible"])


def test_one_record_of_a_wrong_year_does_not_make_the_year_of_the_file():
    wrong = fregata_record(4, sectionReference={"codeMef": "27621114310", "anneeScolaireId": 999})
    roster = read_roster(fregata_json(*(fregata_record(number) for number in (1, 2, 3)), wrong))
    assert (roster.school_year, [row.roster_id for row in roster.pupils]) == (2025, ["1", "2", "3"])
    assert codes(roster) == ["other_year"]


def test_the_latest_school_year_counts_and_earlier_rows_are_left_out():
    earlier = {"codeMef": "27621114310", "anneeScolaireId": 28}
    roster = read_roster(fregata_json(fregata_record(1, sectionReference=earlier), fregata_record(2)))
    assert (roster.school_year, [row.roster_id for row in roster.pupils]) == (2025, ["2"])
    assert codes(roster) == ["other_year"]


@pytest.mark.parametrize("record", [1, None, "x", [], {}, {"apprenant": None}, {"apprenant": []}])
def test_what_is_no_pupil_is_an_error_on_its_own(record):
    roster = read_roster(fregata_json(record, fregata_record(2)))
    assert (len(roster.pupils), codes(roster)) == (1, ["record_form"])


@pytest.mark.parametrize("value", [None, [], {}, True, 1.5])
def test_values_of_a_wrong_kind_are_as_good_as_none(value):
    roster = read_roster(fregata_json(fregata_record(1, division=value, dateEntreeEtablissement=value)))
    assert (roster.pupils[0].class_name, roster.pupils[0].entered_on) == ("", None)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"message": "Acc\xc3\xa8s refus\xc3\xa9"}', "json_no_list"),
        (b"[", "json_truncated"),
        (b'[{"id": 1', "json_truncated"),
        (b'[{"id": 1} {"id": 2}]', "json_broken"),
        (b'[{"id": NaN}]', "json_broken"),
        (b'[{"id": 1}, x]', "json_broken"),
        (b"[" * 100_000, "too_deep"),
    ],
)
def test_a_broken_answer_is_refused_with_its_reason(content, code):
    roster = read_roster(content)
    assert (roster.refused, roster.pupils, codes(roster)[-1]) == (True, [], code)


def test_a_value_without_end_is_not_read_to_its_end():
    roster = read_roster(b'["' + b"a" * 3_000_000, limits=Limits(token=100_000))
    assert codes(roster) == ["token_too_long"]


def test_signs_that_no_database_takes_are_left_out():
    learner = {"prenomUsuel": "A\u0000na", "nomUsuel": "LE\ud800 ROY", "dateNaissance": "2010-02-05", "ine": ""}
    roster = read_roster(json.dumps([fregata_record(1, apprenant=learner)]).encode())
    assert (roster.pupils[0].first_name, roster.pupils[0].last_name) == ("Ana", "LE ROY")


def test_an_empty_list_is_an_empty_roster():
    roster = read_roster(b" [ ] ")
    assert (roster.refused, roster.pupils, roster.kind) == (False, [], Kind.FREGATA_JSON)


@given(st.integers(1, 300), st.integers(1, 40))
def test_records_are_found_wherever_the_pieces_are_cut(records, size):
    text = fregata_json(*(fregata_record(number) for number in range(min(records, 5)))).decode()
    pieces = iter([text[at : at + size] for at in range(0, len(text), size)])
    roster = Roster()
    read_json(pieces, roster, Findings())
    whole = read_roster(text.encode())
    assert [(row.line, row.roster_id) for row in roster.pupils] == [(row.line, row.roster_id) for row in whole.pupils]
