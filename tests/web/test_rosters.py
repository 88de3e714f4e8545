"""Rosters on screen: upload, preview, what needs a yes, apply, report, undo; with htmx and without; refusals."""

import csv
import html
import io
import re
from datetime import date

import pytest

from tests.factories import NOW, make_campaign, make_pupil, make_school
from tests.operations.rosters.files import (
    guardian,
    guardians_of,
    nomenclature_of,
    pupils_of,
    row,
    several,
    structures_of,
)
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX, Browser
from tracker.models.pupils import Pupil
from tracker.models.rosters import RosterImport
from tracker.models.work import Work
from tracker.queries import pages
from tracker.rules.work import WorkState
from tracker.storage.choice import open_storage
from tracker.web.rosters import screens

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school(name="Lycée Malherbe")


@pytest.fixture
def browser(client, sign_in, settings, school):
    """The school's own referent, with one school."""
    sign_in("school", schools=[school])
    return Browser(client, settings)


def text_of(answer, status=200):
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def stat(text, label):
    """The figure above a label."""
    return int(re.search(rf'stat-figure">(\d+)</div>\s*<div class="stat-label">(?:<a[^>]*>)?{label}<', text)[1])


def test_an_empty_list_shows_how_to_begin(browser):
    text = text_of(browser.client.get("/rosters/"))
    assert 'type="file"' in text
    assert "Exportations › En XML" in text
    assert "Aucune base élèves pour le moment" in text
    assert 'id="school"' not in text


def test_a_file_goes_from_preview_to_report_and_back(browser, school):
    made = browser.bring_in(pupils_of(school, several(3)))
    text = browser.page(made)
    assert stat(text, "arrivées") == 3
    assert stat(text, "éligibles à un ordinateur") == 3
    assert "DURAND2 Léa" in text
    assert Pupil.select().count() == 0
    report = browser.apply(made)
    assert "Ce qui a été modifié" in report
    assert Pupil.select().count() == 3
    assert browser.client.post(f"/rosters/{made.id}/undo").status_code == 303
    assert "Annulée le 5 oct. 2026" in browser.page(made)
    assert Pupil.select().count() == 0


def test_the_same_way_with_htmx_changes_the_part_of_the_page(browser, school):
    made = browser.bring_in(pupils_of(school, several(2)))
    form = re.search(r'<form[^>]*id="apply"[^>]*>', browser.page(made))[0]
    assert 'method="post"' in form
    assert f'hx-post="/rosters/{made.id}/apply"' in form
    under_way = text_of(browser.client.post(f"/rosters/{made.id}/apply", headers=HTMX, follow_redirects=True))
    assert "<html" not in under_way
    assert f'hx-get="/work/{Work.select().order_by(Work.id.desc()).get().id}"' in under_way
    browser.work()
    assert "Annuler cette importation" in browser.page(made, headers=HTMX)
    undone = text_of(browser.client.post(f"/rosters/{made.id}/undo", headers=HTMX, follow_redirects=True))
    assert "<html" not in undone
    assert "Annulée le" in undone
    assert 'id="flash" hx-swap-oob' in undone


@pytest.mark.parametrize("name", ["", "vide.xml"])
def test_no_file_and_an_empty_one_are_said_at_the_field(browser, name):
    text = text_of(browser.send(b"", name=name), 422)
    field = text.split('id="file"')[1].split('id="file-help"')[0]
    assert 'aria-invalid="true"' in field
    assert "field-error" in field
    assert RosterImport.select().count() == 0


def test_who_has_several_schools_chooses_one_and_keeps_the_choice(client, sign_in, settings, school):
    second, foreign = make_school(), make_school()
    sign_in("school", schools=[school, second])
    browser = Browser(client, settings)
    assert "Choisissez le lycée" in text_of(browser.send(b"<x/>"), 422)
    assert "Choisissez le lycée" in text_of(browser.send(b"<x/>", school=foreign.id), 422)
    assert f'<option value="{second.id}" selected>' in text_of(browser.send(b"", name="", school=second.id), 422)
    assert browser.bring_in(pupils_of(second, several(1)), school=second.id).school_id == second.id


