"""Who may open what: generated from the URL map, so that a new route is covered the moment it exists."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from werkzeug.routing import Rule

from tests import factories
from tests.cases import make_case
from tests.operations.papers import BLANK
from tests.parcels import outbound, with_return_address
from tests.reuse import batch_of, prove
from tracker.models.agreements import Agreement, ScannedPage, ScanPile
from tracker.models.attachments import Attachment
from tracker.models.custody import CustodyEvent
from tracker.models.loans import Loan
from tracker.models.parcels import Manifest, Parcel
from tracker.models.pupils import Enrolment
from tracker.models.returns import ExpectedReturn, ReturnRecord
from tracker.models.rosters import Departure
from tracker.models.schools import School
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.models.work import Work
from tracker.operations import loans, stocktakes
from tracker.operations.expected_returns import expect_return
from tracker.operations.family_links import family_token, make_family_link
from tracker.operations.links import token_of
from tracker.operations.rosters import take_in
from tracker.queries.pupils import Year
from tracker.rules.access import Permission, Role, allowed
from tracker.rules.addresses import Address
from tracker.rules.departures import Destination
from tracker.rules.families import LinkPurpose
from tracker.rules.returns import ReturnReason
from tracker.rules.rosters import Origin
from tracker.rules.sscc import sscc
from tracker.rules.stocktakes import Place, StocktakePlace
from tracker.storage.choice import open_storage
from tracker.storage.storage import Stored
from tracker.web.access import PUBLIC

NOBODY = 999_999
NOT_FOUND = {"GET": (404,), "POST": (404, 422)}
"""A page is not there; a desk answers a write with its verdict "refused: not known here" (422)."""

SCOPED = (
    "school_id", "device_id", "pupil_id", "event_id", "user_id", "import_id", "work_id", "pile_id", "page_id",
    "agreement_id",
    "stocktake_id", "line_id",
    "expected_id",
    "batch_id", "paper_id",
    "case_id", "attachment_id",
    "place", "record_id", "photo_id",
    "parcel_id",
    "departure_id",
)  # fmt: skip
"""Arguments of an address that name something of one school, or somebody."""


def values(school: Any, device: Any, pupil: Any, event_id: int, user: Any) -> dict[str, Any]:
    """A value for each argument that an address may have. A new argument needs its line here."""
    return {
        "school_id": school.id,
        "device_id": device.id,
        "pupil_id": pupil.id,
        "event_id": event_id,
        "user_id": user.id,
        **imported(school, pupil, user),
        "campaign_id": factories.make_campaign().id,
        "setting": "confirm_rate",
        "stock": "L7160",
        "position": 1,
        "action": "up",
        "token": "unsigned",
        "form": "zpl",
        "receipt": "unsigned",
        "version": factories.make_text().version,
        "manifest_id": 1,
    }


def imported(school: Any, pupil: Any, user: Any) -> dict[str, int]:
    """A roster of the school that waits to be read, with the work that does it; the pupil's departure."""
    file = Stored("rosters/ab/" + "0" * 32 + ".roster", "0" * 64, 12)
    made = take_in(
        file, "eleves.xml", school.id, origin=Origin.UPLOAD, actor=factories.actor(user=user), now=factories.NOW
    )
    departure = Departure.create(
        pupil=pupil, enrolment=Enrolment.get(pupil=pupil), school=school, noticed_at=factories.NOW,
        left_on=factories.TODAY, destination=Destination.TO_QUALIFY,
    )  # fmt: skip
    return {"import_id": made.id, "work_id": Work.get(subject=made.id).id, "departure_id": departure.id}


@pytest.fixture
def programme(app) -> SimpleNamespace:
    """Two schools, each with a pupil who has a laptop; `mine` and `other` fill addresses."""
    campaign = factories.make_campaign()
    world = SimpleNamespace(app=app, campaign=campaign)
    for name in ("mine", "other"):
        school = factories.make_school(name=f"Lycée {name.title()}")
        pupil = factories.make_pupil(school, last_name=f"Zyxwv{name}", first_name="Odilon")
        device = factories.make_device(school, serial=f"QQ7XW{name.upper()}")
        factories.make_device(school, serial=f"QR8XW{name.upper()}")
        user = factories.make_user("school", schools=[school], name=f"Referent{name}")
        event_id = lend(device, pupil, school, campaign)
        setattr(
            world,
            name,
            values(school, device, pupil, event_id, user)
            | kept(app, school, pupil)
            | sent_back(app, pupil)
            | reported(app, school, pupil),
        )
        getattr(world, name).update(came_back(app, school, device, pupil))
        world.secrets = [device.serial, pupil.last_name, user.name, school.name]
    world.events = CustodyEvent.select().count()
    return world


