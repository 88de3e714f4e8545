"""Who is asked to sign, and when again."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.ages import is_of_age
from tracker.rules.recipients import Ask, Asked, Contact, Recipient, Unreachable, due, reach, signer_at

TODAY = date(2026, 10, 5)
MINOR, ADULT = date(2011, 3, 14), date(2008, 10, 5)
births = st.none() | st.dates(date(1995, 1, 1), date(2015, 1, 1))
emails = st.sampled_from(["", " ", "no address", "a@x.fr", "A@x.fr ", "b@x.fr", "c@y.example.org"])
contacts = st.lists(st.builds(Contact, st.integers(1, 9), emails, st.booleans(), st.integers(1, 3)), max_size=6)
asked = st.lists(st.builds(Asked, st.dates(date(2026, 9, 1), TODAY), st.booleans(), st.booleans()), max_size=5)


@given(births, emails, contacts, st.booleans())
def test_whatever_the_family_looks_like_only_legal_guardians_or_the_adult_pupil_are_reached(birth, email, around, dead):
    found = reach(birth, email, around, deceased=dead, today=TODAY)
    of_age = birth is not None and is_of_age(birth, TODAY)
    allowed = {email.strip().lower()} if of_age else {each.email.strip().lower() for each in around if each.legal}
    addresses = [each.address for each in found.recipients]
    assert set(addresses) <= allowed
    assert len(addresses) == len(set(addresses))
    assert (found.unreachable is None) == bool(addresses)
    if dead:
        assert not addresses
    for each in found.recipients:
        assert (
            each.guardian_id is None if of_age else each.guardian_id in {one.guardian_id for one in around if one.legal}
        )


@given(births, emails, contacts)
def test_every_legal_guardian_with_an_address_of_a_minor_is_reached(birth, email, around):
    found = {each.address for each in reach(birth, email, around, deceased=False, today=TODAY).recipients}
    if birth is None or not is_of_age(birth, TODAY):
        assert found == {each.email.strip().lower() for each in around if each.legal and "@" in each.email}


def test_on_the_eighteenth_birthday_the_pupil_alone_gets_it():
    guardian = Contact(1, "parent@x.fr", legal=True)
    before = reach(ADULT, "lea@x.fr", [guardian], deceased=False, today=TODAY - timedelta(days=1))
    assert before.recipients == (Recipient("parent@x.fr", 1),)
    assert reach(ADULT, "lea@x.fr", [guardian], deceased=False, today=TODAY).recipients == (
        Recipient("lea@x.fr", None),
    )


def test_each_reason_why_nobody_can_be_reached():
    mother = Contact(1, "", legal=True)
    aunt = Contact(2, "aunt@x.fr", legal=False)
    assert reach(MINOR, "lea@x.fr", [aunt], deceased=False, today=TODAY).unreachable is Unreachable.NO_LEGAL_GUARDIAN
    assert reach(MINOR, "", [mother], deceased=False, today=TODAY).unreachable is Unreachable.NO_GUARDIAN_ADDRESS
    assert reach(ADULT, "", [mother, aunt], deceased=False, today=TODAY).unreachable is Unreachable.NO_PUPIL_ADDRESS
    assert reach(ADULT, "lea@x.fr", [], deceased=True, today=TODAY).unreachable is Unreachable.DECEASED


@given(asked, st.booleans(), st.integers(0, 10), st.integers(0, 4))
def test_the_first_mail_goes_once_and_no_reminder_too_early_or_too_often(earlier, wanted, days, most):
    answer = due(earlier, today=TODAY, reminders=wanted, after_days=days, most=most)
    assert (answer is Ask.FIRST) == (not earlier)
    if answer is Ask.REMINDER:
        assert wanted
        assert all(each.on + timedelta(days=max(days, 1)) <= TODAY and not each.bounced for each in earlier)
        assert sum(each.reminder for each in earlier) < most


def signer(contacts, *, guardian_id: int | None = 1, email="", birth=MINOR):
    return signer_at(Recipient("a@x.fr", guardian_id), contacts, birth=birth, email=email, sent_on=TODAY)


def test_the_address_signs_that_is_a_legal_guardians_today_above_all_the_one_who_was_written_to():
    mother, father = Contact(1, "A@x.fr", legal=True), Contact(2, "a@x.fr", legal=True)
    assert signer([father, mother]) == Recipient("a@x.fr", 1)
    assert signer([father]) == Recipient("a@x.fr", 2)


def test_an_address_that_was_corrected_since_signs_no_more():
    assert signer([Contact(1, "new@x.fr", legal=True)]) is None
    assert signer([Contact(1, "a@x.fr", legal=False)]) is None
    assert signer([], guardian_id=None, email="new@x.fr", birth=ADULT) is None


def test_whose_family_was_asked_and_who_got_nothing_yet_is_asked_when_a_reminder_would_go():
    def ask(day: int, *, reminders=True):
        today = TODAY + timedelta(days=day)
        return due([], today=today, reminders=reminders, after_days=7, most=3, firsts=False, family_asked_on=TODAY)

    assert (ask(6), ask(7), ask(7, reminders=False)) == (None, Ask.FIRST, None)
    assert due([], today=TODAY, reminders=True, after_days=7, most=3, firsts=False) is None


def test_a_reminder_goes_on_the_day_itself():
    first = [Asked(TODAY - timedelta(days=7), reminder=False)]
    assert due(first, today=TODAY, reminders=True, after_days=7, most=3) is Ask.REMINDER
    assert due(first, today=TODAY - timedelta(days=1), reminders=True, after_days=7, most=3) is None
    assert due(first, today=TODAY, reminders=True, after_days=7, most=0) is None
