"""Piles of scanned papers on their screens: uploaded, filed by the real engine, the rest by hand."""

import io
from datetime import timedelta

import pytest

from tests.factories import (
    NOW,
    make_campaign,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
    make_text,
)
from tests.operations.papers import BLANK
from tests.operations.test_piles import _writing as handwriting
from tests.scanning.uploads import pile_of, scanned
from tests.statements import recorded_statements
from tracker.jobs.queue import open_queue
from tracker.jobs.work import do_waiting_work
from tracker.models.agreements import Agreement, ScannedPage, ScanPile
from tracker.models.schools import School
from tracker.models.work import Work
from tracker.rules.agreements import AgreementState
from tracker.rules.work import WorkState

LATE = NOW + timedelta(days=15)
HX = {"HX-Request": "true"}


@pytest.fixture
def school(app, time_machine_at) -> School:
    time_machine_at(LATE)
    make_campaign()
    make_text(french="\n\n".join(["Un engagement de l’élève. " * 12] * 16), pages=2)
    return make_school(name="Lycée Malherbe")


def asked(school, **changes):
    pupil = make_pupil(school, agreement=None, **changes)
    make_invitation(pupil, make_guardian(pupil))
    return pupil


def printed(client, **filters) -> list[bytes]:
    """The forms as the screen prints them, signed, through a scanner: noisy, a little crooked."""
    answer = client.post("/agreements/unsigned/print", query_string=filters)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return scanned(answer.data, dpi=150, crooked=0.7)


def upload(client, *files, **fields):
    data = {"files": [(io.BytesIO(each), name) for name, each in files], **fields}
    return client.post("/agreements/piles/", data=data)


def file_all(app):
    settings = app.extensions["settings"]
    do_waiting_work(settings, open_queue(settings))


def of(pupil) -> Agreement:
    return Agreement.get(Agreement.pupil == pupil)


def pile_with(client, app, *pictures) -> int:
    answer = upload(client, ("scan.pdf", pile_of(list(pictures))))
    file_all(app)
    return int(answer.location.rsplit("/", 1)[1])


def test_a_class_is_printed_scanned_in_one_pile_and_files_itself(app, client, sign_in, school):
    one, two = asked(school, last_name="Durand"), asked(school, last_name="Yvetot")
    sign_in("school", schools=[school])
    pages = printed(client, **{"class": "2GT1"})
    pile_id = pile_with(client, app, pages[3], BLANK, pages[0], pages[2], pages[1])
    text = client.get(f"/agreements/piles/{pile_id}").text
    assert "Durand" in text
    assert "Yvetot" in text
    assert [each.state for each in (of(one), of(two))] == [AgreementState.SIGNED] * 2
    assert (Work.get().state, Work.get().result["filed"]) == (WorkState.DONE, 4)
    assert text.count("page 2 sur 2") == 2


def test_the_page_shows_the_progress_while_the_pages_are_read(client, sign_in, school):
    sign_in("school", schools=[school])
    answer = upload(client, ("scan.pdf", pile_of([BLANK])))
    assert answer.status_code == 303
    assert 'class="card block working"' in client.get(answer.location).text


def test_the_very_same_pile_says_so_and_nothing_is_kept_twice(client, sign_in, school):
    sign_in("school", schools=[school])
    upload(client, ("scan.pdf", pile_of([BLANK])))
    again = upload(client, ("other.pdf", pile_of([BLANK])))
    assert (again.status_code, ScanPile.select().count()) == (422, 1)
    assert "20 oct. 2026" in again.text


def test_several_files_of_which_one_is_no_scan(client, sign_in, school):
    sign_in("school", schools=[school])
    answer = upload(client, ("un.pdf", pile_of([BLANK])), ("<b>deux</b>.doc", b"PK\x03\x04"))
    assert (answer.status_code, ScanPile.select().count()) == (422, 1)
    assert "&lt;b&gt;deux&lt;/b&gt;.doc" in answer.text
    assert "<b>deux" not in answer.text


def test_without_a_file_or_a_school_the_form_says_so_and_keeps_the_school(client, sign_in, school):
    make_school()
    sign_in("admin")
    nothing = client.post("/agreements/piles/", data={"school": school.id})
    assert nothing.status_code == 422
    assert f'<option value="{school.id}" selected>' in nothing.text
    assert upload(client, ("scan.pdf", pile_of([BLANK]))).status_code == 422
    assert ScanPile.select().count() == 0


def test_a_school_cannot_bring_in_scans_for_another_one(client, sign_in, school):
    other = make_school()
    sign_in("school", schools=[school])
    upload(client, ("scan.pdf", pile_of([BLANK])), school=other.id)
    assert [pile.school_id for pile in ScanPile.select()] == [school.id]


def test_what_belongs_to_another_school_is_not_there(app, client, sign_in, school):
    sign_in("school", schools=[school])
    pile_id = pile_with(client, app, BLANK)
    page_id = ScannedPage.get().id
    sign_in("school", schools=[make_school()])
    addresses = (f"/agreements/piles/{pile_id}", f"/agreements/pages/{page_id}", f"/agreements/pages/{page_id}/image")
    assert {client.get(each).status_code for each in addresses} == {404}
    writes = (f"/agreements/pages/{page_id}/file", f"/agreements/pages/{page_id}/aside")
    assert {client.post(each, data={"because": "twice"}).status_code for each in writes} == {404}


def test_a_page_s_picture_is_a_jpeg_that_no_cache_keeps(app, client, sign_in, school):
    sign_in("school", schools=[school])
    pile_with(client, app, BLANK)
    whole, small = (client.get(f"/agreements/pages/{ScannedPage.get().id}/image{end}") for end in ("", "?size=small"))
    for answer in (whole, small):
        assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/jpeg", "no-store")
        assert answer.data.startswith(b"\xff\xd8\xff")
    assert len(small.data) < len(whole.data)


