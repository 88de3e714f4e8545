"""`tracker migrate` and `tracker ledger` from a terminal: what they say and how they end."""

import pytest
from click.testing import CliRunner, Result

from tracker.cli import main
from tracker.models.database import database


@pytest.fixture
def tracker(tmp_path, monkeypatch):
    """tracker("migrate", "--status") → how it ended, on a database of its own."""
    monkeypatch.setenv("TRACKER_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    yield run
    database.close_all()


def test_it_applies_what_is_pending_and_says_when_there_is_nothing(tracker):
    assert "0001_first_schema" in tracker("migrate").output
    again = tracker("migrate")
    assert (again.exit_code, "0001" in again.output) == (0, False)


def test_its_status_ends_with_one_while_something_is_pending(tracker):
    assert tracker("migrate", "--status").exit_code == 1
    tracker("migrate")
    assert tracker("migrate", "--status").exit_code == 0


def test_it_takes_the_newest_back(tracker):
    tracker("migrate")
    assert tracker("migrate", "--down", "0001_first_schema").exit_code == 0
    assert tracker("migrate", "--status").exit_code == 1


def ended_with_a_sentence(result: Result) -> bool:
    return result.exit_code != 0 and isinstance(result.exception, SystemExit) and "Traceback" not in result.output


def test_an_unknown_target_is_a_sentence(tracker):
    assert ended_with_a_sentence(tracker("migrate", "--down", "0000_never"))


@pytest.mark.parametrize("url", ["mysql://localhost/x", "postgresql://nobody@127.0.0.1:1/nowhere"])
def test_a_database_that_cannot_be_used_is_a_sentence(tracker, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    assert ended_with_a_sentence(tracker("migrate"))


def test_the_ledger_of_a_database_without_tables_is_a_sentence(tracker):
    assert ended_with_a_sentence(tracker("ledger", "verify"))


def test_the_ledger_is_proved_compared_and_sealed(tracker):
    tracker("migrate")
    for arguments in (("verify",), ("rebuild", "--check"), ("checkpoint",), ("rebuild",)):
        assert tracker("ledger", *arguments).exit_code == 0


def test_a_broken_ledger_ends_with_one_and_names_the_day(tracker):
    tracker("migrate")
    tracker("ledger", "checkpoint")
    database.execute_sql("DROP TRIGGER ledger_checkpoint_no_update")
    database.execute_sql("UPDATE ledger_checkpoint SET day = '2020-01-01'")
    database.close_all()
    ended = tracker("ledger", "verify")
    assert ended_with_a_sentence(ended)
    assert "2020-01-01" in ended.output
