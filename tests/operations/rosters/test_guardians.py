"""Guardians: who is legal, how each is reached, and whose row an invitation names (A1)."""

from tests.factories import NOW
from tests.operations.rosters.files import codes, days, everything, guardian, guardians_of, pupil, row, several
from tests.rosters.siecle import element, fields
from tests.statements import recorded_statements
from tracker.models.agreements import Agreement, Invitation
from tracker.models.pupils import Guardian
from tracker.models.rosters import RosterChange
from tracker.operations.rosters.summary import summary
from tracker.rosters.rows import Severity
from tracker.rules.rosters import Stop


def brought(desk, school, *guardians, on=None):
    return desk.apply_file(school, guardians_of(school, guardians, on=on or days(0)), on=on or days(0))


def offered(desk, school, *guardians, on=None, **said):
    """What a file says, applied where nothing speaks against it."""
    return desk.offer(school, guardians_of(school, guardians, on=on or days(0)), on=on or days(0), **said)[1]


def linked(school, *links: dict[str, str]) -> bytes:
    """A file of one person, number 7, and these further links."""
    content = guardians_of(school, [guardian(1)]).decode("iso-8859-15").replace('PERSONNE_ID="1"', 'PERSONNE_ID="7"')
    more = "".join(element("RESPONSABLE_ELEVE", fields(each)) for each in links)
    head, tail = content.replace("<PERSONNE_ID>1<", "<PERSONNE_ID>7<").split("</RESPONSABLES>")
    return f"{head}{more}</RESPONSABLES>{tail}".encode("iso-8859-15")


def known(number: int = 1) -> list[tuple]:
    rows = Guardian.select().where(Guardian.pupil == pupil(number)).order_by(Guardian.rank)
    return [(each.rank, each.first_name, each.legal, each.email) for each in rows]


def test_legal_guardians_come_first_and_contacts_are_not_legal(desk, school):
    desk.apply(school, row(1), row(2))
    uncle = guardian(1, first_name="Igor", legal=False, email="igor@example.org")
    brought(desk, school, uncle, guardian(1), guardian(1, first_name="Eva", email=""), guardian(2))
    assert known(1) == [
        (1, "Ana", True, "ana1@example.org"), (2, "Eva", True, ""), (3, "Igor", False, "igor@example.org"),
    ]  # fmt: skip
    assert known(2) == [(1, "Ana", True, "ana2@example.org")]


def test_the_same_file_again_changes_no_row(desk, school):
    desk.apply(school, row(1), row(2))
    two = [guardian(1), guardian(1, title="M.", email="same.name@example.org"), guardian(2)]
    for _ in range(2):
        brought(desk, school, *two)
        before = everything()
    made = brought(desk, school, *two, on=days(1))
    assert (everything(), made.preview["counts"]["unchanged"]) == (before, 2)


def test_who_stays_keeps_their_row_and_who_is_gone_is_gone(desk, school):
    desk.apply(school, row(1))
    brought(desk, school, guardian(1), guardian(1, first_name="Eva"))
    ana = Guardian.get(Guardian.first_name == "Ana")
    brought(desk, school, guardian(1, email="ana@new.example.org"), guardian(1, first_name="Luc"), on=days(1))
    assert known() == [(1, "Ana", True, "ana@new.example.org"), (2, "Luc", True, "ana1@example.org")]
    assert Guardian.get(Guardian.first_name == "Ana").id == ana.id


def test_before_any_pupil_is_known_the_file_is_refused(desk, school):
    _made, reading = desk.offer(school, guardians_of(school, [guardian(1)]))
    assert [problem.code for problem in reading.problems] == ["guardians_before_pupils"]
    assert Guardian.select().count() == 0


def test_guardians_of_an_unknown_pupil_are_told_and_left_out(desk, school):
    desk.apply(school, row(1))
    _made, reading = desk.offer(school, guardians_of(school, [guardian(1), guardian(7)]))
    assert [(problem.code, reading.refused) for problem in reading.problems] == [("guardian_of_unknown_pupil", False)]
    assert Guardian.select().count() == 1


def test_undone_the_guardians_their_rows_and_invitations_are_as_they_were(desk, school):
    desk.apply(school, row(1), row(2))
    brought(desk, school, guardian(1), guardian(1, first_name="Eva"))
    agreement = Agreement.create(pupil=pupil(1), school_year=2026, state="sent", sent_at=NOW)
    for each in Guardian.select():
        Invitation.create(
            agreement=agreement, guardian=each, recipient="x@example.org", nonce=str(each.id), created_at=NOW,
            expires_at=NOW,
        )  # fmt: skip
    before = everything()
    made = brought(desk, school, guardian(1, email="z@example.org"), guardian(2), on=days(1))
    assert Invitation.select().where(Invitation.guardian.is_null()).count() == 1
    desk.undo(made, on=days(1))
    assert everything() == before