@pytest.fixture
def by_hand(app, client, sign_in, school):
    """Two pages that no engine can read."""
    sign_in("school", schools=[school])
    pile_with(client, app, handwriting(), handwriting())
    return list(ScannedPage.select().order_by(ScannedPage.number))


def test_filing_by_hand_goes_from_page_to_page(client, school, by_hand):
    pupil = asked(school, last_name="Yvetot")
    first, second = by_hand
    form = {"q": "yvet", "pupil": pupil.id, "page_number": 1}
    answer = client.post(f"/agreements/pages/{first.id}/file", data=form)
    assert (answer.status_code, answer.location) == (303, f"/agreements/pages/{second.id}")
    shown = client.get(answer.location).text
    assert f'value="{pupil.id}" checked' in shown
    assert 'value="2" inputmode' in shown
    form |= {"q": "", "page_number": 2}
    done = client.post(f"/agreements/pages/{second.id}/file", data=form)
    assert done.location == f"/agreements/piles/{first.pile_id}"
    assert of(pupil).state == AgreementState.SIGNED


def test_typing_brings_the_pupils_of_this_school_alone(client, school, by_hand):
    near, far = asked(school, last_name="Yvetot"), asked(make_school(), last_name="Yvetot")
    answer = client.get(f"/agreements/pages/{by_hand[0].id}?q=yve", headers=HX)
    assert f'value="{near.id}" checked' in answer.text
    assert f'value="{far.id}"' not in answer.text
    assert "<html" not in answer.text


def test_who_types_faster_than_the_list_never_files_under_the_pupil_before(client, school, by_hand):
    shown, meant = asked(school, last_name="Yvetot"), asked(school, last_name="Zola")
    form = {"q": "zola", "pupil": shown.id, "page_number": 1}
    answer = client.post(f"/agreements/pages/{by_hand[0].id}/file", data=form)
    assert answer.status_code == 422
    assert 'value="zola"' in answer.text
    assert f'value="{meant.id}" checked' in answer.text
    assert ScannedPage.get_by_id(by_hand[0].id).agreement_id is None


def test_a_page_number_that_the_form_has_not_is_refused_and_stays(client, school, by_hand):
    pupil = asked(school, last_name="Yvetot")
    form = {"q": "yvetot", "pupil": pupil.id, "page_number": 7}
    answer = client.post(f"/agreements/pages/{by_hand[0].id}/file", data=form)
    assert answer.status_code == 422
    assert 'value="7"' in answer.text


def test_a_page_is_set_aside_with_its_reason(client, by_hand):
    url = f"/agreements/pages/{by_hand[0].id}/aside"
    assert client.post(url, data={"because": "anything"}).status_code == 422
    client.post(url, data={"because": "twice"})
    page = ScannedPage.get_by_id(by_hand[0].id)
    assert (page.set_aside, page.note) == (True, "twice")
    assert "déjà classée" in client.get(f"/agreements/piles/{page.pile_id}").text


def test_hostile_names_do_no_harm_on_the_pages_and_in_the_file(app, client, sign_in, school):
    pupil = asked(school, last_name="<script>alert(1)</script>")
    sign_in("school", schools=[school])
    upload(client, ('=HYPERLINK("x")<img src=x>.pdf', pile_of(printed(client, pupil=pupil.id))))
    file_all(app)
    pile = ScanPile.get()
    for address in ("/agreements/piles/", f"/agreements/piles/{pile.id}", "/agreements/unsigned/"):
        text = client.get(address).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert "'=HYPERLINK" in client.get("/agreements/piles/export.csv").text


def test_a_pile_costs_the_same_whatever_it_holds(app, client, sign_in, school):
    sign_in("school", schools=[school])
    one, two = asked(school), asked(school)
    costs = []
    for pupils in ((one,), (one, two)):
        pages = [page for pupil in pupils for page in printed(client, pupil=pupil.id)]
        pile_id = pile_with(client, app, *pages)
        Agreement.update(state=AgreementState.SENT).execute()
        with recorded_statements() as sent:
            client.get(f"/agreements/piles/{pile_id}")
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 12


def test_the_list_comes_alone_for_htmx_and_filters_by_school(client, sign_in, school):
    sign_in("admin")
    upload(client, ("scan.pdf", pile_of([BLANK])), school=school.id)
    assert "<html" not in client.get("/agreements/piles/", headers=HX).text
    assert "scan.pdf" not in client.get(f"/agreements/piles/?school={make_school().id}").text


def test_a_file_that_is_too_large_is_refused_with_its_limit(app, client, sign_in, school, monkeypatch):
    monkeypatch.setattr(app.view_functions["piles.upload"], "takes", 1_000)
    sign_in("school", schools=[school])
    answer = upload(client, ("scan.pdf", b"%PDF-" + bytes(5_000)))
    assert answer.status_code == 413
    assert "200 Mo au plus" in answer.text
    assert ScanPile.select().count() == 0


def test_a_filing_that_failed_can_go_on(app, client, sign_in, school):
    sign_in("school", schools=[school])
    upload(client, ("scan.pdf", pile_of([BLANK])))
    pile = ScanPile.get()
    Work.update(state=WorkState.FAILED, error="work_failed").execute()
    assert f'action="/agreements/piles/{pile.id}/again"' in client.get(f"/agreements/piles/{pile.id}").text
    assert client.post(f"/agreements/piles/{pile.id}/again").status_code == 303
    file_all(app)
    assert ScannedPage.select().count() == 1
