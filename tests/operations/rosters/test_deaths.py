"""Rule L5: who died stays so until the school that said it takes it back; what is sent to the family ends at once."""

import pytest

from tests.factories import NOW, make_guardian, make_invitation
from tests.operations.rosters.files import codes, days, enrolments, everything, figures, morning, pupil, row
from tracker.models.agreements import Invitation
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Pupil
from tracker.models.rosters import Departure, RosterImport
from tracker.operations import mail
from tracker.rules.departures import Destination


def test_who_died_is_not_brought_back_by_the_list_of_another_school(desk, school, other):
    desk.apply(school, row(1), row(2))
    desk.apply(school, row(1, left_on=days(1), exit_reason="43"), row(2), on=days(1))
    before = everything()
    reading = desk.look(other, row(1, roster_id=5), on=days(2))
    assert (codes(reading), figures(reading)["unchanged"]) == (["died_elsewhere"], 1)
    desk.apply(other, row(1, roster_id=5), on=days(2))
    assert everything() == before


@pytest.mark.parametrize("left_on", [None, days(30)])
def test_the_reason_alone_says_that_a_pupil_died_whatever_the_date(desk, school, left_on):
    desk.apply(school, row(1), row(2), row(3))
    before = everything()
    waiting = mail.post("family@example.org", "Subject", "Body", NOW, pupil=pupil(1).id)
    died = row(1, left_on=left_on, exit_reason="43"), row(3, exit_reason="43")
    made = desk.apply(school, row(2), *died, row(4, exit_reason="43"), on=days(1))
    assert [pupil(number).deceased for number in (1, 2, 3)] == [True, False, True]
    assert OutboxMail.get_by_id(waiting.id).last_error == "withheld"
    assert not Pupil.select().where(Pupil.ine == row(4)["ine"]).exists()  # nobody needs them here
    known = everything()
    desk.apply(school, row(2), *died, on=days(2))
    assert everything() == known
    desk.apply(school, row(1), row(2), row(3, exit_reason="43"), on=days(3))
    assert [pupil(number).deceased for number in (1, 3)] == [False, True]
    for each in RosterImport.select().where(RosterImport.id >= made.id).order_by(RosterImport.id.desc()):
        desk.undo(each, on=days(3))
    assert everything() | {"outbox_mail": before["outbox_mail"]} == before


@pytest.mark.parametrize("left_on", [None, days(30)])
def test_who_died_is_gone_at_once_with_a_departure_and_eligible_no_more(desk, school, left_on):
    desk.apply(school, row(1), row(2))
    reading = desk.look(school, row(1, left_on=left_on, exit_reason="43"), row(2), on=days(1))
    assert (figures(reading)["leavers"], figures(reading)["eligible"], figures(reading)["left"]) == (1, 1, 1)
    assert ("death_without_date" in codes(reading)) is (left_on is None)
    desk.apply(school, row(1, left_on=left_on, exit_reason="43"), row(2), on=days(1))
    departure = Departure.get()
    assert (departure.pupil_id, departure.destination, departure.left_on) == (pupil(1).id, Destination.DIED, days(1))
    assert (enrolments(1)[0].left_on, enrolments(1)[0].eligible) == (days(1), "no")


def test_a_school_that_takes_back_its_reason_takes_back_the_death(desk, school):
    desk.apply(school, row(1), row(2))
    desk.apply(school, row(1, left_on=days(1), exit_reason="43"), row(2), on=days(1))
    desk.apply(school, row(1, left_on=days(1), exit_reason="10"), row(2), on=days(2))
    assert (pupil(1).deceased, Departure.get().destination) == (False, Destination.TO_QUALIFY)


@pytest.mark.parametrize("left_on", [None, days(1)])
@pytest.mark.parametrize("is_gone", [False, True])
def test_a_school_that_never_had_the_pupil_may_tell_of_the_death(desk, school, other, left_on, is_gone):
    desk.apply(school, row(1), row(2))
    if is_gone:
        desk.apply(school, row(2), on=days(1))
    before = everything()
    made = desk.apply(other, row(1, roster_id=5, left_on=left_on, exit_reason="43"), on=days(1))
    assert (pupil(1).deceased, len(enrolments(1))) == (True, 1)
    assert [each.destination for each in Departure.select()] == [Destination.TO_QUALIFY] * is_gone
    known = everything()
    desk.apply(other, row(1, roster_id=5, left_on=left_on, exit_reason="43"), on=days(2))
    assert everything() == known
    desk.undo(made, on=days(2))
    assert everything() == before


def test_an_undone_death_opens_the_links_again(desk, school):
    desk.apply(school, row(1), row(2), on=days(-1))
    invitation = make_invitation(pupil(1), make_guardian(pupil(1)))
    before = everything()
    made = desk.apply(school, row(1, left_on=days(1), exit_reason="43"), row(2), on=days(1))
    assert Invitation.get_by_id(invitation.id).expires_at == morning(days(1))
    desk.undo(made, on=days(1))
    assert everything() == before