def kept(app, school, pupil) -> dict[str, Any]:
    """A personal link, a pile of one page, the pupil's signed agreement."""
    storage = open_storage(app.extensions["settings"])
    picture = storage.put(BLANK, kind="scans", suffix=".jpg")
    pile = ScanPile.create(
        school=school, file_name="scan.pdf", file=None, digest=picture.digest, uploaded_at=factories.NOW
    )
    page = ScannedPage.create(pile=pile, number=1, image=picture.key)
    document = storage.put(b"%PDF-1.7", kind="agreements", suffix=".pdf")
    Agreement.update(document=document.key).where(Agreement.pupil == pupil).execute()
    agreement = Agreement.get(Agreement.pupil == pupil)
    return {
        "link": personal_link(app, school), "pile_id": pile.id, "page_id": page.id, "agreement_id": agreement.id,
        "parcel_id": packed(storage, school), **counted(school, storage), **proven_batch(storage),
    }  # fmt: skip


def counted(school, storage) -> dict[str, int]:
    """A stocktake of the school's own stock with its record, and a line of it."""
    place, year = Place(StocktakePlace.SCHOOL, school.id), Year(factories.SCHOOL_YEAR, factories.TODAY)
    made = stocktakes.start(place, year=year, actor=factories.actor(), now=factories.NOW)
    Stocktake.update(record=storage.put(b"%PDF-1.7", kind="stocktakes", suffix=".pdf").key).execute()
    return {"stocktake_id": made.id, "line_id": StocktakeLine.get(StocktakeLine.stocktake == made.id).id}


def proven_batch(storage) -> dict[str, int]:
    """An open batch of the warehouse with a paper."""
    batch = batch_of(devices=1)
    paper = prove(batch)
    paper.file = storage.put(b"%PDF-1.7", kind="attachments", suffix=".pdf").key
    paper.save()
    return {"batch_id": batch.id, "paper_id": paper.id}


def came_back(app, school, device, pupil) -> dict[str, Any]:
    """The returns desk in the school's hall, and a return there with its photograph."""
    picture = open_storage(app.extensions["settings"]).put(BLANK, kind="attachments", suffix=".jpg")
    record = ReturnRecord.create(
        device=device, serial=device.serial, pupil=pupil, school=school, missing=[], received_at=factories.NOW
    )
    photo = Attachment.create(
        record=record, kind="photo", file_name="a.jpg", file=picture.key, media_type="image/jpeg",
        digest=picture.digest, size=picture.size, added_at=factories.NOW,
    )  # fmt: skip
    return {"place": school.id, "record_id": record.id, "photo_id": photo.id}


def packed(storage, school) -> int:
    """A parcel for the school, with the label that a carrier drew."""
    with_return_address()
    School.update(street="1 rue de l’Essai", postcode="14000").where(School.id == school.id).execute()
    parcel = outbound(School.get_by_id(school.id), factories.make_device())
    label = storage.put(b"%PDF-1.7", kind="carrier-labels", suffix=".pdf")
    manifest = Manifest.get_or_none() or Manifest.create(carrier="own", created_at=factories.NOW)
    Parcel.update(label=label.key, manifest=manifest).where(Parcel.id == parcel.id).execute()
    return parcel.id


def personal_link(app, school) -> str:
    """A link that opens today."""
    pupil = factories.make_pupil(school, agreement=None)
    expires_at = datetime.now(UTC) + timedelta(days=1)
    invitation = factories.make_invitation(pupil, factories.make_guardian(pupil), expires_at=expires_at)
    return token_of(invitation.nonce, key=app.extensions["settings"].signing_key())


