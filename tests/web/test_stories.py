"""What a timeline tells: who and why only of what happened at a school that the person sees."""

from tests.factories import NOW, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tracker.models.devices import Device


def test_another_schools_staff_and_reasons_stay_there(app, client, sign_in, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    first, second = make_school(name="Lycée Malherbe"), make_school()
    device, who = make_device(first), make_user(name="Odile Zyxwv")
    lend(device, make_pupil(first), first, who=actor(user=who))
    Device.update(school=second).where(Device.id == device.id).execute()
    sign_in("school", schools=[second])
    text = client.get(f"/devices/{device.id}").get_data(as_text=True)
    assert "Lycée Malherbe" in text
    assert "Odile Zyxwv" not in text
    sign_in("logistics")
    assert "Odile Zyxwv" in client.get(f"/devices/{device.id}").get_data(as_text=True)
