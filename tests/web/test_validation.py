"""The queue of signed papers: oldest first, accepted or refused, the next one by itself."""

import re
from datetime import timedelta

import pytest

from tests.factories import NOW, SCHOOL_YEAR, make_campaign, make_guardian, make_pupil, make_school, make_text
from tests.statements import recorded_statements
from tracker.models.agreements import Agreement, AgreementPage, ScannedPage, ScanPile
from tracker.rules.agreements import AgreementState

HX = {"HX-Request": "true"}


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school(name="Lycée Malherbe")


@pytest.fixture
def text(school):
    return make_text(pages=2)


def paper(school, text, *, days=0, pages=(1, 2), **changes):
    """A signed paper of two pages that waits, scanned so many days ago."""
    pupil = make_pupil(school, agreement=None, **changes)
    make_guardian(pupil, first_name="Camille")
    at = NOW - timedelta(days=days)
    agreement = Agreement.create(
        pupil=pupil, school_year=SCHOOL_YEAR, state="signed", signed_by="paper", signed_at=at, text=text
    )
    pile = ScanPile.create(school=school, file_name="scan.pdf", digest="0" * 64, uploaded_at=at)
    for number in (1, 2):
        AgreementPage.create(code=f"A{agreement.id:06d}{number}", agreement=agreement, text=text, number=number)
    for number in pages:
        ScannedPage.create(pile=pile, number=number, image="x", agreement=agreement, page_number=number, filed_at=at)
    return agreement


def shown(client, address="/agreements/validation/", **options):
    answer = client.get(address, **options)
    assert answer.status_code == 200
    return answer.text


def state_of(agreement) -> tuple[str, str | None]:
    row = Agreement.get_by_id(agreement.id)
    return row.state, row.refusal


def test_the_oldest_comes_first_with_what_a_person_compares(client, sign_in, school, text):
    paper(school, text, last_name="Jeune")
    oldest = paper(school, text, days=3, last_name="Ancien", class_name="2PRO3")
    sign_in("logistics")
    page = shown(client)
    for said in (
        "Ancien Léa",
        "14 mars 2011",
        "Lycée Malherbe",
        "2PRO3",
        "Camille Ancien",
        "version 1",
        "2 conventions en",
    ):
        assert said in page
    assert "Jeune" not in page
    pictures = [f"/agreements/pages/{scan.id}/image" for scan in oldest.scans]
    assert all(each in page for each in pictures)


def test_a_missing_page_is_said(client, sign_in, school, text):
    paper(school, text, pages=(2,))
    sign_in("logistics")
    assert "Il manque cette page de la convention\u00a0: 1" in shown(client)


def test_accepted_the_next_one_comes_by_itself(client, sign_in, school, text):
    first, second = paper(school, text, days=2), paper(school, text, last_name="Suivante")
    sign_in("logistics")
    answer = client.post(f"/agreements/validation/{first.id}/accept", headers=HX)
    assert answer.status_code == 200
    assert "Suivante" in answer.text
    assert "<html" not in answer.text
    assert state_of(first)[0] == AgreementState.VALIDATED
    again = client.post(f"/agreements/validation/{second.id}/accept")
    assert (again.status_code, again.location) == (303, "/agreements/validation/")
    assert "Rien à valider" in shown(client)


@pytest.mark.parametrize(
    ("form", "kept"),
    [({"usual": "La signature manque."}, "La signature manque."),
     ({"usual": "La signature manque.", "reason": "Tachée"}, "Tachée")],
)  # fmt: skip
def test_refused_with_a_usual_reason_or_in_ones_own_words(client, sign_in, school, text, form, kept):
    agreement = paper(school, text)
    sign_in("admin")
    client.post(f"/agreements/validation/{agreement.id}/refuse", data=form)
    assert state_of(agreement) == (AgreementState.REFUSED, kept)
    sign_in("school", schools=[school])
    assert kept in client.get("/agreements/unsigned/").text


@pytest.mark.parametrize("reason", ["", " ", "x" * 301])
def test_refused_without_a_reason_nothing_is_decided_and_what_was_typed_stays(client, sign_in, school, text, reason):
    agreement = paper(school, text)
    sign_in("admin")
    answer = client.post(f"/agreements/validation/{agreement.id}/refuse", data={"reason": reason}, headers=HX)
    assert answer.status_code == 422
    assert (reason.strip() or "notice-bad") in answer.text
    assert state_of(agreement)[0] == AgreementState.SIGNED


def test_one_that_somebody_else_has_decided_says_so_and_shows_the_next(client, sign_in, school, text):
    agreement = paper(school, text, days=1)
    paper(school, text, last_name="Suivante")
    sign_in("admin")
    client.post(f"/agreements/validation/{agreement.id}/accept")
    answer = client.post(f"/agreements/validation/{agreement.id}/refuse", data={"reason": "Trop tard"})
    assert answer.status_code == 422
    assert "Suivante" in answer.text
    assert state_of(agreement)[0] == AgreementState.VALIDATED


def test_one_is_passed_over_and_found_again(client, sign_in, school, text):
    paper(school, text, days=1, last_name="Ancien")
    paper(school, text, last_name="Suivante")
    sign_in("admin")
    following = re.search(r'href="(/agreements/validation/\?after=[^"]+)"', shown(client))[1]
    page = shown(client, following)
    assert "Suivante" in page
    assert "Ancien" not in page
    key = re.search(r'name="after" value="([^"]+)"', page)[1]
    last = Agreement.select().order_by(Agreement.id.desc()).get()
    answer = client.post(f"/agreements/validation/{last.id}/accept", data={"after": key}, headers=HX)
    assert "C’était la dernière" in answer.text


@pytest.mark.parametrize("role", ["school", "staff"])
def test_who_may_not_validate_is_refused(client, sign_in, school, text, role):
    agreement = paper(school, text)
    sign_in(role, schools=[school])
    assert client.get("/agreements/validation/").status_code == 403
    assert client.post(f"/agreements/validation/{agreement.id}/accept").status_code == 403


def test_a_hostile_name_does_no_harm(client, sign_in, school, text):
    paper(school, text, last_name="<script>alert(1)</script>")
    sign_in("admin")
    assert "<script>alert" not in shown(client)


def test_the_page_costs_the_same_however_many_wait(client, sign_in, school, text):
    sign_in("logistics")
    costs = []
    for _ in range(2):
        paper(school, text)
        with recorded_statements() as sent:
            shown(client)
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 12


def test_a_page_that_was_changed_meanwhile_is_looked_at_again(client, sign_in, school, text):
    agreement = paper(school, text)
    sign_in("logistics")
    seen = re.search(r'name="shown" value="([\d ]+)"', shown(client))[1]
    ScannedPage.update(number=9).where(ScannedPage.page_number == 2).execute()
    ScannedPage.delete().where(ScannedPage.page_number == 1).execute()
    answer = client.post(f"/agreements/validation/{agreement.id}/accept", data={"shown": seen})
    assert (answer.status_code, state_of(agreement)) == (422, ("signed", None))
    assert "ont changé" in answer.text
    seen = re.search(r'name="shown" value="([\d ]+)"', shown(client))[1]
    assert client.post(f"/agreements/validation/{agreement.id}/accept", data={"shown": seen}).status_code == 303