def sent_back(app, pupil) -> dict[str, Any]:
    """The pupil's device is expected, its label made, the family written to."""
    loan = Loan.get(Loan.pupil == pupil)
    due_on = factories.TODAY + timedelta(15)
    who = {"actor": factories.actor(), "now": factories.NOW}
    expected = expect_return(loan, ReturnReason.DEPARTURE, due_on=due_on, **who)
    place = Address("Lycée", "1 rue du Port", "14000", "Caen").kept()
    parcel = Parcel.create(
        reference=sscc("", 900_000 + expected.id), kind="return", state="prepared", school=loan.school, pupil=pupil,
        carrier="own", sender=place, recipient=place, created_at=factories.NOW,
    )  # fmt: skip
    ExpectedReturn.update(parcel=parcel).where(ExpectedReturn.id == expected.id).execute()
    guardian, until = factories.make_guardian(pupil), datetime.now(UTC) + timedelta(days=1)
    link = make_family_link(LinkPurpose.RETURN, pupil, guardian.email, expires_at=until, **who)
    key = app.extensions["settings"].signing_key()
    return {"expected_id": expected.id, "return_link": family_token(link.nonce, LinkPurpose.RETURN, key=key)}


def reported(app, school, pupil) -> dict[str, Any]:
    """The pupil's device broke down, with a photograph of it; the family has its link."""
    loan, storage = Loan.get(Loan.pupil == pupil), open_storage(app.extensions["settings"])
    case = make_case(loan.device, school, pupil=pupil)
    picture = storage.put(BLANK, kind="attachments", suffix=".jpg")
    photo = Attachment.create(
        case=case, kind="photo", file_name="écran.jpg", file=picture.key, media_type="image/jpeg",
        digest=picture.digest, size=1, added_at=factories.NOW,
    )  # fmt: skip
    guardian, until = factories.make_guardian(pupil), datetime.now(UTC) + timedelta(days=1)
    who = {"actor": factories.actor(), "now": factories.NOW}
    link = make_family_link(LinkPurpose.CASE, pupil, guardian.email, expires_at=until, **who)
    token = family_token(link.nonce, LinkPurpose.CASE, key=app.extensions["settings"].signing_key())
    return {
        "case_id": case.id, "attachment_id": photo.id, "step": "withdraw", "case_link": token, "reported": case.id,
    }  # fmt: skip


def lend(device, pupil, school, campaign) -> int:
    request = loans.Request(device_id=device.id, pupil_id=pupil.id, school_id=school.id, action_id=uuid4())
    who = factories.actor("admin", user=factories.make_user())
    return loans.hand_over(request, campaign=campaign, actor=who, now=factories.NOW).event_id or 0


def routes(app) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def requirement(app, rule: Rule) -> Any:
    return getattr(app.view_functions[rule.endpoint], "requires", None)


def address(app, rule: Rule, known: dict[str, Any]) -> str:
    missing = sorted(rule.arguments - known.keys() - (rule.defaults or {}).keys())
    assert not missing, f"{rule.rule}: give {missing} a value in tests/web/test_access.py::values"
    wanted = {name: known[name] for name in rule.arguments & known.keys()} | dict(rule.defaults or {})
    with app.test_request_context():
        built = rule.build(wanted, append_unknown=False)
    assert built, f"{rule.rule} cannot be built from {wanted}"
    return built[1]


def requests(app, known: dict[str, Any]) -> Iterator[tuple[Rule, str, str]]:
    for rule in routes(app):
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method, address(app, rule, known)


def sign_in_as(role: Role, programme, sign_in) -> None:
    schools = [programme.mine["school_id"]] if role is Role.SCHOOL else []
    sign_in(role.value, schools=schools)


def complain(wrong: list[str]) -> None:
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_endpoint_says_what_it_requires(app):
    marks = {rule.endpoint: requirement(app, rule) for rule in routes(app)}
    complain([f"{name}: mark it @public or @requires" for name, mark in marks.items() if mark is None])
    complain([f"{name}: {mark!r}" for name, mark in marks.items() if mark != PUBLIC and mark not in set(Permission)])


def test_a_view_that_was_never_marked_is_refused_to_everybody(app, client, sign_in, monkeypatch):
    monkeypatch.setitem(app.view_functions, "users.index", lambda: "open")
    assert client.get("/users/").status_code == 302
    sign_in("admin")
    assert client.get("/users/").status_code == 403


