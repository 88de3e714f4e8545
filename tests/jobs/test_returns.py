"""The reminders of returns that go by themselves; on both engines."""

from datetime import timedelta

from tests.conftest import make_settings
from tests.factories import NOW, make_campaign, make_guardian, make_pupil, make_school
from tests.returning import expect
from tracker.jobs.returns import remind_of_returns
from tracker.models.mail import OutboxMail


def test_a_family_is_reminded_once_however_often_the_day_asks(db, db_url, tmp_path):
    settings = make_settings(db_url, tmp_path)
    assert remind_of_returns(settings, now=NOW) == 0
    make_campaign()
    school = make_school()
    pupil = make_pupil(school)
    make_guardian(pupil)
    expect(school, pupil)
    due = NOW + timedelta(days=7)
    assert [remind_of_returns(settings, now=due + timedelta(hours=hour)) for hour in range(3)] == [1, 0, 0]
    assert f"{settings.public_url.rstrip('/')}/return/" in OutboxMail.get().body
