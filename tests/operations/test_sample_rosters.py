"""The rosters of the sample data: exported and read again nothing has changed, but for what a week brings."""

from datetime import UTC, datetime

import pytest

from tracker.models.schools import School
from tracker.operations import rosters, sample
from tracker.operations.sample.pupils import FORMS
from tracker.operations.sample.rosters import ROSTERS_OF, example_files, pupils_of
from tracker.operations.sample.siecle import pupils_file
from tracker.rules.levels import level_of

NOW = datetime(2026, 10, 8, 14, 30, tzinfo=UTC)


@pytest.fixture
def loaded(sqlite_db):
    return sample.load(now=NOW)


def test_every_school_exported_and_read_again_is_as_it_was(loaded):
    for school in School.select():
        content = b"".join(pupils_file(school.uai, 2026, NOW, pupils_of(school, 2026)))
        reading = rosters.read(content, school, school.uai, NOW.date(), {})
        counts = reading.counts()
        assert (counts["unchanged"], reading.refused) == (counts["pupils"], False), school.name


def test_a_week_brings_arrivals_leavers_and_changes(loaded):
    school = School.get(School.uai == ROSTERS_OF)
    files = {
        name: rosters.read(content, school, school.uai, NOW.date(), {})
        for name, content in example_files(now=NOW).items()
    }
    counts = files["eleves.xml"].counts()
    assert {name: counts[name] for name in ("arrivals", "leavers", "changed")} == {
        "arrivals": 2, "leavers": 2, "changed": 2,
    }  # fmt: skip
    changed = [name for each in files["eleves.xml"].compared.planned for name in each.fields if each.kind == "changed"]
    assert sorted(changed) == ["class_name", "email"]
    # The pupils who came are not on file yet: their guardians wait for them.
    assert files["responsables.xml"].counts()["changed"] == 1
    assert not any(problem.code == "character_lost" for reading in files.values() for problem in reading.problems)
    assert not any(reading.refused for reading in files.values())


@pytest.mark.parametrize("form", [form for forms in FORMS.values() for form in forms])
def test_the_level_codes_of_the_sample_say_their_level(form):
    assert level_of(form.mef) is form.level
