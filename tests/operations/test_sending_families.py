"""Whatever the families look like and whenever it is sent: who gets what, and how often, as properties."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, actor, make_campaign, make_guardian, make_pupil, make_school, make_text
from tracker.models.agreements import Agreement, AgreementText, Invitation
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import School
from tracker.operations.links import Links
from tracker.operations.sending import send_agreements
from tracker.rules.calendar import local_date

ADULT = date(2008, 10, 5)
LINKS = Links("key", "https://example.org")


def send(campaign, *, now, reminders, school) -> None:
    send_agreements(school.id if school else None, campaign, reminders=reminders, links=LINKS, actor=actor(), now=now)


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
