"""Codes that nobody knows: asked on their page, answered with htmx and without, counted on the home page."""

import re

import pytest

from tests.factories import NOW, make_campaign, make_pupil, make_school
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX
from tracker.models.pupils import Enrolment
from tracker.models.rosters import CodeAnswer
from tracker.rules.eligibility import Eligible, Level

UNKNOWN = "9991001911"


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school()


@pytest.fixture
def code(school):
    """A level code that two pupils have and nobody knows."""
    for _ in range(2):
        make_pupil(school, mef=f"{UNKNOWN}0", level=Level.UNKNOWN, eligible=Eligible.CHECK)
    return CodeAnswer.create(kind="mef", code=UNKNOWN, label="2NDE <script>")


def text_of(answer, status=200):
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def say(client, meaning, **how):
    return client.post("/codes/", data={"kind": "mef", "code": UNKNOWN, "meaning": meaning}, **how)


def test_an_open_code_stands_with_its_label_its_pupils_and_the_answers(client, sign_in, code):
    sign_in()
    text = text_of(client.get("/codes/"))
    assert "2NDE &lt;script&gt;" in text
    assert re.search(r'data-label="Élèves cette année">2<', text)
    assert '<option value="seconde_gt">' in text
    assert '<option value="unknown"' not in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_answer_is_recorded_and_its_pupils_are_judged_anew(client, sign_in, code, headers):
    user = sign_in()
    text = text_of(say(client, "seconde_gt", headers=headers, follow_redirects=True))
    assert ("<html" in text) == (not headers)
    assert "La situation des élèves concernés a été revue" in text
    assert {each.eligible for each in Enrolment.select()} == {"yes"}
    answered = text.split('id="answered"')[1]
    assert UNKNOWN in answered
    assert user.name in answered
    assert '<option value="seconde_gt" selected>' in answered


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_no_answer_is_refused_beside_its_code(client, sign_in, code, headers):
    sign_in()
    text = text_of(say(client, "", headers=headers), 422)
    assert "field-error" in text.split(f'id="mef-{UNKNOWN}"')[1]
    assert CodeAnswer.get().meaning == ""


def test_a_kind_that_does_not_exist_is_not_understood(client, sign_in, code):
    sign_in()
    assert client.post("/codes/", data={"kind": "x", "code": "1", "meaning": "yes"}).status_code == 400


def test_an_exit_reason_is_answered_by_a_destination(client, sign_in, school):
    CodeAnswer.create(kind="exit_reason", code="77")
    sign_in()
    assert '<option value="other_region">' in text_of(client.get("/codes/"))
    client.post("/codes/", data={"kind": "exit_reason", "code": "77", "meaning": "other_region"})
    assert CodeAnswer.get().meaning == "other_region"


def test_with_nothing_to_settle_the_page_says_so(client, sign_in, school):
    sign_in()
    assert "Aucun code n’attend de réponse" in text_of(client.get("/codes/"))


@pytest.mark.parametrize("role", ["school", "logistics", "staff"])
def test_only_administrators_settle_codes(client, sign_in, school, code, role):
    sign_in(role, schools=[school] if role == "school" else [])
    assert client.get("/codes/").status_code == 403
    assert say(client, "seconde_gt").status_code == 403
    assert 'href="/codes/"' not in text_of(client.get("/"))


def test_the_home_page_of_administrators_leads_to_open_codes(client, sign_in, code):
    sign_in()
    notice = text_of(client.get("/")).split('class="notice notice-warn"')[1].split("</a>")[0]
    assert 'href="/codes/"' in notice
    assert "1 code des bases élèves" in notice
    say(client, "seconde_gt")
    assert 'class="notice notice-warn"' not in text_of(client.get("/"))


def test_the_page_costs_the_same_for_many_codes(client, sign_in, school):
    user = sign_in()
    costs = []
    for more in (2, 20):
        start = CodeAnswer.select().count()
        for number in range(start, start + more):
            CodeAnswer.create(kind="mef", code=f"99{number:08d}", meaning="other", answered_by=user.id, answered_at=NOW)
        with recorded_statements() as sent:
            client.get("/codes/")
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 7
