"""What is printed, opened again and read by the engine."""

import pypdfium2
import pytest

from tests.factories import NOW, make_campaign, make_device, make_pupil, make_school
from tracker.scanning import read


@pytest.fixture(autouse=True)
def _on_a_day_of_the_campaign(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()


def codes_on(response, page=0):
    """Every code on a page of the PDF, read by the program's own engine."""
    assert response.mimetype == "application/pdf"
    picture = pypdfium2.PdfDocument(response.data)[page].render(scale=200 / 72).to_numpy()
    return {symbol.text for symbol in read(picture, budget_ms=20_000).symbols}


def test_slips_of_a_class_carry_each_pupils_code(client, sign_in):
    school = make_school()
    sign_in("school", schools=[school])
    pupils = [make_pupil(school) for _ in range(3)]
    make_pupil(school, class_name="2GT9")
    response = client.get(f"/print/slips/{school.id}?class=2GT1")
    assert codes_on(response) == {pupil.slip_code for pupil in pupils}


def test_slips_of_another_school_are_not_found(client, sign_in):
    sign_in("school", schools=[make_school()])
    assert client.get(f"/print/slips/{make_school().id}").status_code == 404


@pytest.mark.parametrize("stock", ["L7160", "3474", "roll"])
def test_labels_for_pasted_numbers_are_read_back(client, sign_in, stock):
    sign_in("logistics")
    devices = [make_device() for _ in range(2)]
    numbers = f"{devices[0].serial}\n{devices[1].tag.lower()}"
    response = client.post("/print/device-labels", data={"numbers": numbers, "stock": stock, "start_at": "1"})
    found = codes_on(response) | (codes_on(response, 1) if stock == "roll" else set())
    assert found == {device.tag for device in devices}


def test_an_unknown_number_is_named_and_nothing_is_printed(client, sign_in):
    sign_in("logistics")
    response = client.post("/print/device-labels", data={"numbers": f"{make_device().serial} NOPE123"})
    assert response.status_code == 422
    text = response.get_data(as_text=True)
    assert "NOPE123" in text
    assert "<textarea" in text


def test_more_numbers_than_a_print_holds_are_refused_and_none_is_called_unknown(client, sign_in):
    sign_in("logistics")
    response = client.post("/print/device-labels", data={"numbers": f"{make_device().serial}\n" * 3001})
    assert response.status_code == 422
    assert "3\u202f000 étiquettes au maximum" in response.get_data(as_text=True)


def test_a_place_beyond_the_sheet_is_refused(client, sign_in):
    sign_in("logistics")
    data = {"numbers": make_device().serial, "stock": "L7160", "start_at": "22"}
    assert client.post("/print/device-labels", data=data).status_code == 422


def test_the_stock_of_a_school_is_labelled_as_a_whole(client, sign_in):
    sign_in("logistics")
    school = make_school()
    here, _elsewhere = make_device(school), make_device()
    response = client.post("/print/device-labels", data={"source": "stock", "school": school.id, "stock": "L7160"})
    assert codes_on(response) == {here.tag}


def test_one_label_at_one_click(client, sign_in):
    sign_in("logistics")
    device = make_device()
    assert codes_on(client.get(f"/print/device/{device.id}")) == {device.tag}


def test_a_place_beyond_the_sheet_is_refused_for_one_label_too(client, sign_in):
    sign_in("logistics")
    assert client.get(f"/print/device/{make_device().id}?stock=L7160&start_at=99").status_code == 422


def test_the_file_of_a_class_has_a_plain_name_whatever_the_class_is_called(client, sign_in):
    sign_in("logistics")
    school = make_school()
    make_pupil(school, class_name='2"É–Ω; b')
    response = client.get(f"/print/slips/{school.id}", query_string={"class": '2"É–Ω; b'})
    assert response.headers["Content-Disposition"] == f'inline; filename="bons-{school.uai}-2E_b.pdf"'


def test_helpers_of_a_distribution_print_no_labels(client, sign_in):
    sign_in("staff")
    assert client.get(f"/print/device/{make_device().id}").status_code == 403


def test_the_test_codes_are_all_read_back(client, sign_in):
    sign_in("staff")
    found = codes_on(client.get("/print/test-codes"))
    assert {"PF0TEST1", "4006381333931", "490154203237518"} <= found


def test_the_situations_of_a_desk_are_printed_for_ones_own_school_only(client, sign_in):
    school, other = make_school(), make_school()
    pupil, device = make_pupil(school), make_device(school)
    sign_in("school", schools=[school])
    assert {pupil.slip_code, device.tag} <= codes_on(client.get(f"/print/test-codes?school={school.id}"))
    assert client.get(f"/print/test-codes?school={other.id}").status_code == 404


def test_a_stock_larger_than_one_printing_is_said_never_cut_in_silence(client, sign_in, monkeypatch):
    monkeypatch.setattr("tracker.queries.printing.MOST_LABELS", 1)
    sign_in("logistics")
    school = make_school()
    for _ in range(2):
        make_device(school)
    response = client.post("/print/device-labels", data={"source": "stock", "school": school.id, "stock": "L7160"})
    assert response.status_code == 422
    assert "en stock" in response.get_data(as_text=True)
