"""Families written to about devices that must come back: whom, when, how often; never about who died; both engines."""

from datetime import date, timedelta

import pytest

from tests.factories import (
    NOW,
    actor,
    make_campaign,
    make_device,
    make_guardian,
    make_pupil,
    make_school,
    make_text,
    make_user,
)
from tests.lending import lend
from tests.returning import expect, fresh
from tracker.models.devices import Device
from tracker.models.family_links import FamilyLink
from tracker.models.loans import Loan
from tracker.models.mail import OutboxMail
from tracker.models.parcels import Parcel
from tracker.models.pupils import Guardian, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.operations import mail, withholding
from tracker.operations.class_departures import end_of_schooling
from tracker.operations.expected_returns import expect_return, stop_expecting
from tracker.operations.links import Links
from tracker.operations.return_reminders import remind_families, write_to_families
from tracker.operations.sending import send_agreements
from tracker.rules.custody import DeviceKind
from tracker.rules.refusals import Refused
from tracker.rules.returns import ReturnReason

LINKS = Links("key", "https://example.org")
WEEK = timedelta(days=7)


@pytest.fixture
def school(db):
    make_campaign()
    return make_school(name="Lycée Malherbe")


def mothers(school, **changes) -> ExpectedReturn:
    pupil = make_pupil(school, **changes)
    make_guardian(pupil, "mother@example.org")
    return expect(school, pupil)


def remind(now=NOW + WEEK):
    return remind_families(links=LINKS, now=now)


def write(*expected, who=None, now=NOW):
    who = who or actor(user=make_user())
    return write_to_families([each.id for each in expected], links=LINKS, actor=who, now=now)


def refusal_of(*arguments, **options) -> str:
    with pytest.raises(Refused) as refused:
        write(*arguments, **options)
    return refused.value.code


def recipients() -> list[str]:
    return [row.recipient for row in OutboxMail.select().order_by(OutboxMail.id)]


class Pigeon:
    def __init__(self):
        self.bodies = []

    def send(self, message):
        self.bodies.append(message.body)


def deliver(now=NOW + WEEK) -> list[str]:
    pigeon = Pigeon()
    while mail.deliver_next(pigeon, now=now):
        pass
    return pigeon.bodies


def test_the_letter_names_the_device_its_day_and_the_link_in_both_languages(school):
    expected = mothers(school, last_name="Martin", first_name="Léa")
    write(expected)
    body = OutboxMail.get().body
    assert body.count("https://example.org/return/") == 2
    assert "Léa Martin (Lycée Malherbe)" in body
    assert expected.device.serial in body
    assert "20 octobre 2026" in body
    assert "20 October 2026" in body
    assert "0 800 97 87 00" in body
    assert "09 74 77 42 74" not in body


def test_every_legal_guardian_and_nobody_else_is_reminded(school):
    expected = mothers(school)
    make_guardian(expected.pupil, "father@example.org", rank=2)
    make_guardian(expected.pupil, "neighbour@example.org", legal=False, rank=3)
    assert remind().mails == 2
    assert sorted(recipients()) == ["father@example.org", "mother@example.org"]


def test_a_pupil_of_age_is_written_to_alone(school):
    pupil = make_pupil(school, birth_date=date(2008, 1, 1), email="me@example.org")
    make_guardian(pupil, "mother@example.org")
    expect(school, pupil)
    remind()
    assert recipients() == ["me@example.org"]


def days_of_mails(days) -> list[int]:
    """The days after NOW on which the reminders of each day sent something."""
    return [day for day in days if remind(NOW + timedelta(day)).mails]


def subjects_and_openings() -> list[tuple[str, str]]:
    rows = OutboxMail.select().order_by(OutboxMail.id)
    return [(row.subject.split(" · ")[0], row.body.split("\n\n")[1].split(". ")[0]) for row in rows]


NEWS = (
    "Un ordinateur ou un galet 4G à renvoyer",
    "l’appareil indiqué ci-dessous a été prêté par la Région Normandie\N{NO-BREAK SPACE}; il est à rendre",
)
REMINDER = (
    "Rappel\N{NO-BREAK SPACE}: un ordinateur ou un galet 4G à renvoyer",
    "l’appareil indiqué ci-dessous n’est pas encore revenu",
)


