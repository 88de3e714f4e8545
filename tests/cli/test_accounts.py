"""Accounts and mail from the terminal, as a person types the commands."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.factories import NOW, make_school
from tracker.cli import main
from tracker.models.database import connected, database, open_database
from tracker.models.users import User
from tracker.operations import accounts
from tracker.operations.accounts import LockPolicy
from tracker.queries.users import school_ids_of

PASSWORD = "un bon mot de passe 7"


@pytest.fixture
def tracker(db_url, tmp_path, monkeypatch):
    """tracker("user", "list") → its result, on each engine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", db_url)
    monkeypatch.setenv("TRACKER_VAR_DIR", str(tmp_path))
    open_database(db_url)
    yield lambda *words: CliRunner().invoke(main, words)
    database.close_all()


def add(tracker, *more, email="lea@example.org", role="admin"):
    return tracker("user", "add", email, "--name", "Léa Martin", "--role", role, *more)


@pytest.fixture
def password_file(tmp_path) -> str:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\nnothing else is read\n", encoding="utf-8")
    return str(file)


def test_an_account_with_the_password_of_a_file_can_sign_in(tracker, password_file):
    result = add(tracker, "--password-file", password_file)
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    with connected():
        assert accounts.sign_in("lea@example.org", PASSWORD, policy=LockPolicy(8, 15), now=NOW).role == "admin"


def test_without_a_password_a_link_is_mailed_and_delivered_by_the_next_command(tracker, tmp_path):
    assert add(tracker).exit_code == 0
    assert tracker("mail", "send").exit_code == 0
    (file,) = Path(tmp_path, "mail").glob("*.eml")
    assert re.search(r"/reset/", file.read_text())
    assert "0" in tracker("mail", "status").output


def test_a_school_user_gets_the_schools_of_the_uais(tracker):
    with connected():
        schools = [make_school(), make_school()]
    uais = [word for school in schools for word in ("--school", school.uai.lower())]
    assert add(tracker, *uais, role="school").exit_code == 0
    with connected():
        assert sorted(school_ids_of(User.get().id)) == [school.id for school in schools]


@pytest.mark.parametrize(
    ("more", "changes"),
    [(("--school", "0000000X"), {"role": "school"}), ((), {"role": "school"}), ((), {"email": "no address"})],
)
def test_what_cannot_be_an_account_ends_with_a_sentence_and_nothing_is_written(tracker, more, changes):
    result = add(tracker, *more, **changes)
    assert result.exit_code == 65
    assert "Traceback" not in result.output
    with connected():
        assert User.select().count() == 0


def test_the_list_has_one_line_an_account(tracker, password_file):
    add(tracker, "--password-file", password_file)
    assert tracker("user", "list").stdout.splitlines()[0].split("\t")[:3] == ["lea@example.org", "admin", "Léa Martin"]
