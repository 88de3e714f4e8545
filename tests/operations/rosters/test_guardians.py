"""Guardians: who is legal, how each is reached, and whose row an invitation names (A1)."""

from tests.factories import NOW
from tests.operations.rosters.files import days, everything, guardian, guardians_of, pupil, row
from tracker.models.agreements import Agreement, Invitation
from tracker.models.pupils import Guardian


def brought(desk, school, *guardians, on=None):
    return desk.apply_file(school, guardians_of(school, guardians, on=on or days(0)), on=on or days(0))


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
