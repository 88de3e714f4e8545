"""The list of the unsigned with the reason of each, its filters and files, the paper forms of exactly this list."""

import re
from datetime import timedelta

import pytest

from tests.factories import NOW, make_campaign, make_guardian, make_invitation, make_pupil, make_school, make_text
from tests.paper import opened, words
from tests.statements import recorded_statements
from tracker.models.agreements import Agreement

HX = {"HX-Request": "true"}
LIST = "/agreements/unsigned/"


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    make_text()
    return make_school(name="Lycée Malherbe")


def asked(school, days=20, **changes):
    pupil = make_pupil(school, agreement=None, **changes)
    make_invitation(pupil, make_guardian(pupil), sent_at=NOW - timedelta(days=days))
    return pupil


def names(client, **filters):
    text = client.get(LIST, query_string=filters).text
    return re.findall(r'class="row-link" href="/pupils/\d+">(\S+)', text)


def test_each_pupil_stands_there_with_the_reason(client, sign_in, school):
    asked(school, last_name="Envoye")
    make_pupil(school, agreement=None, last_name="Sans")
    refused = make_pupil(school, agreement="refused", last_name="Refuse")
    Agreement.update(refusal="Signature absente", decided_at=NOW).where(Agreement.pupil == refused).execute()
    make_pupil(school, last_name="Signe")
    sign_in("school", schools=[school])
    text = client.get(LIST).text
    assert names(client) == ["Envoye", "Refuse", "Sans"]
    for said in ("envoyée, non ouverte", "papier refusé\u00a0: Signature absente", "aucun représentant légal connu"):
        assert said in text


def test_filters_narrow_the_list_and_its_file_alike(client, sign_in, school):
    asked(school, last_name="Alpha", class_name="2GT1")
    asked(school, last_name="Beta", class_name="2GT2")
    make_pupil(school, agreement=None, last_name="Gamma", class_name="2GT2")
    sign_in("school", schools=[school])
    for filters, expected in (
        ({"class": "2GT2"}, ["Beta", "Gamma"]), ({"why": "sent"}, ["Alpha", "Beta"]), ({"q": "bet"}, ["Beta"]),
        ({"why": "nonsense"}, ["Alpha", "Beta", "Gamma"]), ({"level": "cap_1_of_2"}, []),
    ):  # fmt: skip
        assert names(client, **filters) == expected
        file = client.get(f"{LIST}export.csv", query_string=filters).text
        assert [line.split(";")[0] for line in file.splitlines()[1:]] == expected


def test_a_school_sees_its_own_and_the_list_comes_alone_for_htmx(client, sign_in, school):
    asked(make_school(), last_name="Ailleurs")
    asked(school, last_name="Ici")
    sign_in("school", schools=[school])
    text = client.get(LIST, headers=HX).text
    assert "Ici" in text
    assert "Ailleurs" not in text
    assert "<html" not in text
    assert 'id="print-link" hx-swap-oob="true"' in text


def test_hostile_names_do_no_harm_on_the_page_and_in_the_file(client, sign_in, school):
    asked(school, last_name="=1+1<script>alert(1)</script>")
    sign_in("school", schools=[school])
    assert "<script>alert" not in client.get(LIST).text
    assert "'=1+1<script>" in client.get(f"{LIST}export.csv").text


def test_the_list_costs_the_same_however_long_it_is(client, sign_in, school):
    sign_in("school", schools=[school])
    costs = []
    for _ in range(2):
        asked(school)
        with recorded_statements() as sent:
            client.get(LIST)
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 10


def test_what_may_be_printed_today_is_said_and_from_when_on_the_rest(client, sign_in, school):
    asked(school)
    asked(school, days=10)
    make_pupil(school, agreement=None)
    sign_in("school", schools=[school])
    page = client.get(f"{LIST}print").text
    assert "2 conventions" in page
    assert "1 de plus à partir du 10 oct. 2026" in page


def test_exactly_the_filtered_list_is_printed_class_after_class(client, sign_in, school):
    for name, class_name in (("Zola", "2GT1"), ("Abel", "2GT2"), ("Milon", "2GT3")):
        asked(school, last_name=name, class_name=class_name)
    sign_in("school", schools=[school])
    answer = client.post(f"{LIST}print", query_string={"q": ""})
    pages = [words(page) for page in opened(answer.data)]
    assert [next(name for name in ("Zola", "Abel", "Milon") if name in page) for page in pages] == [
        "Zola", "Abel", "Milon",
    ]  # fmt: skip
    assert answer.headers["Content-Disposition"] == 'attachment; filename="conventions.pdf"'
    one = client.post(f"{LIST}print", query_string={"class": "2GT2"})
    assert len(opened(one.data)) == 1
    assert Agreement.select().where(Agreement.printed_at.is_null(False)).count() == 3


def test_too_early_for_paper_is_said_with_the_day(client, sign_in, school):
    pupil = asked(school, days=3)
    sign_in("school", schools=[school])
    answer = client.post(f"{LIST}print", query_string={"pupil": pupil.id})
    assert answer.status_code == 422
    assert "à partir du 17 oct. 2026" in answer.text


def test_another_schools_pupil_is_not_printed(client, sign_in, school):
    theirs = asked(make_school(), last_name="Ailleurs")
    sign_in("school", schools=[school])
    answer = client.post(f"{LIST}print", query_string={"pupil": theirs.id})
    assert answer.status_code == 422
    assert "Ailleurs" not in answer.text


def test_looking_prints_nothing(client, sign_in, school):
    asked(school)
    sign_in("school", schools=[school])
    client.get(f"{LIST}print")
    assert Agreement.get().printed_at is None
