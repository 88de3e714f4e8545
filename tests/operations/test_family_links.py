"""Families' personal links: what opens one, and what does not; never one about a pupil who died; on both engines."""

from datetime import date, timedelta

import pytest

from tests.factories import NOW, actor, make_guardian, make_pupil, make_school
from tracker.models.family_links import FamilyLink
from tracker.models.pupils import Guardian, Pupil
from tracker.operations.family_links import (
    address_of,
    family_token,
    make_family_link,
    open_family_link,
    read_family_link,
)
from tracker.operations.links import Links, token_of
from tracker.rules.families import LinkPurpose
from tracker.rules.refusals import Refused

KEY = "key"
RETURN, CASE = LinkPurpose.RETURN, LinkPurpose.CASE
UNTIL = NOW + timedelta(days=45)


@pytest.fixture
def pupil(db) -> Pupil:
    pupil = make_pupil(make_school())
    make_guardian(pupil, "mother@example.org")
    return pupil


def make(pupil, recipient="mother@example.org") -> FamilyLink:
    return make_family_link(RETURN, pupil, recipient, expires_at=UNTIL, actor=actor(), now=NOW)


def refusal_of(link, *, purpose=RETURN, now=NOW, key=KEY) -> str:
    with pytest.raises(Refused) as refused:
        read_family_link(family_token(link.nonce, RETURN, key=key), purpose, key=KEY, now=now)
    return refused.value.code


def test_a_link_opens_for_its_address_and_the_first_opening_is_noted(pupil):
    link = make(pupil)
    address = address_of(link, Links(KEY, "https://example.org"))
    assert address.startswith("https://example.org/return/")
    token = address.rpartition("/")[2]
    assert open_family_link(token, RETURN, key=KEY, now=NOW).pupil == pupil
    open_family_link(token, RETURN, key=KEY, now=NOW + timedelta(hours=1))
    assert FamilyLink.get().opened_at == NOW


def test_only_looking_leaves_no_trace(pupil):
    read_family_link(family_token(make(pupil).nonce, RETURN, key=KEY), RETURN, key=KEY, now=NOW)
    assert FamilyLink.get().opened_at is None


def test_a_link_of_another_purpose_or_key_or_cut_off_is_not_known(pupil):
    link = make(pupil)
    assert refusal_of(link, purpose=CASE) == "family_link_unknown"
    assert refusal_of(link, key="another") == "family_link_unknown"
    for token in ("", "x", family_token(link.nonce, RETURN, key=KEY)[:-1], token_of(link.nonce, key=KEY)):
        with pytest.raises(Refused) as refused:
            read_family_link(token, RETURN, key=KEY, now=NOW)
        assert refused.value.code == "family_link_unknown"


def test_a_link_ends_with_its_days(pupil):
    link = make(pupil)
    assert refusal_of(link, now=UNTIL) == "family_link_expired"
    read_family_link(family_token(link.nonce, RETURN, key=KEY), RETURN, key=KEY, now=UNTIL - timedelta(seconds=1))


def test_a_death_ends_every_link_and_none_is_made_any_more(pupil):
    link = make(pupil)
    Pupil.update(deceased=True).execute()
    assert refusal_of(link) == "family_link_ended"
    with pytest.raises(Refused) as refused:
        make(Pupil.get())
    assert refused.value.code == "family_link_ended"


def test_who_is_no_legal_guardian_any_more_opens_nothing(pupil):
    link = make(pupil)
    Guardian.update(legal=False).execute()
    assert refusal_of(link) == "family_link_not_theirs"


def test_a_pupil_of_age_opens_their_own(db):
    pupil = make_pupil(make_school(), birth_date=date(2008, 1, 1), email="me@example.org")
    link = make(pupil, "me@example.org")
    read_family_link(family_token(link.nonce, RETURN, key=KEY), RETURN, key=KEY, now=NOW)
    Pupil.update(email="other@example.org").execute()
    assert refusal_of(link) == "family_link_not_theirs"
