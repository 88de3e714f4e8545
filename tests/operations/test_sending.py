"""Agreements by mail: who gets them, how often, and who never does; on both engines."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    NOW,
    SCHOOL_YEAR,
    TODAY,
    actor,
    make_campaign,
    make_guardian,
    make_pupil,
    make_school,
    make_text,
)
from tracker.models.agreements import Agreement, AgreementText, Invitation
from tracker.models.database import database
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import Campaign, School
from tracker.operations import mail, sending, withholding
from tracker.operations.links import Links
from tracker.operations.sending import send_agreements
from tracker.rules.agreements import AgreementState
from tracker.rules.calendar import local_date
from tracker.rules.eligibility import Eligible
from tracker.rules.mail import MOST_ATTEMPTS
from tracker.rules.recipients import Unreachable
from tracker.rules.refusals import Refused

LINKS = Links("key", "https://example.org")
ADULT = date(2008, 10, 5)
DAY = timedelta(days=1)


@pytest.fixture
def campaign(db) -> Campaign:
    make_text()
    return make_campaign()


def send(campaign, *, now=NOW, reminders=False, school=None, who=None, progress=lambda done, total: None):
    return send_agreements(
        school.id if school else None, campaign, reminders=reminders, links=LINKS, actor=who or actor(), now=now,
        progress=progress,
    )  # fmt: skip


def addressed() -> list[str]:
    return [row.recipient for row in OutboxMail.select().order_by(OutboxMail.id)]


def state_of(pupil) -> str | None:
    found = Agreement.get_or_none(Agreement.pupil == pupil)
    return found and found.state


def test_every_legal_guardian_of_a_minor_gets_a_link_of_their_own_and_nobody_else_does(campaign):
    pupil = make_pupil(make_school(name="Lycée Malherbe"), agreement=None, last_name="Martin", email="lea@example.org")
    make_guardian(pupil, "Mother@Example.org")
    make_guardian(pupil, "father@example.org", rank=2)
    make_guardian(pupil, "aunt@example.org", legal=False)
    sent = send(campaign)
    assert (sent.mails, sent.agreements, sent.reminders, sent.waiting, sent.unreachable) == (2, 2, 0, 0, [])
    assert sorted(addressed()) == ["father@example.org", "mother@example.org"]
    agreement = Agreement.get()
    assert (agreement.state, agreement.sent_at) == (AgreementState.SENT, NOW)
    for row in OutboxMail.select():
        invitation = Invitation.get(Invitation.mail == row)
        assert LINKS.of(invitation.nonce) in row.body
        assert "Léa Martin (Lycée Malherbe)" in row.body
        assert invitation.expires_at == NOW + 45 * DAY
    assert Invitation.select(Invitation.nonce).distinct().count() == 2


def test_a_pupil_who_comes_of_age_today_gets_it_alone(campaign):
    pupil = make_pupil(make_school(), agreement=None, birth_date=ADULT, email="lea@example.org")
    make_guardian(pupil, "mother@example.org")
    send(campaign)
    assert addressed() == ["lea@example.org"]
    assert Invitation.get().guardian is None


def test_the_day_is_the_one_on_the_wall_in_france(campaign):
    pupil = make_pupil(make_school(), agreement=None, birth_date=ADULT, email="lea@example.org")
    make_guardian(pupil, "mother@example.org")
    send(campaign, now=datetime(2026, 10, 4, 21, 59, tzinfo=UTC))
    assert addressed() == ["mother@example.org"]


def test_the_mail_speaks_french_then_english_and_never_names_the_schools_own_line(campaign):
    make_guardian(make_pupil(make_school(), agreement=None))
    send(campaign)
    row = OutboxMail.get()
    assert row.subject == "Convention de prêt à signer · Loan agreement to sign"
    assert row.body.index("Bonjour") < row.body.index("Hello")
    assert "19 novembre 2026" in row.body
    assert "19 November 2026" in row.body
    assert "0 800 97 87 00" in row.body
    assert "09 74 77 42 74" not in row.body


def test_brothers_and_sisters_share_one_mail_with_a_link_each(campaign):
    school = make_school()
    for first in ("Léa", "Tom"):
        make_guardian(make_pupil(school, agreement=None, first_name=first), "mother@example.org")
    sent = send(campaign)
    assert (sent.mails, sent.agreements) == (1, 2)
    body = OutboxMail.get().body
    assert all(body.count(LINKS.of(each.nonce)) == 2 for each in Invitation.select())


def test_a_child_of_another_school_waits_for_the_next_day_and_that_is_said(campaign):
    here, there = make_school(), make_school()
    for school in (here, there):
        make_guardian(make_pupil(school, agreement=None), "mother@example.org")
    assert send(campaign, school=here).mails == 1
    later = send(campaign, school=there, now=NOW + timedelta(hours=10))
    assert (later.mails, later.waiting) == (0, 1)
    assert send(campaign, school=there, now=NOW + DAY).mails == 1
    assert addressed() == ["mother@example.org"] * 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"eligible": Eligible.NO}, "not eligible"),
        ({"eligible": Eligible.CHECK}, "to be checked"),
        ({"left_on": TODAY}, "gone"),
        ({"class_name": ""}, "no class yet"),
        ({"school_year": SCHOOL_YEAR - 1}, "last year's"),
        ({"agreement": "validated"}, "signed"),
        ({"agreement": "signed"}, "paper waits"),
        ({"agreement": "withdrawn"}, "withdrawn"),
        ({"deceased": True}, "deceased"),
    ],
)
def test_who_is_not_asked_gets_nothing(campaign, changes, why):
    make_guardian(make_pupil(make_school(), **({"agreement": None} | changes)))
    sent = send(campaign, reminders=True)
    assert (sent.mails, addressed(), sent.unreachable) == (0, [], []), why


def test_who_cannot_be_reached_is_listed_with_the_reason(campaign):
    school = make_school()
    alone = make_pupil(school, agreement=None)
    aunt = make_pupil(school, agreement=None)
    make_guardian(aunt, legal=False)
    silent = make_pupil(school, agreement=None)
    make_guardian(silent, "")
    adult = make_pupil(school, agreement=None, birth_date=ADULT)
    make_guardian(adult)
    assert sorted(send(campaign).unreachable) == [
        (alone.id, Unreachable.NO_LEGAL_GUARDIAN), (aunt.id, Unreachable.NO_LEGAL_GUARDIAN),
        (silent.id, Unreachable.NO_GUARDIAN_ADDRESS), (adult.id, Unreachable.NO_PUPIL_ADDRESS),
    ]  # fmt: skip
    assert addressed() == []


def test_a_reminder_goes_after_the_days_of_the_setting_and_three_times_at_most(campaign):
    make_guardian(make_pupil(make_school(), agreement=None), "mother@example.org")
    sent = [send(campaign, now=NOW + day * DAY, reminders=True).mails for day in range(60)]
    assert [day for day, mails in enumerate(sent) if mails] == [0, 7, 14, 21]
    assert OutboxMail.select().order_by(OutboxMail.id.desc()).get().subject.startswith("Rappel")
    assert [each.reminder for each in Invitation.select().order_by(Invitation.id)] == [False, True, True, True]
    assert Agreement.get().sent_at == NOW


def test_no_reminder_unless_wanted(campaign):
    make_guardian(make_pupil(make_school(), agreement=None))
    send(campaign)
    assert send(campaign, now=NOW + 30 * DAY).mails == 0


def test_a_new_address_gets_its_first_mail_at_the_next_sending(campaign):
    pupil = make_pupil(make_school(), agreement=None)
    guardian = make_guardian(pupil, "old@example.org")
    send(campaign)
    Guardian.update(email="new@example.org").where(Guardian.id == guardian).execute()
    send(campaign, now=NOW + DAY)
    assert addressed() == ["old@example.org", "new@example.org"]


def test_an_address_that_gives_mail_back_gets_no_reminder(campaign):
    make_guardian(make_pupil(make_school(), agreement=None))
    send(campaign)
    OutboxMail.update(sent_at=NOW, failed_at=NOW, last_error="5.1.1").execute()
    assert send(campaign, now=NOW + 8 * DAY, reminders=True).mails == 0


def test_a_mail_that_our_own_server_never_took_is_written_again(campaign):
    make_guardian(make_pupil(make_school(), agreement=None))
    send(campaign)
    OutboxMail.update(attempts=MOST_ATTEMPTS, failed_at=NOW + DAY, last_error="OSError").execute()
    assert send(campaign, now=NOW + 2 * DAY).mails == 1


def test_after_a_refused_paper_the_family_is_written_to_again(campaign):
    pupil = make_pupil(make_school(), agreement=None)
    make_guardian(pupil)
    send(campaign)
    Agreement.update(state="refused", decided_at=NOW + 20 * DAY, refusal="no signature").execute()
    assert send(campaign, now=NOW + 21 * DAY).mails == 1
    assert state_of(pupil) == AgreementState.SENT
    assert send(campaign, now=NOW + 22 * DAY).mails == 0


def test_a_run_that_is_stopped_is_started_again_and_nobody_gets_it_twice(campaign, monkeypatch):
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    school = make_school()
    for _ in range(5):
        make_guardian(make_pupil(school, agreement=None))
    seen = []

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 4:
            raise Stopped

    with pytest.raises(Stopped):
        send(campaign, progress=stop)
    assert len(addressed()) == 4
    assert send(campaign).mails == 1
    assert len(set(addressed())) == len(addressed()) == 5
    assert seen == [(0, 5), (2, 5), (4, 5)]


def test_a_school_sends_its_own_only_and_only_who_may(campaign):
    here, there = make_school(), make_school()
    for school in (here, there):
        make_guardian(make_pupil(school, agreement=None), f"parent{school.id}@example.org")
    own = actor("school", [here])
    with pytest.raises(Refused, match="school_not_found"):
        send(campaign, school=there, who=own)
    with pytest.raises(Refused, match="not_allowed"):
        send(campaign, who=actor("logistics"))
    send(campaign, who=own)
    assert addressed() == [f"parent{here.id}@example.org"]


def test_queries_do_not_grow_with_the_families(campaign, count_queries):
    school = make_school()

    def cost(families: int, day: int) -> int:
        for _ in range(families):
            pupil = make_pupil(school, agreement=None)
            make_guardian(pupil)
            make_guardian(pupil)
        with count_queries() as counted:
            assert send(campaign, now=NOW + day * DAY).mails == 2 * families
        return counted.total

    assert cost(2, 0) == cost(20, 1)


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


addresses = st.sampled_from(["a@x.fr", "b@x.fr", "A@X.fr", "", "none"])
guardians = st.lists(st.tuples(addresses, st.booleans()), max_size=3)
pupils = st.tuples(guardians, addresses, st.booleans(), st.booleans(), st.integers(0, 1))
runs = st.tuples(st.integers(0, 30), st.booleans(), st.sampled_from([None, 0, 1]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pupils, max_size=4), st.lists(runs, min_size=1, max_size=4))
def test_whatever_the_families_and_the_sendings(sqlite_db, family, hours):
    """Never a contact who is no legal guardian, never a deceased pupil's family, never two mails a day."""
    for table in (Invitation, Agreement, AgreementText, OutboxMail, Guardian, Enrolment, Pupil, School):
        table.delete().execute()
    make_text()
    campaign, schools = make_campaign(), (make_school(), make_school())
    allowed: dict[int, set[str]] = {}
    for around, own, of_age, deceased, school in family:
        birth = ADULT if of_age else date(2011, 3, 14)
        pupil = make_pupil(schools[school], agreement=None, birth_date=birth, email=own, deceased=deceased)
        for address, legal in around:
            make_guardian(pupil, address, legal=legal)
        theirs = {own} if of_age else {address for address, legal in around if legal}
        allowed[pupil.id] = set() if deceased else {each.lower() for each in theirs}
    now = NOW
    for step, reminders, school in hours:
        now += timedelta(hours=step)
        send(campaign, now=now, reminders=reminders, school=None if school is None else schools[school])
    for each in Invitation.select(Invitation, Agreement).join(Agreement):
        assert each.recipient in allowed[each.agreement.pupil_id]
    days = [(row.recipient, local_date(row.created_at)) for row in OutboxMail.select()]
    assert len(days) == len(set(days))