def moved(desk, school, other):
    """A pupil who left `school` for `other`, whose file names the guardians since."""
    desk.apply(school, row(1), row(2))
    brought(desk, school, guardian(1), guardian(2))
    desk.apply(other, row(1, roster_id=5, entered_on=days(-1)), on=days(1))
    there = [guardian(1, roster_id=5, legal=False), guardian(1, roster_id=5, first_name="Eva")]
    brought(desk, other, *there, on=days(1))
    return there


def test_the_former_school_says_nothing_of_the_guardians_any_more_however_often_both_send_theirs(desk, school, other):
    there = moved(desk, school, other)
    after_the_move = everything()
    assert [(name, legal) for _rank, name, legal, _email in known(1)] == [("Eva", True), ("Ana", False)]
    for day in (2, 3):
        reading = offered(desk, school, guardian(1), guardian(2), on=days(day))
        assert (reading.refused, everything()) == (False, after_the_move)
        brought(desk, other, *there, on=days(day))
        assert everything() == after_the_move


def test_how_many_are_at_another_school_now_is_said_in_one_sentence(desk, school, other):
    desk.apply(school, row(1), row(2), row(3))
    arrived = [row(number, roster_id=number, entered_on=days(-1)) for number in (1, 2)]
    desk.apply(other, *arrived, on=days(1))
    reading = offered(desk, school, guardian(1), guardian(2), guardian(3), on=days(2))
    assert [(each.severity, each.code, each.facts) for each in reading.problems] == [
        (Severity.INFORMATION, "guardians_elsewhere", {"count": "2"})
    ]
    assert (known(1), len(known(3)), reading.counts()["changed"]) == ([], 1, 1)


def test_of_who_left_for_nobody_knows_where_the_school_still_says_whom_to_reach(desk, school):
    desk.apply(school, row(1), row(2))
    desk.apply(school, row(2), on=days(1))
    reading = offered(desk, school, guardian(1), guardian(2), on=days(2))
    assert (codes(reading), len(known(1))) == ([], 1)


def test_who_left_there_too_is_the_later_schools_to_say(desk, school, other):
    there = moved(desk, school, other)
    desk.apply(other, row(1, roster_id=5, entered_on=days(-1), left_on=days(2)), row(9), on=days(3))
    before = known(1)
    assert codes(offered(desk, school, guardian(1), guardian(2), on=days(4))) == ["guardians_elsewhere"]
    assert known(1) == before
    assert codes(offered(desk, other, *there, on=days(4))) == []


def test_who_came_back_is_this_schools_to_say_again(desk, school, other):
    moved(desk, school, other)
    desk.apply(other, row(9), on=days(2))
    desk.apply(school, row(1), row(2), on=days(3))
    assert codes(offered(desk, school, guardian(1), guardian(2), on=days(4))) == []
    assert known(1) == [(1, "Ana", True, "ana1@example.org")]


def test_whom_the_file_gives_no_guardian_any_more_has_none_and_that_is_said(desk, school):
    desk.apply(school, row(1), row(2), row(3))
    brought(desk, school, guardian(1), guardian(2), guardian(2, first_name="Eva"), guardian(3))
    reading = offered(desk, school, guardian(1), guardian(3), on=days(1))
    assert (reading.refused, known(2), len(known(1))) == (False, [], 1)
    assert [(each.severity, each.code, each.facts) for each in reading.problems] == [
        (Severity.WARNING, "guardians_gone", {"count": "1"})
    ]
    (change,) = summary(reading)["changes"]
    before = "MME DURAND2 Ana, ana2@example.org, 0600000000; MME DURAND2 Eva, ana2@example.org, 0600000000"
    assert (change["name"], change["fields"]) == ("DURAND2 Léa", {"guardians": [before, ""]})
    assert {name: count for name, count in reading.counts().items() if count} == {
        "pupils": 2, "changed": 1, "unchanged": 2,
    }  # fmt: skip
    assert codes(offered(desk, school, guardian(1), guardian(3), on=days(2))) == []