def test_a_roster_may_be_larger_than_any_other_request(browser, school):
    padding = b"<!--" + b"x" * 900_000 + b"-->"
    large = pupils_of(school, several(1)).replace(b"<DONNEES>", b"<DONNEES>" + padding * 24)
    assert len(large) > browser.client.application.config["MAX_CONTENT_LENGTH"]
    assert stat(browser.page(browser.bring_in(large)), "arrivées") == 1


def test_a_file_beyond_its_own_limit_is_refused_at_the_field(browser, school, monkeypatch):
    monkeypatch.setattr(screens.upload, "takes", 1000)
    text = text_of(browser.send(pupils_of(school, several(20))), 413)
    assert "100 Mo au maximum" in text.replace("\xa0", " ").split('id="file-error"')[1]
    assert RosterImport.select().count() == 0


def test_a_file_that_is_no_roster_says_why_and_is_left_as_it_is(browser):
    made = browser.bring_in(b"%PDF-1.7 hello", name="eleves.xml")
    text = browser.page(made)
    assert "ne peut pas être appliqué" in text
    assert "Déposer un autre fichier" in text
    assert 'id="apply"' not in text
    assert text_of(browser.client.post(f"/rosters/{made.id}/apply"), 422)


def test_a_refused_file_of_no_known_kind_is_not_recognised_and_one_that_waits_is_not_read_yet(browser):
    browser.bring_in(b"\x89PNG\r\n\x1a\n" + bytes(50), name="eleves.xml")
    for address in ("/rosters/", "/rosters/export.csv"):
        text = browser.client.get(address).get_data(as_text=True)
        assert ("non reconnu" in text, "pas encore lu" in text) == (True, False)
    browser.send(bytes(50), name="zeros.xml")
    assert "pas encore lu" in browser.client.get("/rosters/").get_data(as_text=True)


def test_the_undoing_says_what_it_brings_back_for_the_kind_of_file(browser, school):
    of_pupils = browser.apply(browser.bring_in(pupils_of(school, several(2))))
    of_guardians = browser.apply(browser.bring_in(guardians_of(school, [guardian(1), guardian(2)])))
    of_classes = browser.apply(browser.bring_in(structures_of(school, {"2GT1": "Seconde 1"})))
    of_codes = browser.apply(browser.bring_in(nomenclature_of(school, {"99999999999": "Un autre niveau"})))
    said = (
        "les arrivées disparaissent",
        "Les responsables de ces élèves",
        "Les noms des classes",
        "codes de niveau red",
    )
    for number, text in enumerate((of_pupils, of_guardians, of_classes, of_codes)):
        assert [each in text for each in said] == [each == number for each in range(4)]


def test_while_it_waits_the_page_shows_progress_and_a_way_without_script(browser, school):
    answer = browser.send(pupils_of(school, several(1)))
    text = text_of(browser.client.get(answer.location))
    assert "en cours de lecture" in text
    assert re.search(r'hx-get="/work/\d+" hx-trigger="every 1s"', text)
    assert f'<noscript><p><a class="btn btn-secondary" href="{answer.location}">' in text


def stopped(browser, school):
    """A file of another school, of last year, with a pupil known elsewhere by name and birth date alone."""
    other = make_school()
    known = make_pupil(other, last_name="Tabard", first_name="Ethan", birth_date=date(2011, 5, 24))
    row_of = row(1, last_name="Tabard", first_name="Ethan", birth_date=date(2011, 5, 24))
    made = browser.bring_in(pupils_of(school, [row_of, row(2)], uai=other.uai, year=2025))
    return made, known


