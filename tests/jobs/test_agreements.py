"""Sendings and piles as long work, and the reminders that go by themselves; on both engines."""

from datetime import timedelta

import pytest

from tests.conftest import make_settings
from tests.factories import (
    NOW,
    SCHOOL_YEAR,
    actor,
    make_campaign,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
    make_text,
    make_user,
)
from tests.operations.papers import printed
from tests.scanning.uploads import pile_of
from tracker.jobs.agreements import ask_reminders
from tracker.jobs.queue import open_queue
from tracker.jobs.work import do_waiting_work
from tracker.models.agreements import Agreement, Invitation
from tracker.models.mail import OutboxMail
from tracker.models.schools import CampaignSetting
from tracker.models.work import Work
from tracker.operations import piles, works
from tracker.rules.agreements import AgreementState
from tracker.rules.work import WorkKind, WorkState
from tracker.storage.choice import open_storage

LATE = NOW + timedelta(days=15)


@pytest.fixture
def settings(db, db_url, tmp_path):
    return make_settings(db_url, tmp_path)


@pytest.fixture
def campaign(settings, time_machine_at):
    time_machine_at(NOW)
    make_text()
    return make_campaign()


def do(settings) -> Work:
    do_waiting_work(settings, open_queue(settings))
    return Work.select().order_by(Work.id.desc()).get()


def ask_to_send(school, **asked) -> None:
    person = make_user("school", schools=[school])
    works.ask(
        WorkKind.SEND_AGREEMENTS, None, school_id=school.id, actor=actor("school", [school], person), now=NOW,
        asked={"firsts": True, "reminders": False} | asked,
    )  # fmt: skip


def test_a_sending_posts_the_mails_of_one_school_and_asks_for_their_delivery(settings, campaign):
    school, other = make_school(), make_school()
    for place in (school, school, other):
        make_guardian(make_pupil(place, agreement=None))
    make_pupil(school, agreement=None)
    ask_to_send(school)
    done = do(settings)
    assert (done.state, done.error) == (WorkState.DONE, "")
    assert done.result == {
        "mails": 2, "agreements": 2, "reminders": 0, "waiting": 0, "unreachable": {"no_legal_guardian": 1},
    }  # fmt: skip
    assert [settings.public_url in row.body for row in OutboxMail.select()] == [True, True]
    queue = open_queue(settings)
    queue.execute(queue.dequeue())
    assert OutboxMail.select().where(OutboxMail.sent_at.is_null(False)).count() == 2


def test_a_sending_asked_by_somebody_whose_account_was_closed_sends_nothing(settings, campaign):
    school = make_school()
    make_guardian(make_pupil(school, agreement=None))
    person = make_user("school", schools=[school], active=False)
    works.ask(
        WorkKind.SEND_AGREEMENTS, None, school_id=school.id, actor=actor("school", [school], person), now=NOW,
        asked={"firsts": True},
    )  # fmt: skip
    assert (do(settings).error, OutboxMail.select().count()) == ("not_allowed", 0)


def test_a_pile_is_filed_and_its_work_says_how(settings, campaign):
    school = make_school()
    pupil = make_pupil(school, agreement=None)
    make_invitation(pupil, make_guardian(pupil))
    paper = printed(campaign, pupil, now=LATE)[pupil.id]
    who = actor(user=make_user())
    pile = piles.keep_pile(
        school.id, "scan.pdf", pile_of(paper), storage=open_storage(settings), actor=who, now=NOW
    )  # fmt: skip
    works.ask(WorkKind.FILE_SCANS, pile.id, school_id=school.id, actor=who, now=NOW)
    assert do(settings).result == {"pages": 1, "filed": 1, "blank": 0, "unread": 0}
    assert Agreement.get(Agreement.pupil == pupil).state == AgreementState.SIGNED


def remind(settings, moment) -> Work | None:
    asked = ask_reminders(settings, now=moment)
    do(settings) if asked else None
    return asked


def family(school, **changes):
    pupil = make_pupil(school, agreement=None)
    make_invitation(pupil, make_guardian(pupil), **changes)


def test_reminders_go_by_themselves_once_a_day_and_never_a_first_mail(settings, campaign, time_machine_at):
    school = make_school()
    family(school, sent_at=NOW - timedelta(days=8))
    make_guardian(make_pupil(school, agreement=None))
    assert remind(settings, NOW) is not None
    assert remind(settings, NOW + timedelta(hours=3)) is None
    assert [row.reminder for row in Invitation.select().order_by(Invitation.id)] == [False, True]
    time_machine_at(NOW + timedelta(days=1))
    assert remind(settings, NOW + timedelta(days=1)) is not None
    assert Invitation.select().count() == 2


def test_no_reminder_goes_where_the_setting_says_no(settings, campaign):
    family(make_school(), sent_at=NOW - timedelta(days=8))
    CampaignSetting.create(
        campaign=campaign, name="reminders_automatic", value=False, valid_from=NOW.date(), set_at=NOW
    )
    assert remind(settings, NOW) is None


@pytest.mark.parametrize("moment", [NOW.replace(month=8), NOW.replace(year=SCHOOL_YEAR + 1, month=8)])
def test_no_reminder_goes_outside_of_the_school_year(settings, campaign, moment):
    assert remind(settings, moment) is None


def test_without_a_school_year_nobody_is_reminded(settings):
    assert remind(settings, NOW) is None
