"""Agreements by mail: who gets them, how often, and who never does; on both engines."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

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
from tracker.models.agreements import Agreement, Invitation
from tracker.models.database import connected
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Guardian
from tracker.models.schools import Campaign
from tracker.operations import sending
from tracker.operations.links import Links
from tracker.operations.sending import send_agreements
from tracker.rules.agreements import AgreementState
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


def send(campaign, *, now=NOW, reminders=False, school=None, who=None, progress=lambda done, total: None, firsts=True):
    return send_agreements(
        school.id if school else None, campaign, reminders=reminders, links=LINKS, actor=who or actor(), now=now,
        progress=progress, firsts=firsts,
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


def test_who_comes_of_age_after_the_parents_were_asked_is_asked_by_the_reminders_of_every_day(campaign):
    birthday = (NOW + 2 * DAY).date()
    born = birthday.replace(year=birthday.year - 18)
    pupil = make_pupil(make_school(), agreement=None, birth_date=born, email="kid@example.org")
    make_guardian(pupil, "mum@example.org")
    make_guardian(make_pupil(make_school(), agreement=None, email="other@example.org"), "", legal=True)
    send(campaign)
    sent = [send(campaign, now=NOW + day * DAY, reminders=True, firsts=False).mails for day in range(1, 20)]
    assert [day for day, mails in enumerate(sent, 1) if mails] == [7, 14]
    assert addressed() == ["mum@example.org", "kid@example.org", "kid@example.org"]
    assert [each.reminder for each in Invitation.select().order_by(Invitation.id)] == [False, False, True]


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


def test_two_sendings_at_the_same_time_write_to_nobody_twice(campaign):
    school, start = make_school(), threading.Barrier(2)
    for number in range(6):
        make_guardian(make_pupil(school, agreement=None), f"parent{number // 2}@example.org")

    def sending_of_one() -> None:
        with connected():
            start.wait()
            send(campaign)

    threads = [threading.Thread(target=sending_of_one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(addressed()) == [f"parent{number}@example.org" for number in range(3)]
    assert Invitation.select().count() == 6


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
