"""SIECLE's guardians, classes and level codes."""

import pytest

from tests.rosters.siecle import SECONDE, document, element, fields, guardians_file, link, person
from tracker.rosters import ClassRow, Kind, MefRow, Roster, Severity, read_roster
from tracker.rosters.sentences import sentence


def codes(roster: Roster) -> list[str]:
    return [problem.code for problem in roster.problems]


def read(*persons: str, links: tuple[str, ...], **how) -> Roster:
    return read_roster(guardians_file(*persons, links=links, **how))


def test_a_guardian_is_a_person_and_what_they_are_to_a_pupil():
    roster = read(person(1), links=(link(1, 1),))
    assert (roster.kind, roster.problems) == (Kind.SIECLE_GUARDIANS, [])
    (row,) = roster.guardians
    assert (row.roster_id, row.person_id, row.title, row.last_name, row.first_name) == (
        "700001",
        "900001",
        "MME",
        "PARENT1",
        "Ana",
    )
    assert (row.email, row.phone, row.legal, row.rank) == ("parent1@exemple.test", "+33639000001", True, 1)


def test_three_legal_guardians_are_all_legal_and_ranked():
    roster = read(person(1), person(2), person(3), links=(link(1, 1), link(1, 2), link(1, 3)))
    assert [(row.legal, row.rank) for row in roster.guardians] == [(True, 1), (True, 2), (True, 3)]
    assert roster.problems == []


@pytest.mark.parametrize(
    ("tag", "value", "legal"),
    [
        ("NIVEAU_RESPONSABILITE", "1", True),
        ("NIVEAU_RESPONSABILITE", "2", False),
        ("NIVEAU_RESPONSABILITE", "3", False),
        ("RESP_LEGAL", "1", True),
        ("RESP_LEGAL", "2", True),
        ("RESP_LEGAL", "0", False),
    ],
)
def test_who_is_a_legal_guardian_before_and_since_2018(tag, value, legal):
    roster = read(person(1), links=(link(1, 1, **({"NIVEAU_RESPONSABILITE": None} | {tag: value})),))
    assert (roster.guardians[0].legal, roster.problems) == (legal, [])


def test_since_2018_the_new_field_goes_before_the_former():
    roster = read(person(1), links=(link(1, 1, NIVEAU_RESPONSABILITE="3", RESP_LEGAL="1"),))
    assert roster.guardians[0].legal is False


@pytest.mark.parametrize(("value", "code"), [(None, "guardian_level_missing"), ("9", "guardian_level_unknown")])
def test_a_person_of_unknown_responsibility_is_no_legal_guardian(value, code):
    roster = read(person(1), links=(link(1, 1, NIVEAU_RESPONSABILITE=value),))
    assert (roster.guardians[0].legal, codes(roster)) == (False, [code])


def test_legal_guardians_come_first_and_whom_to_call_first_before_the_others():
    links = (
        link(1, 1, NIVEAU_RESPONSABILITE="3", A_CONTACTER_EN_PRIORITE="true"),
        link(1, 2, A_CONTACTER_EN_PRIORITE="false"),
        link(1, 3, A_CONTACTER_EN_PRIORITE="1"),
    )
    roster = read(person(1), person(2), person(3), links=links)
    assert [row.person_id for row in roster.guardians] == ["900003", "900002", "900001"]


def test_links_may_come_before_the_persons():
    assert len(read(person(1), links=(link(1, 1),), first="links").guardians) == 1


def test_a_link_to_an_unknown_person_is_said_of_its_pupil():
    roster = read(person(1), links=(link(1, 1), link(2, 9)))
    assert [row.person_id for row in roster.guardians] == ["900001"]
    assert [(p.code, p.severity, p.pupil, p.facts) for p in roster.problems] == [
        ("link_without_person", Severity.WARNING, "700002", {"found": "900009"})
    ]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"NIVEAU_RESPONSABILITE": None}, "guardian_level_missing"),
        ({"NIVEAU_RESPONSABILITE": "9"}, "guardian_level_unknown"),
        ({"A_CONTACTER_EN_PRIORITE": "perhaps"}, "flag_unknown"),
    ],
)
@pytest.mark.parametrize("first", ["persons", "links"])
def test_a_doubt_about_a_link_names_its_pupil_and_its_person(value, code, first):
    roster = read(person(1), links=(link(2, 1, **value),), first=first)
    (problem,) = roster.problems
    assert (problem.code, problem.pupil, problem.facts["person"]) == (code, "700002", "PARENT1 Ana")
    assert sentence(problem, str).startswith("PARENT1 Ana: ")


def test_two_links_that_contradict_each_other_are_said_of_their_pupil():
    roster = read(person(1), links=(link(1, 1), link(1, 1, NIVEAU_RESPONSABILITE="3")))
    assert [(p.pupil, p.facts["person"]) for p in roster.problems] == [("700001", "PARENT1 Ana")]


