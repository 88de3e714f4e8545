"""The versions of the agreement's text as the administrator's list has them; on both engines."""

import pytest

from tests.factories import NOW, make_pupil, make_school, make_text, make_user
from tracker.models.agreements import Agreement
from tracker.queries.agreement_texts import text_of_version, version_of, versions

pytestmark = pytest.mark.usefixtures("db")


def test_the_newest_comes_first_with_who_published_it_and_how_many_signed_it():
    user = make_user(name="Personne Région")
    first, second = make_text(), make_text(published_by=user.id)
    school = make_school()
    for text, signed_at in ((first, NOW), (first, NOW), (second, NOW), (second, None)):
        make_pupil(school, agreement=None)
        pupil = make_pupil(school, agreement=None)
        Agreement.create(pupil=pupil, school_year=2026, state="validated", text=text, signed_at=signed_at)
    found = versions()
    assert [(each.version, each.by, each.signed) for each in found] == [(2, "Personne Région", 1), (1, "", 2)]
    assert version_of(1) == found[1]
    assert text_of_version(2) == second


def test_what_was_never_published_is_not_there():
    assert (version_of(1), text_of_version(1), list(versions())) == (None, None, [])


def test_one_query_lists_them_all(count_queries):
    for _ in range(3):
        make_text()
    with count_queries() as counted:
        versions()
    assert counted.total == 1