def test_an_adult_pupil_whom_the_file_leaves_out_has_no_guardian_either(desk, school):
    desk.apply(school, row(1, birth_date=days(-7000)), row(2))
    brought(desk, school, guardian(1), guardian(2))
    brought(desk, school, guardian(2), on=days(1))
    assert (known(1), len(known(2))) == ([], 1)


def test_who_is_not_schooled_here_keeps_the_guardians_that_the_file_leaves_out(desk, school):
    desk.apply(school, row(1), row(2), row(3, class_name=None))
    brought(desk, school, guardian(1), guardian(2), guardian(3))
    desk.apply(school, row(2), row(3, class_name=None), on=days(1))
    assert codes(offered(desk, school, guardian(2), on=days(2))) == []
    assert (len(known(1)), len(known(3))) == (1, 1)


def test_whose_guardians_cannot_be_read_keeps_those_on_file(desk, school):
    desk.apply(school, row(1), row(2))
    brought(desk, school, guardian(1), guardian(2))
    reading = offered(desk, school, guardian(1), guardian(2, last_name="A" * 101), on=days(1))
    assert (codes(reading), len(known(2))) == (["field_too_long"], 1)


def test_while_a_link_does_not_say_whose_it_is_nobody_loses_their_guardians(desk, school):
    desk.apply(school, row(1), row(2))
    brought(desk, school, guardian(1), guardian(2))
    desk.apply_file(school, linked(school, {"PERSONNE_ID": "7", "NIVEAU_RESPONSABILITE": "1"}), on=days(1))
    assert len(known(2)) == 1
    _made, reading = desk.offer(school, linked(school, {"PERSONNE_ID": "7"}), on=days(1))
    said = next(each for each in reading.problems if each.code == "families_unsure")
    assert said.facts == {"rows": "1", "missing": "1"}


def test_a_file_that_takes_most_guardians_away_waits_for_a_yes_and_can_be_taken_back(desk, school):
    desk.apply(school, *several(12))
    brought(desk, school, *(guardian(number) for number in range(1, 13)))
    Invitation.create(
        agreement=Agreement.create(pupil=pupil(7), school_year=2026, state="sent", sent_at=NOW), created_at=NOW,
        guardian=Guardian.get(Guardian.pupil == pupil(7)), recipient="x@example.org", nonce="n", expires_at=NOW,
    )  # fmt: skip
    before = everything()
    few = [guardian(number) for number in range(1, 6)]
    assert offered(desk, school, *few, on=days(1)).open_stops == [Stop.GUARDIANS_GONE]
    assert everything() == before
    content = guardians_of(school, few, on=days(1))
    made = desk.apply_file(school, content, on=days(1), stops=[Stop.GUARDIANS_GONE])
    assert (Guardian.select().count(), Invitation.get().guardian) == (5, None)
    desk.undo(made, on=days(1))
    assert everything() == before


def test_a_file_of_guardians_that_names_nobody_waits_for_a_yes_however_few_they_were(desk, school):
    desk.apply(school, row(1))
    assert offered(desk, school).open_stops == []
    brought(desk, school, guardian(1))
    assert offered(desk, school, on=days(1)).open_stops == [Stop.GUARDIANS_GONE]


def test_taking_guardians_away_costs_the_same_for_a_few_and_for_many(desk, school):
    costs = []
    for count in (12, 60):
        desk.apply(school, *several(count))
        brought(desk, school, *(guardian(number) for number in range(1, count + 1)))
        with recorded_statements() as sent:
            offered(desk, school, guardian(1), stops=[Stop.GUARDIANS_GONE])
        costs.append(len(sent))
    assert costs[0] == costs[1]
    assert RosterChange.select().count() > 60


def test_a_problem_of_a_link_names_the_pupil_as_people_do_and_not_the_person(desk, school):
    desk.apply(school, row(1), row(7))
    wrong = {"ELEVE_ID": "700007", "PERSONNE_ID": "8", "NIVEAU_RESPONSABILITE": "1"}
    unsure = {"ELEVE_ID": "700007", "PERSONNE_ID": "7"}
    stranger = {"ELEVE_ID": "700009", "PERSONNE_ID": "8", "NIVEAU_RESPONSABILITE": "1"}
    _made, reading = desk.offer(school, linked(school, wrong, unsure, stranger))
    assert [(each.code, each.pupil, dict(each.facts)) for each in reading.problems] == [
        ("link_without_person", "DURAND7 Léa", {"found": "8"}),
        ("guardian_level_missing", "DURAND7 Léa", {"person": "DURAND1 Ana", "found": "", "expected": "0 1 2"}),
        ("link_without_person", "700009", {"found": "8"}),
    ]