def test_a_reading_that_ends_while_its_page_is_made_is_on_it(browser, school, monkeypatch):
    sent = browser.send(pupils_of(school, several(3)))
    usual = screens.newest_work

    def ends_meanwhile(kinds, subject):
        browser.work()
        return usual(kinds, subject)

    monkeypatch.setattr(screens, "newest_work", ends_meanwhile)
    assert "Appliquer" in text_of(browser.client.get(sent.location))


def test_each_stop_asks_its_own_yes_and_each_doubtful_pupil_is_asked_about(browser, school):
    made, known = stopped(browser, school)
    text = browser.page(made)
    assert re.findall(r'name="stop" value="(\w+)" required', text) == ["other_school", "last_year"]
    assert re.findall(r'name="identity:700001" value="(\d+)" required', text) == [str(known.id), "0"]
    assert RosterImport.get().school.uai in text
    assert "24 mai 2011" in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_yes_that_is_missing_is_refused_and_nothing_ticked_is_lost(browser, school, headers):
    made, known = stopped(browser, school)
    data = {"stop": ["other_school"], "identity:700001": known.id}
    text = text_of(browser.client.post(f"/rosters/{made.id}/apply", data=data, headers=headers), 422)
    assert ("<html" in text) == (not headers)
    assert 'value="other_school" required checked' in text
    assert 'value="last_year" required aria-invalid="true"' in text
    assert f'value="{known.id}" required checked' in text
    assert text.count("Cochez cette case") == 1
    assert Work.select().where(Work.kind == "apply_roster").count() == 0


def test_with_every_yes_it_is_applied_and_the_report_says_what_was_said(browser, school):
    made, known = stopped(browser, school)
    report = browser.apply(made, **{"stop": ["other_school", "last_year"], "identity:700001": known.id})
    assert "Oui, prendre ses élèves pour ceux de ce lycée." in report
    names = sorted(pupil.last_name for pupil in Pupil.select())
    assert names == ["DURAND2", "Tabard"]


def test_only_a_pupil_that_was_proposed_can_be_chosen(browser, school):
    made, _known = stopped(browser, school)
    stranger = make_pupil(make_school())
    data = {"stop": ["other_school", "last_year"], "identity:700001": stranger.id}
    assert "Indiquez de qui" in text_of(browser.client.post(f"/rosters/{made.id}/apply", data=data), 422)


def test_what_changes_is_said_field_by_field_in_words(browser, school):
    browser.apply(browser.bring_in(pupils_of(school, several(12))))
    changed = row(1, class_name="2GT2", regime="3", email="lea@example.org", birth_date=date(2011, 3, 3))
    rows = [changed, *several(11)[1:]]
    text = browser.page(browser.bring_in(pupils_of(school, rows)))
    fields = html.unescape(re.sub(r"<[^>]+>|\s+", " ", text.split('id="changed"')[1].split("</details>")[0]))
    for said in ("Classe 2GT1", "devient 2GT2", "interne (3)", "lea@example.org", "2 mars 2011", "3 mars 2011"):
        assert said in re.sub(r"\s+", " ", fields)
    assert "DURAND12 Léa" in text.split('id="leaver"')[1]
    assert stat(text, "départs") == 1


def test_guardians_have_their_own_figures(browser, school):
    browser.apply(browser.bring_in(pupils_of(school, several(2))))
    text = browser.page(browser.bring_in(guardians_of(school, [guardian(1), guardian(2)])))
    assert stat(text, "modifiés") == 2
    assert "arrivées</div>" not in text
    assert "ana1@example.org" in text


def test_guardians_that_came_before_their_pupils_say_what_they_wait_for(browser, school):
    made = browser.bring_in(guardians_of(school, [guardian(1)]), name="responsables.xml")
    page, listed = browser.page(made), text_of(browser.client.get("/rosters/")).split("<tbody")[1]
    for text in (page, listed, browser.client.get("/rosters/export.csv").get_data(as_text=True)):
        assert ("attend la base élèves" in text, "en cours de lecture" in text) == (True, False)
    assert "dès que la base élèves sera appliquée" in page
    assert "Laisser de côté" in page
    assert 'id="apply"' not in page
    browser.apply(browser.bring_in(pupils_of(school, several(1))))
    assert 'id="apply"' in browser.page(made)


