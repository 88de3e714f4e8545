"""What people read when something is refused: the sentence, and the way back to what they were doing."""

import pytest

from tests.factories import NOW, make_campaign
from tests.parcels import addressed_school
from tests.returning import expect


@pytest.fixture
def refused(app, client, sign_in, time_machine_at):
    """A form that is refused, sent from that address."""
    time_machine_at(NOW)
    make_campaign()
    school = addressed_school()
    expected = expect(school)
    sign_in("school", schools=[school])

    def _refused(sent_from):
        answer = client.post(f"/returns/{expected.id}/close", data={"because": ""}, headers={"Referer": sent_from})
        assert answer.status_code == 422
        return answer.get_data(as_text=True)

    return _refused


def test_a_refused_form_leads_back_to_the_page_that_it_was_on(refused):
    text = refused("http://localhost/returns/?standing=overdue&reason=departure")
    assert 'href="/returns/?standing=overdue&amp;reason=departure"' in text
    assert "Revenir à la page" in text


@pytest.mark.parametrize(
    "elsewhere",
    ["", "https://example.org/returns/", "http://localhost//example.org/", "http://localhost/returns/1/close"],
)
def test_nobody_is_led_back_to_where_no_page_of_this_program_stands(refused, elsewhere):
    text = refused(elsewhere)
    assert "Revenir à la page" not in text
    assert 'href="/"' in text