def test_after_the_first_news_reminders_come_each_week_once_it_is_late_and_end_after_three(school):
    mothers(school)
    assert days_of_mails(range(60)) == [7, 16, 23, 30]
    assert subjects_and_openings() == [NEWS, REMINDER, REMINDER, REMINDER]


def leaving_class(school) -> int:
    """A pupil of a class that was told in November to bring its laptops back next summer; its last day, from NOW."""
    pupil = make_pupil(school, class_name="TG1")
    make_guardian(pupil, "mother@example.org")
    lend(make_device(school), pupil, school)
    last = date(2027, 7, 2)
    end_of_schooling(school.id, 2026, ["TG1"], last, actor=actor(), now=NOW)
    return (last - NOW.date()).days


def test_a_class_that_leaves_next_summer_hears_of_it_fifteen_days_before_and_is_reminded_once_it_is_late(school):
    last = leaving_class(school)
    assert days_of_mails(range(298)) == [last - 15, last + 1, last + 8, last + 15]
    assert subjects_and_openings() == [NEWS, REMINDER, REMINDER, REMINDER]
    first, second = (row.body for row in OutboxMail.select().order_by(OutboxMail.id).limit(2))
    assert ", à rendre au plus tard le 2 juillet 2027" in first
    assert ", était à rendre au plus tard le 2 juillet 2027" in second


def test_a_person_writes_at_any_time_without_using_up_what_comes_by_itself_and_the_link_works_past_the_day(school):
    last = leaving_class(school)
    write(ExpectedReturn.get(), now=NOW + timedelta(1))
    assert subjects_and_openings() == [NEWS]
    assert (FamilyLink.get().expires_at - NOW).days == last + 45
    assert "16 août 2027" in OutboxMail.get().body
    assert days_of_mails(range(2, 298)) == [last - 15, last + 1, last + 8, last + 15]
    write(ExpectedReturn.get(), now=NOW + timedelta(297))
    assert subjects_and_openings() == [NEWS, NEWS, *[REMINDER] * 4]


def test_a_late_device_does_not_use_up_the_mails_of_one_that_is_due_later(school):
    last = leaving_class(school)
    pupil = Pupil.get()
    hotspot = make_device(school, kind=DeviceKind.HOTSPOT)
    Loan.create(device=hotspot, pupil=pupil, school=school, school_year=2026, kind="hotspot", started_at=NOW)
    loan = Loan.get(device=hotspot)
    expect_return(loan, ReturnReason.OTHER, due_on=NOW.date() + timedelta(15), actor=actor(), now=NOW)
    assert days_of_mails(range(298)) == [7, 16, 23, 30, last - 15, last + 1, last + 8, last + 15]
    assert subjects_and_openings() == [NEWS] * 5 + [REMINDER] * 3
    assert ", à rendre au plus tard le 2 juillet 2027" in OutboxMail.get_by_id(2).body
    assert ", était à rendre au plus tard le 20 octobre 2026" in OutboxMail.get_by_id(2).body


def test_a_mail_by_hand_starts_the_week_anew(school):
    expected = mothers(school)
    write(expected, now=NOW + timedelta(days=6))
    assert remind(NOW + WEEK).mails == 0
    assert remind(NOW + timedelta(days=13)).mails == 1
    assert [bool(row.created_by) for row in FamilyLink.select().order_by(FamilyLink.id)] == [True, False]


def test_a_family_with_two_children_and_three_devices_gets_one_mail_a_day(school):
    first, second = mothers(school), mothers(school, first_name="Tom")
    hotspot = make_device(school, kind=DeviceKind.HOTSPOT)
    Loan.create(device=hotspot, pupil=first.pupil, school=school, school_year=2026, kind="hotspot", started_at=NOW)
    expect_return(Loan.get(device=hotspot), ReturnReason.OTHER, due_on=first.due_on, actor=actor(), now=NOW)
    remind()
    assert remind().mails == 0
    body = OutboxMail.get().body
    assert all(serial in body for serial in (first.device.serial, second.device.serial, hotspot.serial))
    assert FamilyLink.select().count() == 2