def test_who_would_lose_all_guardians_is_shown_and_asked_about(browser, school):
    browser.apply(browser.bring_in(pupils_of(school, several(12))))
    families = [guardian(number) for number in range(1, 13)]
    browser.apply(browser.bring_in(guardians_of(school, families)))
    made = browser.bring_in(guardians_of(school, families[:5]))
    text = browser.page(made)
    assert re.findall(r'name="stop" value="(\w+)" required', text) == ["guardians_gone"]
    assert "La plupart des élèves perdent leurs responsables" in text
    assert "devient" in text.split("DURAND12 Léa")[1].split("</tr>")[0]
    assert "La plupart des élèves perdent" in text_of(browser.client.post(f"/rosters/{made.id}/apply"), 422)
    assert "Oui, ces élèves n’ont vraiment plus aucun responsable." in browser.apply(made, stop=["guardians_gone"])


def test_a_file_that_changes_nothing_says_so(browser, school):
    browser.apply(browser.bring_in(pupils_of(school, several(2))))
    assert "Ce fichier ne change rien" in browser.page(browser.bring_in(pupils_of(school, several(2))))


def test_a_file_left_aside_is_not_applied(browser, school):
    made = browser.bring_in(pupils_of(school, several(1)))
    assert browser.client.post(f"/rosters/{made.id}/cancel").status_code == 303
    assert "Laissé de côté" in browser.page(made)
    assert text_of(browser.client.post(f"/rosters/{made.id}/apply"), 422)
    assert Pupil.select().count() == 0


def test_what_rests_on_an_import_stands_in_place_of_its_undoing(browser, school):
    made = browser.bring_in(pupils_of(school, several(2)))
    browser.apply(made)
    browser.apply(browser.bring_in(pupils_of(school, [row(1, class_name="2GT3"), row(2)])))
    text = browser.page(made)
    assert "Bases élèves appliquées depuis aux mêmes élèves" in text
    assert "Annuler cette importation" not in text
    assert "Bases élèves appliquées depuis" in text_of(browser.client.post(f"/rosters/{made.id}/undo"), 422)
    assert Pupil.select().count() == 2


def test_an_import_whose_file_was_deleted_can_no_longer_be_undone(browser, school):
    made = browser.bring_in(pupils_of(school, several(1)))
    browser.apply(made)
    RosterImport.update(file=None, preview={"counts": made.preview["counts"], "stops": []}).execute()
    text = browser.page(made)
    assert "ne peut plus être annulée" in text
    assert "Annuler cette importation" not in text


def test_a_reading_that_failed_says_why_and_can_be_tried_again(browser, school, settings):
    made = browser.bring_in(pupils_of(school, several(1)))
    storage = open_storage(settings)
    content = storage.read(made.file)
    storage.delete(made.file)
    RosterImport.update(state="waiting", preview=None).execute()
    Work.update(state=WorkState.FAILED, error="file_missing").execute()
    text = browser.page(made)
    assert f'action="/rosters/{made.id}/read-again"' in text
    kept = storage.put(content, kind="rosters", suffix=".roster")
    RosterImport.update(file=kept.key).execute()
    assert browser.client.post(f"/rosters/{made.id}/read-again").status_code == 303
    assert browser.client.post(f"/rosters/{made.id}/read-again").status_code == 422
    browser.work()
    assert stat(browser.page(made), "arrivées") == 1


def csv_of(client, url):
    return list(csv.reader(io.StringIO(client.get(url).get_data().decode("utf-8-sig"), newline=""), delimiter=";"))


