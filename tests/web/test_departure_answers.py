"""Where a pupil went, answered on the page; a pupil declared to leave; whole classes: with htmx and without."""

from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, make_campaign, make_pupil, make_school
from tests.operations.departing_pupils import equip, expected, make_departure
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.rosters import Departure, DepartureAnswer
from tracker.rules.custody import DeviceState


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school(name="Lycée Malherbe")


@pytest.fixture
def leaver(school):
    pupil = make_pupil(school, last_name="Zola")
    equip(pupil, school)
    return pupil


def text_of(answer, status=200):
    assert answer.status_code == status
    return answer.get_data(as_text=True)


@pytest.fixture
def page(school, leaver):
    return f"/departures/{make_departure(leaver, school).id}"


def test_the_answer_page_names_the_rule_the_deadline_what_was_done_and_who_may_say_otherwise(
    client, sign_in, school, page
):
    user = sign_in("school", schools=[school])
    form = text_of(client.get(page))
    assert "Règle L3" in form
    assert "20 oct. 2026" in form
    assert client.post(page, data={"destination": "cfa", "note": "parti en CFA"}).location == page
    text = text_of(client.get(page))
    assert "Ce qui suit" in text
    assert "Règle L2" in text
    assert "1 appareil est attendu en retour" in text
    assert "chaque réponse reste enregistrée" in text
    assert "Préparer l’étiquette de retour" in text
    assert (user.name in text, "parti en CFA" in text) == (True, True)
    assert "20 oct. 2026" in text_of(client.get("/departures/"))
    assert ";20 oct. 2026" in text_of(client.get("/departures/export.csv"))
    part = text_of(client.post(page, data={"destination": "apprentice_here"}, headers=HTMX, follow_redirects=True))
    assert "<html" not in part
    assert "L’élève garde tout" in part
    assert (expected(), DepartureAnswer.select().count()) == ([], 2)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_answer_says_what_is_expected_keeps_what_was_typed_and_writes_nothing(
    client, sign_in, school, page, headers
):
    sign_in("school", schools=[school])
    wrong = text_of(client.post(page, data={"destination": "", "note": "à revoir"}, headers=headers), 422)
    assert "Dites où va l’élève" in wrong
    assert "à revoir" in wrong
    assert "aucun lycée adhérent" in text_of(
        client.post(page, data={"destination": "member_school", "to_school": "Nulle part"}, headers=headers), 422
    )
    assert "trop longue" in text_of(client.post(page, data={"destination": "cfa", "note": "x" * 301}), 422)
    assert (DepartureAnswer.select().count(), Departure.get().destination) == (0, "to_qualify")


def test_the_new_school_is_found_by_its_name_and_chosen_among_several(client, sign_in, school, page):
    first, second = make_school(name="Lycée Victor Hugo"), make_school(name="Lycée Hugo Pratt")
    sign_in("school", schools=[school])
    several = text_of(client.post(page, data={"destination": "member_school", "to_school": "hugo"}), 422)
    assert all(f'name="to_school_id" value="{each.id}"' in several for each in (first, second))
    client.post(page, data={"destination": "member_school", "to_school": "hugo", "to_school_id": second.id})
    assert (Loan.get().school_id, Departure.get().closed_at is None) == (second.id, False)
    assert second.name in text_of(client.get(page))


def test_another_schools_departure_is_not_found_and_helpers_see_none(client, sign_in, school, page):
    sign_in("school", schools=[make_school()])
    assert client.get(page).status_code == 404
    assert client.post(page, data={"destination": "cfa"}).status_code == 404
    sign_in("staff")
    assert client.post(page, data={"destination": "cfa"}).status_code == 403
    assert DepartureAnswer.select().count() == 0


def test_a_page_of_one_costs_the_same_whatever_was_answered(client, sign_in, school, page):
    sign_in("school", schools=[school])
    costs = []
    for to in ("cfa", "other_region", "end_of_schooling"):
        client.post(page, data={"destination": to})
        with recorded_statements() as sent:
            client.get(page)
        costs.append(len(sent))
    assert len(set(costs)) == 1
    assert costs[0] <= 10


def test_of_a_pupil_who_died_the_page_says_that_nothing_is_ever_sent(client, sign_in, school, page):
    sign_in("logistics")
    client.post(page, data={"destination": "died"})
    text = text_of(client.get(page))
    assert "Rien n’est jamais envoyé" in text
    assert "étiquette de retour" not in text


