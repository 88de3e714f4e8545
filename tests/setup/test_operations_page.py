"""docs/operations.md says what the program really does: its settings, its exit codes, its commands."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from setup import problems
from tracker.cli import addresses, failures
from tracker.config import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()


def expected_rows() -> list[str]:
    """The lines that the table of settings must have, in the order of the code."""
    return [_row(name, field) for name, field in Settings.model_fields.items()]


def _row(name: str, field: FieldInfo) -> str:
    variable = field.validation_alias or f"TRACKER_{name.upper()}"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    return f"| `{variable}` | {f'`{value}`' if str(value) else 'none'} | {field.description} |"


def test_the_table_of_settings_is_that_of_the_code():
    rows = re.findall(r"^\| `(?:TRACKER_|DATABASE_URL|HOST|PORT).*$", PAGE, re.MULTILINE)
    assert rows == expected_rows()


def test_every_exit_code_is_explained():
    used = {value for module in (problems, addresses, failures) for value in _codes(module)}
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert explained == used


def _codes(module: object) -> list[int]:
    return [
        value for name, value in vars(module).items() if name[0].isupper() and name.isupper() and isinstance(value, int)
    ]


def test_every_make_command_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", PAGE)) <= targets


def test_the_unit_files_start_commands_that_exist():
    from click.testing import CliRunner

    from tracker.cli import main

    for line in re.findall(r"^ExecStart=\S+/tracker (.*)$", PAGE, re.MULTILINE):
        assert CliRunner().invoke(main, [*line.split(), "--help"]).exit_code == 0
