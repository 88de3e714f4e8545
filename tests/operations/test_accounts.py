"""Signing in, locking out, passwords; on both engines."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from tests.factories import NOW, actor, make_user
from tracker.models.mail import OutboxMail
from tracker.models.users import User
from tracker.operations import accounts, passwords
from tracker.operations.accounts import LockPolicy
from tracker.rules.refusals import Refused

pytestmark = pytest.mark.usefixtures("db")

PASSWORD = "un bon mot de passe 7"
OTHER = "un autre mot de passe 8"
POLICY = LockPolicy(after_failures=3, minutes=15)
KEY = "a key"


@pytest.fixture
def user(db) -> User:
    return make_user(email="lea@example.org", password_hash=passwords.hasher.hash(PASSWORD))


def sign_in(password=PASSWORD, email="lea@example.org", now=NOW) -> User:
    return accounts.sign_in(email, password, policy=POLICY, now=now)


def refusal(work) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value


def reload(user) -> User:
    return User.get_by_id(user.id)


def test_address_and_password_open_the_account_whatever_the_case_of_the_address(user):
    assert sign_in(email=" Lea@Example.org ").id == user.id
    assert reload(user).last_sign_in == NOW


def test_an_unknown_address_and_a_wrong_password_are_refused_in_the_same_words(user):
    unknown = refusal(lambda: sign_in(email="nobody@example.org"))
    wrong = refusal(lambda: sign_in("wrong"))
    assert (unknown.code, unknown.facts) == (wrong.code, wrong.facts) == ("wrong_credentials", {})


def test_an_unknown_address_costs_as_many_hashes_as_a_wrong_password(user, monkeypatch):
    hashes = []

    class Counting(PasswordHasher):
        def verify(self, *given):
            hashes.append(given)
            return super().verify(*given)

    monkeypatch.setattr(passwords, "hasher", Counting(2, 19_456, 1))
    for work in (lambda: sign_in(email="nobody@example.org"), lambda: sign_in("wrong")):
        refusal(work)
    assert len(hashes) == 2


def test_an_account_without_a_password_opens_with_none(db):
    make_user(email="new@example.org", password_hash=passwords.NO_PASSWORD)
    for password in ("!", PASSWORD):
        assert refusal(lambda typed=password: sign_in(typed, "new@example.org")).code == "wrong_credentials"


def test_a_closed_account_opens_for_nobody(user):
    User.update(active=False).execute()
    assert refusal(sign_in).code == "wrong_credentials"


def test_so_many_failures_in_a_row_lock_the_account_even_for_the_right_password(user):
    codes = [refusal(lambda: sign_in("wrong")).code for _ in range(3)]
    assert codes == ["wrong_credentials", "wrong_credentials", "account_locked"]
    locked = refusal(lambda: sign_in(now=NOW + timedelta(minutes=14)))
    assert (locked.code, locked.facts["until"]) == ("account_locked", NOW + timedelta(minutes=15))


def test_after_the_time_the_right_password_opens_and_a_wrong_one_counts_from_one(user):
    for _ in range(3):
        refusal(lambda: sign_in("wrong"))
    later = NOW + timedelta(minutes=15, seconds=1)
    assert refusal(lambda: sign_in("wrong", now=later)).code == "wrong_credentials"
    assert sign_in(now=later).failures == 0


def test_a_right_password_starts_the_count_anew(user):
    for _ in range(2):
        refusal(lambda: sign_in("wrong"))
    sign_in()
    for _ in range(2):
        assert refusal(lambda: sign_in("wrong")).code == "wrong_credentials"
    assert sign_in().id == user.id


def test_a_hash_of_other_parameters_is_renewed_at_the_next_sign_in(db):
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    user = make_user(email="lea@example.org", password_hash=old)
    sign_in()
    assert not passwords.is_outdated(reload(user).password_hash)
    assert sign_in().id == user.id


class Reset:
    """What a person does with the link of the mail."""

    @staticmethod
    def ask(email="lea@example.org", now=NOW) -> str | None:
        known = accounts.ask_reset(email, letter=lambda user, token: ("subject", token), key=KEY, now=now)
        return OutboxMail.select().order_by(OutboxMail.id.desc()).get().body if known else None

    @staticmethod
    def use(token, password=OTHER, now=NOW, key=KEY) -> User:
        return accounts.reset_password(token, password, key=key, now=now)


def test_the_link_of_the_mail_sets_a_new_password_and_ends_every_session(user):
    token = Reset.ask()
    assert OutboxMail.get().recipient == "lea@example.org"
    Reset.use(token)
    assert reload(user).session_key != user.session_key
    assert refusal(sign_in).code == "wrong_credentials"
    assert sign_in(OTHER).id == user.id


def test_the_link_lifts_a_lock(user):
    for _ in range(3):
        refusal(lambda: sign_in("wrong"))
    Reset.use(Reset.ask())
    assert sign_in(OTHER).id == user.id


def test_the_link_works_once(user):
    token = Reset.ask()
    Reset.use(token)
    assert refusal(lambda: Reset.use(token, PASSWORD)).code == "link_dead"


def test_the_link_works_for_an_hour(user):
    token = Reset.ask()
    assert refusal(lambda: Reset.use(token, now=NOW + timedelta(hours=1, seconds=1))).code == "link_dead"
    assert Reset.use(token, now=NOW + timedelta(minutes=59)).id == user.id


def test_a_link_that_was_changed_or_signed_by_another_key_is_dead(user):
    token = Reset.ask()
    for forged in (("A" if token[0] != "A" else "B") + token[1:], "", "x", token.replace(".", "")):
        assert refusal(lambda given=forged: Reset.use(given)).code == "link_dead"
    assert refusal(lambda: Reset.use(token, key="another")).code == "link_dead"


def test_a_password_that_is_too_weak_leaves_the_link_alive(user):
    token = Reset.ask()
    assert refusal(lambda: Reset.use(token, "short")).code == "password_too_short"
    assert Reset.use(token).id == user.id


def test_nothing_is_posted_for_an_address_without_an_account_or_with_a_closed_one(user):
    assert Reset.ask("nobody@example.org") is None
    User.update(active=False).execute()
    assert Reset.ask() is None
    assert OutboxMail.select().count() == 0


def change(user, present=PASSWORD, wanted=OTHER) -> User:
    return accounts.change_password(present, wanted, actor=actor(user=user), policy=POLICY, now=NOW)


def test_ones_own_password_changes_and_the_other_sessions_end(user):
    change(user)
    assert reload(user).session_key != user.session_key
    assert sign_in(OTHER).id == user.id


def test_ones_own_password_needs_the_present_one_and_guesses_are_counted(user):
    codes = [refusal(lambda: change(user, "wrong")).code for _ in range(3)]
    assert codes == ["wrong_password", "wrong_password", "account_locked"]


def test_a_weak_password_is_refused_and_the_present_one_stays(user):
    assert refusal(lambda: change(user, wanted="lea@example.org")).code == "password_personal"
    assert sign_in().id == user.id
