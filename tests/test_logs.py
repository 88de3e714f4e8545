"""What is written down about a fault: where it happened, never a value of the row that was refused."""

import pytest
import structlog

from tracker import logs


@pytest.fixture
def configured():
    before = structlog.get_config()
    logs.configure(as_json=True)
    yield
    structlog.configure(**before)


def test_a_database_error_is_logged_without_the_values_that_it_quotes(configured, capsys):
    # As psycopg writes it; beside the try, because a traceback quotes the source line too.
    words = "duplicate key value\nDETAIL:  Key (ine)=(123456789AB) already exists."
    try:
        raise ValueError(words)
    except ValueError:
        structlog.get_logger().exception("work failed", work=7)
    said = capsys.readouterr().err
    assert ("duplicate key value" in said, "DETAIL" in said, "123456789AB" in said) == (True, True, False)