def test_somebody_who_is_not_signed_in_is_asked_to_and_nothing_is_done(programme, client):
    wrong = []
    for rule, method, url in requests(programme.app, programme.mine):
        if requirement(programme.app, rule) == PUBLIC:
            continue
        answer = client.open(url, method=method)
        goes_to_sign_in = answer.status_code == 302 and answer.location.startswith("/sign-in?next=")
        if not (goes_to_sign_in if method == "GET" else answer.status_code == 401):
            wrong.append(f"{method} {url}: {answer.status_code} {answer.location or ''}")
    complain(wrong)


def test_what_is_public_opens_for_everybody(programme, client):
    wrong = []
    for rule, method, url in requests(programme.app, programme.mine):
        if method == "GET" and requirement(programme.app, rule) == PUBLIC:
            status = client.get(url).status_code
            # A link without its end is no address; everything else is there, if only to say that it is over.
            if status not in ((404,) if rule.endpoint.endswith(".incomplete") else (200, 302, 303, 410)):
                wrong.append(f"{url}: {status}")
    complain(wrong)


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_it_is_granted_and_nothing_else(programme, client, sign_in, role):
    sign_in_as(role, programme, sign_in)
    wrong = []
    for rule, method, url in requests(programme.app, programme.mine):
        needed = requirement(programme.app, rule)
        if needed == PUBLIC or (method != "GET" and allowed(role, needed)):
            continue
        status = client.open(url, method=method).status_code
        expected = (200, 301, 302, 303, 308) if allowed(role, needed) else (403,)
        if status not in expected:
            wrong.append(f"{role} {method} {url}: {status}, expected one of {expected}")
    complain(wrong)


def test_a_school_that_asks_for_another_schools_things_finds_nothing(programme, client, sign_in):
    sign_in_as(Role.SCHOOL, programme, sign_in)
    wrong = []
    for rule, method, name in scoped_requests(programme.app):
        known = programme.mine | {name: programme.other[name]}
        url = address(programme.app, rule, known)
        expected = NOT_FOUND[method] if allowed(Role.SCHOOL, requirement(programme.app, rule)) else (403,)
        status = client.open(url, method=method, data=scan_of(programme)).status_code
        if status not in expected:
            wrong.append(f"{method} {url} with the {name} of another school: {status}, expected {expected}")
    complain(wrong)
    assert CustodyEvent.select().count() == programme.events


def scoped_requests(app) -> Iterator[tuple[Rule, str, str]]:
    for rule in routes(app):
        for name in sorted(rule.arguments & set(SCOPED)):
            for method in sorted(rule.methods & {"GET", "POST"}):
                yield rule, method, name


def scan_of(programme) -> dict[str, str]:
    return {"action_id": str(uuid4()), "code": "QR8XW"}


def test_what_does_not_exist_is_not_found(programme, client, sign_in):
    sign_in("admin")
    wrong = []
    for rule, method, name in scoped_requests(programme.app):
        url = address(programme.app, rule, programme.mine | {name: NOBODY})
        status = client.open(url, method=method, data=scan_of(programme)).status_code
        if status not in NOT_FOUND[method]:
            wrong.append(f"{method} {url}: {status}")
    complain(wrong)
    assert CustodyEvent.select().count() == programme.events


def test_no_page_of_a_school_names_another_schools_people_or_devices(programme, client, sign_in):
    sign_in_as(Role.SCHOOL, programme, sign_in)
    wrong = []
    for rule, method, url in requests(programme.app, programme.mine):
        needed = requirement(programme.app, rule)
        if method != "GET" or needed == PUBLIC or not allowed(Role.SCHOOL, needed):
            continue
        for question in questions(programme):
            text = readable(client.get(f"{url}?{urlencode(question)}").data)
            wrong += [f"{url}?{urlencode(question)} shows {secret}" for secret in programme.secrets if secret in text]
    complain(wrong)


def questions(programme) -> list[dict[str, Any]]:
    """What the lists, the search and the suggestions may be asked; never the whole of a secret: pages repeat it."""
    other = programme.other["school_id"]
    typed = [secret[:-1] for secret in programme.secrets]
    asked = [{name: text} for text in typed for name in ("q", "text", "name")]
    return [{}, {"school": other}, {"school_id": other}, *asked, *({"school": other, **each} for each in asked[:2])]


def readable(body: bytes) -> str:
    """The text of a page or of an exported workbook."""
    if body[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(book.read(name) for name in book.namelist())
    return body.decode("utf-8", "replace")
