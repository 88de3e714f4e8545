"""The signature rate on its page, exact; the signed document of one agreement."""

import io
import re
import zipfile
from datetime import timedelta

import pytest

from tests.factories import NOW, SCHOOL_YEAR, make_campaign, make_pupil, make_school
from tests.statements import recorded_statements
from tracker.models.agreements import Agreement
from tracker.rules.eligibility import Eligible, Level
from tracker.rules.signature_rate import Rate
from tracker.storage.choice import open_storage
from tracker.web.agreements.screens import percent, rate_words

HX = {"HX-Request": "true"}


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school(name="Lycée Malherbe")


def pupils(school, signed, unsigned, **changes):
    for _ in range(signed):
        make_pupil(school, **changes)
    for _ in range(unsigned):
        make_pupil(school, agreement=None, **changes)


def rate_page(client, address="/agreements/", **options):
    answer = client.get(address, **options)
    assert answer.status_code == 200
    return answer.text


def test_the_rate_stands_first_exact_and_says_what_is_missing(client, sign_in, school):
    pupils(school, 5, 1)
    make_pupil(school, agreement=None, eligible=Eligible.NO, level=Level.TERMINALE_GT)
    sign_in("school", schools=[school])
    page = rate_page(client)
    assert "5 sur 6 — 83,3" in page
    assert "manque encore 1 signature (fraction exacte)" in page


@pytest.mark.parametrize(
    ("rate", "said"),
    [(Rate(63, 74), "85,1"), (Rate(17, 20), "85"), (Rate(8499, 10000), "84,9"), (Rate(8496, 9999), "84,9"),
     (Rate(0, 3), "0"), (Rate(2, 2), "100")],
)  # fmt: skip
def test_the_share_is_cut_never_rounded_up(app, rate, said):
    with app.test_request_context():
        assert re.fullmatch(rf"{said}\s?%", percent(rate))


def test_exactly_85_percent_is_reached(client, sign_in, school):
    pupils(school, 17, 3)
    sign_in("school", schools=[school])
    assert "sont atteints (fraction exacte)" in rate_page(client)


def test_nobody_eligible_is_no_rate(app, client, sign_in, school):
    sign_in("school", schools=[school])
    assert "Aucun élève n’est encore éligible" in rate_page(client)
    with app.test_request_context():
        assert rate_words(Rate(0, 0)).endswith("—")


def test_an_administrator_sees_each_school_and_a_school_each_class(client, sign_in, school):
    pupils(school, 1, 1, class_name="2GT1")
    other = make_school(name="Lycée Allende")
    pupils(other, 0, 1, class_name="2PRO2")
    sign_in("admin")
    page = rate_page(client)
    assert page.index("Lycée Allende") < page.index("Lycée Malherbe")
    assert f'href="/agreements/?school={school.id}"' in page
    inside = rate_page(client, f"/agreements/?school={school.id}", headers=HX)
    assert "2GT1" in inside
    assert "2PRO2" not in inside
    assert "<html" not in inside


def test_sorted_by_rate_the_lowest_comes_first(client, sign_in, school):
    pupils(school, 2, 0, class_name="2AAA")
    pupils(school, 0, 1, class_name="2ZZZ")
    sign_in("school", schools=[school])
    page = rate_page(client, "/agreements/?sort=rate")
    assert page.index("2ZZZ") < page.index("2AAA")


def test_each_reason_leads_to_a_list_of_the_same_length(client, sign_in, school):
    pupils(school, 1, 3)
    make_pupil(school, agreement="refused")
    sign_in("school", schools=[school])
    found = re.findall(r'href="(/agreements/unsigned/\?why=[^"]*)">.*?<strong>(\d+)</strong>', rate_page(client), re.S)
    assert len(found) == 2
    for address, count in found:
        listed = re.search(r'id="list-count">([^<]*)<', rate_page(client, address.replace("&amp;", "&")))[1]
        assert listed == count


def test_the_line_over_time_has_its_figures_in_a_table(client, sign_in, school):
    pupils(school, 3, 1)
    for days, agreement in enumerate(Agreement.select()):
        Agreement.update(validated_at=NOW - timedelta(days=days)).where(Agreement.id == agreement.id).execute()
    sign_in("school", schools=[school])
    page = rate_page(client)
    assert len(re.search(r'<polyline class="line" points="([^"]*)"', page)[1].split()) == 3
    assert re.findall(r'<td class="number">(\d)</td>', page) == ["1", "2", "3"]


def test_the_rates_leave_as_a_file(client, sign_in, school):
    pupils(school, 1, 1, class_name="=1+1")
    sign_in("school", schools=[school])
    text = client.get("/agreements/export.csv").text
    assert "Par classe;'=1+1;1;2;" in text
    assert client.get("/agreements/export.xlsx").status_code == 200


def test_the_page_costs_the_same_whatever_there_is(client, sign_in, school):
    sign_in("admin")
    costs = []
    for number in range(2):
        pupils(make_school(), 2, 2, class_name=f"2GT{number}")
        with recorded_statements() as sent:
            rate_page(client)
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 16


def test_without_a_school_year_the_page_says_so(client, sign_in, app):
    sign_in("admin")
    for address in ("/agreements/", "/agreements/send/"):
        assert "/campaign/" in rate_page(client, address)


def with_document(app, school):
    pupil = make_pupil(school)
    kept = open_storage(app.extensions["settings"]).put(b"%PDF-1.7 signed", kind="agreements", suffix=".pdf")
    Agreement.update(document=kept.key).where(Agreement.pupil == pupil).execute()
    return Agreement.get(Agreement.pupil == pupil)


def test_the_signed_document_is_a_file_that_no_cache_keeps(app, client, sign_in, school):
    agreement = with_document(app, school)
    sign_in("school", schools=[school])
    answer = client.get(f"/agreements/{agreement.id}/document")
    assert (answer.mimetype, answer.data) == ("application/pdf", b"%PDF-1.7 signed")
    assert answer.headers["Cache-Control"] == "no-store"
    expected = f'attachment; filename="convention-{SCHOOL_YEAR}-{agreement.id}.pdf"'
    assert answer.headers["Content-Disposition"] == expected


def test_the_signed_document_is_not_for_helpers_nor_for_other_schools(app, client, sign_in, school):
    agreement = with_document(app, school)
    sign_in("staff")
    assert client.get(f"/agreements/{agreement.id}/document").status_code == 403
    sign_in("school", schools=[make_school()])
    assert client.get(f"/agreements/{agreement.id}/document").status_code == 404


def test_an_agreement_without_a_document_has_none(client, sign_in, school):
    make_pupil(school)
    sign_in("admin")
    assert client.get(f"/agreements/{Agreement.get().id}/document").status_code == 404


def workbook(data: bytes) -> str:
    book = zipfile.ZipFile(io.BytesIO(data))
    return "\n".join(book.read(name).decode() for name in book.namelist())


def test_the_file_of_an_administrator_names_the_schools(client, sign_in, school):
    pupils(school, 1, 0)
    pupils(make_school(), 1, 0)
    sign_in("admin")
    assert "Lycée Malherbe" in workbook(client.get("/agreements/export.xlsx").data)
