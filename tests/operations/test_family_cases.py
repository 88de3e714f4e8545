"""The family is written its link to report a problem: to whom, when not; on both engines."""

import pytest

from tests.factories import NOW, actor, make_campaign, make_guardian, make_pupil, make_school
from tracker.models.family_links import FamilyLink
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Pupil
from tracker.operations.family_cases import write_to_family
from tracker.operations.links import Links
from tracker.operations.withholding import withhold
from tracker.rules.refusals import Refused

pytestmark = pytest.mark.usefixtures("db")
LINKS = Links("secret", "https://pnl.example.org")


@pytest.fixture
def pupil(db):
    make_campaign()
    return make_pupil(make_school())


def write(pupil, who=None):
    return write_to_family(pupil.id, links=LINKS, actor=who or actor(), now=NOW)


def refusal(pupil, who=None):
    with pytest.raises(Refused) as found:
        write(pupil, who)
    return found.value.code


def test_each_legal_guardian_gets_a_link_of_their_own_once_a_day(pupil):
    make_guardian(pupil, "mother@example.org")
    make_guardian(pupil, "father@example.org")
    make_guardian(pupil, "aunt@example.org", legal=False)
    assert write(pupil) == 2
    assert sorted(mail.recipient for mail in OutboxMail) == ["father@example.org", "mother@example.org"]
    assert all("https://pnl.example.org/report/" in mail.body for mail in OutboxMail)
    assert len({link.nonce for link in FamilyLink}) == 2
    assert refusal(pupil) == "written_today"


def test_nobody_is_written_to_about_a_pupil_who_died_and_a_waiting_mail_is_kept_back(pupil):
    make_guardian(pupil, "mother@example.org")
    write(pupil)
    Pupil.update(deceased=True).execute()
    assert withhold(pupil.id, now=NOW) == 1
    assert refusal(pupil) == "return_deceased"
    assert FamilyLink.select().count() == 0


def test_it_is_refused_where_no_mail_reaches_anybody_or_the_pupil_is_not_ones_own(pupil):
    assert refusal(pupil) == "return_no_legal_guardian"
    assert refusal(pupil, actor("school", [make_school()])) == "not_found"
    assert refusal(pupil, actor("staff")) == "not_allowed"


def test_a_hotspot_is_called_in_the_mail_as_on_every_screen(pupil):
    make_guardian(pupil, "mother@example.org")
    write(pupil)
    assert "à l’ordinateur ou au galet 4G que" in OutboxMail.get().body
    assert "clé 4G" not in OutboxMail.get().body