def test_a_school_says_that_a_pupil_leaves_from_the_list_or_the_pupils_page(client, sign_in, school, leaver):
    sign_in("school", schools=[school])
    form = f"/departures/declare?pupil={leaver.id}"
    assert form in text_of(client.get(f"/pupils/{leaver.id}"))
    assert form in text_of(client.get("/departures/declare?q=zola"))
    assert 'name="left_on"' in text_of(client.get(form))
    sent = {"pupil": leaver.id, "left_on": "", "destination": "cfa"}
    assert "Indiquez le jour" in text_of(client.post("/departures/declare", data=sent), 422)
    answer = client.post("/departures/declare", data=sent | {"left_on": (TODAY + timedelta(7)).isoformat()})
    departure = Departure.get()
    assert (answer.status_code, answer.location) == (303, f"/departures/{departure.id}")
    assert departure.origin == "school"
    again = client.post("/departures/declare", data=sent | {"left_on": TODAY.isoformat()})
    assert again.location == f"/departures/{departure.id}"
    assert "Corriger la réponse" in text_of(client.get(f"/departures/{departure.id}"))
    assert "finalement" in text_of(client.get(f"/departures/{departure.id}"))


def test_another_schools_pupil_cannot_be_declared(client, sign_in, school, leaver):
    sign_in("school", schools=[make_school()])
    assert client.get(f"/departures/declare?pupil={leaver.id}").status_code == 404
    sent = {"pupil": leaver.id, "left_on": TODAY.isoformat(), "destination": "cfa"}
    assert client.post("/departures/declare", data=sent).status_code == 404
    assert "Zola" not in text_of(client.get("/departures/declare?q=zola"))


def test_a_whole_class_ends_its_schooling_on_one_day(client, sign_in, school, leaver):
    user = sign_in("school", schools=[school])
    shown = text_of(client.get("/departures/class/?class=2GT1"))
    assert "1 appareil doit revenir" in shown
    assert "Zola" in shown
    sent = {"school": school.id, "class": "2GT1", "due_on": "2026-10-04"}
    assert "date est passée" in text_of(client.post("/departures/class/", data=sent), 422)
    assert "<html" not in text_of(client.post("/departures/class/", data=sent, headers=HTMX), 422)
    sent["due_on"] = "2026-10-30"
    assert client.post("/departures/class/", data=sent).status_code == 303
    assert [due for _device, due in expected()] == [TODAY + timedelta(25)]
    assert DepartureAnswer.get().answered_by == user.id
    page = text_of(client.get(f"/departures/{Departure.get().id}"))
    assert "30 oct. 2026" in page
    assert "Règle L4" in page
    again = text_of(client.get("/departures/class/?class=2GT1"))
    for address in (f"/returns/desk/{school.id}?class=2GT1", f"/returns/?school={school.id}&amp;class=2GT1"):
        assert f'href="{address}"' in again
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    home = text_of(client.get("/"))
    assert 'href="/returns/"' in home.split("Départs et retours")[1].split("</section>")[0]


def test_a_class_counts_the_devices_that_its_pupils_are_to_bring_back(client, sign_in, school, leaver):
    stolen = equip(make_pupil(school), school)
    Device.update(state=DeviceState.STOLEN).where(Device.id == stolen.id).execute()
    moved = equip(make_pupil(school), school)
    Loan.update(school=make_school()).where(Loan.device == moved).execute()
    sign_in("school", schools=[school])
    shown = text_of(client.get("/departures/class/?class=2GT1"))
    assert "1 appareil</span>" in shown
    assert "1 appareil doit revenir" in shown


def test_who_chooses_no_class_is_asked_for_one(client, sign_in, school, leaver):
    sign_in("school", schools=[school])
    assert "Choisissez au moins une classe" not in text_of(client.get("/departures/class/"))
    assert "Choisissez au moins une classe" in text_of(client.get("/departures/class/?show=yes"), 422)


def test_another_schools_classes_are_not_found(client, sign_in, school, leaver):
    sign_in("school", schools=[make_school()])
    assert client.get(f"/departures/class/?school={school.id}&class=2GT1").status_code == 404
    sent = {"school": school.id, "class": "2GT1", "due_on": "2026-10-30"}
    assert client.post("/departures/class/", data=sent).status_code in (404, 422)
    assert expected() == []


def test_the_classes_cost_the_same_for_many_pupils(client, sign_in, school, leaver):
    sign_in("school", schools=[school])
    costs = []
    for _ in range(2):
        with recorded_statements() as sent:
            client.get("/departures/class/?class=2GT1")
        costs.append(len(sent))
        equip(make_pupil(school), school)
    assert costs[0] == costs[1] <= 10