def test_hostile_names_are_text_on_the_page_and_in_the_exports(browser, school):
    rows = [row(1, last_name=HOSTILE, first_name="=1+1", email="x"), row(2, last_name="=1+1", email="y")]
    made = browser.bring_in(pupils_of(school, rows), name="=cmd<script>.xml")
    for text in (browser.page(made), browser.apply(made), text_of(browser.client.get("/rosters/"))):
        assert "<script>alert" not in text
        assert "cmd<script>" not in text
    headings, *problems = csv_of(browser.client, f"/rosters/{made.id}/problems.csv")
    assert headings == ["Gravité", "Ligne", "Élève", "Champ", "Problème"]
    assert "'=1+1 Léa" in {each[2] for each in problems}
    assert "'=cmd<script>.xml" in csv_of(browser.client, "/rosters/export.csv")[1]


def test_all_problems_are_listed_and_those_beyond_the_page_are_in_the_file(browser, school, monkeypatch):
    monkeypatch.setattr("tracker.web.rosters.changes.MOST_LISTED", 2)
    made = browser.bring_in(pupils_of(school, [row(number, email="x") for number in range(1, 6)]))
    text = browser.page(made)
    assert text.count("n’est pas une adresse électronique") == 2
    assert "Et 3 de plus" in text
    assert len(csv_of(browser.client, f"/rosters/{made.id}/problems.csv")) == 6
    assert browser.client.get(f"/rosters/{made.id}/problems.xlsx").get_data()[:2] == b"PK"


def test_another_schools_import_is_not_there(client, sign_in, settings, browser, school):
    made = browser.bring_in(pupils_of(school, several(1)))
    sign_in("school", schools=[make_school()])
    for method, url in (("get", ""), ("get", "/problems.csv"), ("post", "/apply"), ("post", "/undo")):
        assert getattr(client, method)(f"/rosters/{made.id}{url}").status_code == 404
    assert "row-link" not in text_of(client.get("/rosters/"))


def test_the_list_is_newest_first_page_by_page(browser, school, monkeypatch):
    monkeypatch.setattr(pages.page, "__kwdefaults__", {**pages.page.__kwdefaults__, "size": 2})
    ids = [browser.bring_in(pupils_of(school, several(1)), name=f"{number}.xml").id for number in range(5)]

    def shown(url):
        text = text_of(browser.client.get(url))
        after = re.search(r'rel="next" href="([^"]*)"', text)
        return [int(each) for each in re.findall(r'row-link" href="/rosters/(\d+)"', text)], after and after[1]

    first, after = shown("/rosters/")
    second, after = shown(html.unescape(after))
    last, _none = shown(html.unescape(after))
    assert first + second + last == ids[::-1]


def test_the_filters_of_the_list_stand_in_the_address(browser, school):
    applied, ready = (browser.bring_in(pupils_of(school, several(1))) for _ in range(2))
    browser.apply(applied)
    text = text_of(browser.client.get("/rosters/?state=ready", headers=HTMX))
    assert f'href="/rosters/{ready.id}"' in text
    assert f'href="/rosters/{applied.id}"' not in text
    assert "Aucune importation ne correspond" in text_of(browser.client.get("/rosters/?kind=fregata_csv"))
    assert browser.client.get("/rosters/?school=x&state=%00&after=!!&before=W10").status_code == 400
    assert browser.client.get("/rosters/?school=x&state=y&after=!!&before=WyJhIiwxXQ").status_code == 200


@pytest.mark.parametrize("applied", [False, True])
def test_the_page_costs_the_same_whatever_the_file_has(browser, school, applied):
    costs = []
    for count in (2, 30):
        made = browser.bring_in(pupils_of(school, several(count)))
        if applied:
            browser.apply(made)
        with recorded_statements() as sent:
            browser.page(made)
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 16


def test_the_list_costs_the_same_for_many(browser, school):
    costs = []
    for more in (1, 6):
        for _ in range(more):
            browser.bring_in(pupils_of(school, several(1)))
        with recorded_statements() as sent:
            browser.client.get("/rosters/")
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 8
