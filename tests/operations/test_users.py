"""Accounts made and changed by an administrator; on both engines."""

import threading

import pytest

from tests.factories import NOW, actor, make_school, make_user
from tracker.models.database import connected
from tracker.models.mail import OutboxMail
from tracker.models.users import User
from tracker.operations import accounts, users
from tracker.operations.users import Profile
from tracker.queries.accounts import session_account
from tracker.queries.users import school_ids_of
from tracker.rules.access import SYSTEM, Role
from tracker.rules.refusals import Refused

pytestmark = pytest.mark.usefixtures("db")
PASSWORD = "un bon mot de passe 7"


def create(**changes) -> User:
    values = {"email": "paul@example.org", "name": "Paul Lebrun", "role": "logistics", "actor": SYSTEM, "now": NOW}
    return users.create_user(**(values | changes))


def refused(code: str, work) -> None:
    with pytest.raises(Refused) as caught:
        work()
    assert caught.value.code == code


def test_an_account_with_a_password_can_sign_in_at_once():
    user = create(password=PASSWORD)
    policy = accounts.LockPolicy(8, 15)
    assert accounts.sign_in("paul@example.org", PASSWORD, policy=policy, now=NOW).id == user.id


def test_a_school_user_acts_for_the_schools_that_were_chosen_and_no_other():
    mine, also_mine, _other = make_school(), make_school(), make_school()
    user = create(role="school", school_ids=[mine.id, also_mine.id])
    account = session_account(user.id, user.session_key)
    assert account.scope.school_ids == {mine.id, also_mine.id}


def test_a_school_user_without_a_school_is_refused_and_nothing_is_written():
    refused("schools_missing", lambda: create(role="school"))
    refused("school_not_found", lambda: create(role="school", school_ids=[999_999]))
    assert User.select().count() == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "no address"}, "email_invalid"),
        ({"name": "  "}, "name_missing"),
        ({"password": "short"}, "password_too_short"),
        ({"actor": actor("logistics")}, "not_allowed"),
    ],
)
def test_what_cannot_be_an_account_is_refused(changes, code):
    refused(code, lambda: create(**changes))


def test_an_address_has_one_account_whatever_its_case():
    create()
    refused("email_taken", lambda: create(email="Paul@Example.org"))


def test_an_invitation_is_a_link_with_which_the_first_password_is_chosen():
    user = create()
    users.invite(user.id, letter=lambda user, token: ("subject", token), key="k", actor=SYSTEM, now=NOW)
    accounts.reset_password(OutboxMail.get().body, PASSWORD, key="k", now=NOW)
    assert accounts.sign_in(user.email, PASSWORD, policy=accounts.LockPolicy(8, 15), now=NOW).id == user.id


def test_a_changed_role_gives_up_the_schools():
    school = make_school()
    user = create(role="school", school_ids=[school.id])
    users.change_user(user.id, Profile("Paul", Role.LOGISTICS, frozenset({school.id})), actor=SYSTEM)
    assert school_ids_of(user.id) == []


def test_changed_schools_replace_the_former_ones():
    first, second = make_school(), make_school()
    user = create(role="school", school_ids=[first.id])
    users.change_user(user.id, Profile("Paul", Role.SCHOOL, frozenset({second.id})), actor=SYSTEM)
    assert school_ids_of(user.id) == [second.id]


def test_a_closed_account_has_no_session_any_more_not_even_after_it_is_reopened():
    user, closed = create(), Profile("Paul", Role.LOGISTICS, active=False)
    users.change_user(user.id, closed, actor=SYSTEM)
    assert session_account(user.id, user.session_key) is None
    users.change_user(user.id, Profile("Paul", Role.LOGISTICS), actor=SYSTEM)
    assert session_account(user.id, user.session_key) is None


def test_ended_sessions_are_ended():
    user = create()
    users.end_sessions(user.id, actor=SYSTEM)
    assert session_account(user.id, user.session_key) is None


@pytest.mark.parametrize("profile", [Profile("A", Role.ADMIN, active=False), Profile("A", Role.STAFF)])
def test_the_last_administrator_who_can_sign_in_stays_one(profile):
    admin = make_user("admin")
    make_user("admin", active=False)
    refused("last_administrator", lambda: users.change_user(admin.id, profile, actor=SYSTEM))
    make_user("admin")
    assert users.change_user(admin.id, profile, actor=SYSTEM).id == admin.id


def test_two_administrators_who_demote_each_other_at_the_same_time_do_not_both_succeed():
    admins = [make_user("admin"), make_user("admin")]
    start, outcomes = threading.Barrier(2), []

    def demote(user: User) -> None:
        with connected():
            start.wait()
            try:
                users.change_user(user.id, Profile("A", Role.STAFF), actor=SYSTEM)
                outcomes.append("done")
            except Refused as found:
                outcomes.append(found.code)

    threads = [threading.Thread(target=demote, args=(admin,)) for admin in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "last_administrator"]
    assert User.select().where(User.role == Role.ADMIN).count() == 1