def test_a_person_whose_number_is_a_pupils_is_not_taken_for_them():
    seven = person(1).replace("900001", "700007")
    roster = read(seven, links=(link(7, 1, PERSONNE_ID="700007", NIVEAU_RESPONSABILITE=None),))
    assert [(p.pupil, p.facts["person"]) for p in roster.problems] == [("700007", "PARENT1 Ana")]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"MEL": "none"}, "email_invalid"),
        ({"NOM_DE_FAMILLE": "PARENT?"}, "character_lost"),
        ({"LC_CIVILITE": "M" * 11}, "field_left_out"),
    ],
)
def test_what_is_wrong_with_a_person_is_said_of_no_pupil_and_names_the_person(values, code):
    (problem,) = read(person(1, **values), links=(link(1, 1),)).problems
    name = f"{values.get('NOM_DE_FAMILLE', 'PARENT1')} Ana"
    assert (problem.code, problem.pupil, problem.facts["person"]) == (code, "", name)
    assert sentence(problem, str).startswith(f"{name}: “")


def test_of_whom_no_guardian_could_be_read_has_not_lost_them():
    too_long, known = person(1, NOM_DE_FAMILLE="A" * 101), person(2)
    roster = read(too_long, known, links=(link(1, 1), link(2, 9), link(3, 1), link(3, 2), link(4, 2, PERSONNE_ID=None)))
    assert {row.roster_id for row in roster.guardians} == {"700003"}
    assert (roster.unread_families, roster.nameless) == ({"700001", "700002", "700004"}, 0)


def test_links_that_do_not_say_of_which_pupil_are_counted():
    roster = read(person(1), links=(link(1, 1), link(2, 1, ELEVE_ID=None), link(2, 1, ELEVE_ID=None)))
    assert (roster.nameless, codes(roster)) == (2, ["link_incomplete"] * 2)
    assert [(p.pupil, p.facts["person"]) for p in roster.problems] == [("", "PARENT1 Ana")] * 2


@pytest.mark.parametrize("tag", ["ELEVE_ID", "PERSONNE_ID"])
def test_a_link_that_names_only_one_side_is_said(tag):
    roster = read(person(1), links=(link(1, 1, **{tag: None}),))
    assert roster.guardians == []
    assert "link_incomplete" in codes(roster)


def test_a_person_of_no_pupil_is_said():
    assert codes(read(person(1), person(2), links=(link(1, 1),))) == ["person_without_pupil"]


def test_one_person_may_be_guardian_of_several_pupils():
    assert [row.roster_id for row in read(person(1), links=(link(1, 1), link(2, 1))).guardians] == ["700001", "700002"]


def test_two_links_that_contradict_each_other_make_no_legal_guardian():
    roster = read(person(1), links=(link(1, 1), link(1, 1, NIVEAU_RESPONSABILITE="3")))
    assert [row.legal for row in roster.guardians] == [False]
    assert codes(roster) == ["link_contradicts"]


@pytest.mark.parametrize(
    ("mel", "kept", "code"),
    [("a@exemple.test b@exemple.test", "a@exemple.test", "email_several"), ("non", "", "email_invalid")],
)
def test_addresses_of_guardians_are_checked_like_the_pupils(mel, kept, code):
    roster = read(person(1, MEL=mel), links=(link(1, 1),))
    assert (roster.guardians[0].email, codes(roster)) == (kept, [code])


def test_a_guardian_whose_name_does_not_fit_is_refused():
    roster = read(person(1, NOM_DE_FAMILLE="A" * 101), links=(link(1, 1),))
    assert (roster.guardians, codes(roster)) == ([], ["field_too_long"])


def test_without_a_mobile_another_phone_is_taken():
    roster = read(person(1, TEL_PORTABLE=None, TEL_PERSONNEL="0231000000"), links=(link(1, 1),))
    assert roster.guardians[0].phone == "0231000000"


def test_the_structures_give_the_classes_with_their_levels():
    mefs = element("MEFS_APPARTENANCE", element("MEF_APPARTENANCE", fields({"CODE_MEF": SECONDE})) * 2)
    divisions = (
        element("DIVISION", fields({"LIBELLE_LONG": "SECONDE 1"}) + mefs, CODE_STRUCTURE="2GT1")
        + element("DIVISION", "", CODE_STRUCTURE="Inactifs")
        + element("DIVISION", fields({"LIBELLE_LONG": "ENCORE"}), CODE_STRUCTURE="2GT1")
    )
    roster = read_roster(document("BEE_STRUCTURES", element("DIVISIONS", divisions), element("GROUPES")))
    assert (roster.kind, roster.uai) == (Kind.SIECLE_STRUCTURES, "0149901L")
    assert roster.classes == [ClassRow("2GT1", "SECONDE 1", (SECONDE,))]
    assert codes(roster) == ["class_twice"]


def test_the_nomenclature_gives_the_level_codes():
    mefs = element(
        "MEF",
        fields({"FORMATION": "2DE GT", "LIBELLE_LONG": "SECONDE GENERALE ET TECHNO", "CODE_MEFSTAT": "22110010019"}),
        CODE_MEF=SECONDE,
    ) + element("MEF", fields({"FORMATION": "2DE"}), CODE_MEF="2DE")
    roster = read_roster(document("BEE_NOMENCLATURES", element("MEFS", mefs)))
    assert roster.kind is Kind.SIECLE_NOMENCLATURES
    assert roster.mefs == [MefRow(SECONDE, "SECONDE GENERALE ET TECHNO", "22110010019")]
    assert codes(roster) == ["mef_form"]
