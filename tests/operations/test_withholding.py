"""Mail that must not leave: about pupils who died (L5), to who is no legal guardian any more (A1); on both engines."""

import pytest

from tests.factories import NOW, actor, make_campaign, make_guardian, make_pupil, make_school, make_text
from tracker.models.agreements import Agreement, Invitation
from tracker.models.database import database
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Guardian, Pupil
from tracker.models.schools import Campaign
from tracker.operations import mail, withholding
from tracker.operations.links import Links
from tracker.operations.sending import send_agreements

LINKS = Links("key", "https://example.org")


@pytest.fixture
def campaign(db) -> Campaign:
    make_text()
    return make_campaign()


def send(campaign):
    return send_agreements(None, campaign, reminders=True, links=LINKS, actor=actor(), now=NOW)


class Pigeon:
    def __init__(self):
        self.bodies = []

    def send(self, message):
        self.bodies.append(message.body)


def deliver() -> list[str]:
    pigeon = Pigeon()
    while mail.deliver_next(pigeon, now=NOW):
        pass
    return pigeon.bodies


def test_a_death_between_posting_and_delivery_keeps_the_mail_back(campaign):
    pupil = make_pupil(make_school(), agreement=None)
    make_guardian(pupil)
    send(campaign)
    Pupil.update(deceased=True).where(Pupil.id == pupil).execute()
    assert deliver() == []
    assert (OutboxMail.get().last_error, OutboxMail.get().failed_at) == (withholding.WITHHELD, NOW)


def test_a_guardian_who_is_none_any_more_gets_nothing_that_was_posted_before(campaign):
    guardian = make_guardian(make_pupil(make_school(), agreement=None))
    send(campaign)
    Guardian.update(legal=False).where(Guardian.id == guardian).execute()
    assert deliver() == []


def test_a_guardian_whom_a_roster_took_away_gets_nothing_that_was_posted_before(campaign):
    guardian = make_guardian(make_pupil(make_school(), agreement=None))
    send(campaign)
    guardian.delete_instance()
    assert deliver() == []


def test_a_guardian_whom_a_roster_wrote_anew_gets_what_was_posted_before(campaign):
    pupil = make_pupil(make_school(), agreement=None)
    guardian = make_guardian(pupil)
    send(campaign)
    guardian.delete_instance()
    make_guardian(pupil, guardian.email)
    assert len(deliver()) == 1


def test_the_mail_of_a_brother_is_posted_anew_at_the_next_sending(campaign):
    school = make_school()
    dead, alive = make_pupil(school, agreement=None), make_pupil(school, agreement=None, first_name="Tom")
    for pupil in (dead, alive):
        make_guardian(pupil, "mother@example.org")
    send(campaign)
    with database.atomic():
        Pupil.update(deceased=True).where(Pupil.id == dead).execute()
        assert withholding.withhold(dead.id, now=NOW) == 1
    assert deliver() == []
    assert send(campaign).mails == 1
    assert [("Tom" in body, "Léa" in body) for body in deliver()] == [(True, False)]


def test_code_and_confirmation_mails_about_a_pupil_who_died_stay(campaign):
    pupil = make_pupil(make_school(), agreement=None)
    mail.post("mother@example.org", "Your code", "123456", NOW, pupil=pupil)
    Pupil.update(deceased=True).where(Pupil.id == pupil).execute()
    assert deliver() == []


def test_a_pupil_who_died_is_not_even_written_to(campaign):
    pupil = make_pupil(make_school(), agreement=None, deceased=True)
    make_guardian(pupil)
    assert send(campaign).mails == 0


def test_the_links_of_the_pupil_end_and_those_of_others_go_on(campaign):
    school = make_school()
    dead, alive = make_pupil(school, agreement=None), make_pupil(school, agreement=None)
    for pupil in (dead, alive):
        make_guardian(pupil)
    send(campaign)
    assert len(deliver()) == 2
    withholding.withhold(dead.id, now=NOW)
    ended = {
        each.agreement.pupil_id: each.expires_at == NOW
        for each in Invitation.select(Invitation, Agreement).join(Agreement)
    }
    assert ended == {dead.id: True, alive.id: False}
