"""Two schools of a campaign, and the desk that applies their files."""

from pathlib import Path

import pytest

from tests.factories import make_campaign, make_school
from tests.operations.rosters.files import Desk
from tracker.models.schools import School


@pytest.fixture
def school(db) -> School:
    """A member school, in a campaign."""
    make_campaign()
    return make_school()


@pytest.fixture
def other(school) -> School:
    """Another member school."""
    return make_school()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Where files are applied."""
    return Desk(tmp_path)