def test_agreements_and_returns_share_the_one_mail_of_a_day(school):
    make_text()
    expected, campaign = mothers(school), make_campaign()
    make_guardian(make_pupil(school, agreement=None), "mother@example.org")
    send_agreements(None, campaign, reminders=False, links=LINKS, actor=actor(), now=NOW)
    assert refusal_of(expected) == "written_today"
    tomorrow = NOW + timedelta(days=1)
    write(expected, now=tomorrow)
    make_guardian(make_pupil(school, agreement=None), "mother@example.org")
    sent = send_agreements(None, campaign, reminders=False, links=LINKS, actor=actor(), now=tomorrow)
    assert (sent.mails, sent.waiting) == (0, 1)


def test_nothing_is_ever_written_about_who_died(school):
    expected = mothers(school)
    Pupil.update(deceased=True).execute()
    assert remind().mails == 0
    assert refusal_of(expected) == "return_deceased"
    assert (OutboxMail.select().count(), FamilyLink.select().count()) == (0, 0)


def test_a_death_between_posting_and_delivery_keeps_the_mail_back_and_the_sibling_is_written_to_anew(school):
    mothers(school)
    sibling = mothers(school, first_name="Tom")
    remind()
    Pupil.update(deceased=True).where(Pupil.id != sibling.pupil).execute()
    assert deliver() == []
    assert OutboxMail.get().last_error == withholding.WITHHELD
    assert remind().mails == 1
    assert [sibling.device.serial in body for body in deliver()] == [True]


def test_a_death_noted_keeps_back_what_waits(school):
    expected = mothers(school)
    remind()
    assert withholding.withhold(expected.pupil_id, now=NOW) == 1
    assert FamilyLink.select().count() == 0


def test_who_is_no_legal_guardian_any_more_gets_nothing_that_was_posted_before(school):
    mothers(school)
    remind()
    Guardian.update(legal=False).execute()
    assert deliver() == []


def test_what_came_back_or_left_or_was_handed_in_or_stolen_is_not_recalled(school):
    came, posted, given, owed, stolen = (mothers(school) for _ in range(5))
    Device.update(state="stolen").where(Device.id == stolen.device_id).execute()
    stop_expecting(came.device_id, came_back=True, actor=actor(), now=NOW)
    parcel = Parcel.create(
        reference="0" * 18, kind="return", state="shipped", carrier="own", sender={}, recipient={}, created_at=NOW
    )
    ExpectedReturn.update(parcel=parcel).where(ExpectedReturn.id == posted).execute()
    ExpectedReturn.update(handed_in_at=NOW).where(ExpectedReturn.id == given).execute()
    remind()
    assert [each.pupil for each in FamilyLink.select()] == [owed.pupil]
    Parcel.update(state="prepared").execute()
    remind(NOW + 2 * WEEK)
    assert {each.pupil_id for each in FamilyLink.select()} == {owed.pupil_id, posted.pupil_id}


def test_writing_again_takes_back_that_the_school_has_it(school):
    expected = mothers(school)
    ExpectedReturn.update(handed_in_at=NOW).execute()
    write(expected)
    assert fresh(expected).handed_in_at is None


def test_an_address_that_gives_mail_back_is_not_reminded(school):
    expected = mothers(school)
    write(expected)
    OutboxMail.update(failed_at=NOW, sent_at=NOW).execute()
    assert remind().mails == 0


def test_who_cannot_be_reached_is_said(school):
    expected = expect(school)
    assert refusal_of(expected) == "return_no_legal_guardian"
    assert write(expected, expect(school)).unreachable.keys() == {expected.pupil_id, expected.pupil_id + 1}


def test_a_school_writes_to_its_own_families_only(school):
    expected = mothers(school)
    other = make_school()
    assert refusal_of(expected, who=actor("school", [other], make_user())) == "return_not_open"
    assert refusal_of(expected, who=actor("staff", [school], make_user())) == "not_allowed"
    write(expected, who=actor("school", [school], make_user("school", schools=[school])))


def test_a_device_lent_anew_starts_from_nothing(school):
    expected = mothers(school)
    write(expected)
    stop_expecting(expected.device_id, came_back=True, actor=actor(), now=NOW)
    Loan.update(ended_at=NOW).execute()
    lend(make_device(school), expected.pupil, school)
    loan = Loan.get(Loan.ended_at.is_null())
    later = NOW + timedelta(days=2)
    expect_return(loan, ReturnReason.OTHER, due_on=later.date() + timedelta(15), actor=actor(), now=later)
    assert remind(NOW + timedelta(days=8)).mails == 0
    assert remind(NOW + timedelta(days=9)).mails == 1
