"""Something of everything: each address of the program, with rows behind it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from werkzeug.routing import Rule

from tests import factories
from tests.cases import make_case
from tests.operations.papers import BLANK
from tests.parcels import outbound, with_return_address
from tests.reuse import batch_of, prove
from tracker.config import Settings
from tracker.models.agreements import Agreement, ScannedPage, ScanPile
from tracker.models.attachments import Attachment
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
from tracker.rules.addresses import Address
from tracker.rules.departures import Destination
from tracker.rules.families import LinkPurpose
from tracker.rules.returns import ReturnReason
from tracker.rules.rosters import Origin
from tracker.rules.sscc import sscc
from tracker.rules.stocktakes import Place, StocktakePlace
from tracker.storage.choice import open_storage
from tracker.storage.storage import Stored


def everything_of(settings: Settings, school: Any, pupil: Any, device: Any, user: Any) -> dict[str, Any]:
    """A value for each argument that an address may have, of rows of the school. A new argument needs its line here."""
    campaign = factories.make_campaign()
    event_id = lend(device, pupil, school, campaign)
    return {
        "school_id": school.id,
        "device_id": device.id,
        "pupil_id": pupil.id,
        "event_id": event_id,
        "user_id": user.id,
        "campaign_id": campaign.id,
        "setting": "confirm_rate",
        "stock": "L7160",
        "position": 1,
        "action": "up",
        "token": "unsigned",
        "form": "zpl",
        "receipt": "unsigned",
        "version": factories.make_text().version,
        **imported(school, pupil, user),
        **kept(settings, school, pupil),
        **sent_back(settings, pupil),
        **reported(settings, school, pupil),
        **came_back(settings, school, device, pupil),
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


def kept(settings, school, pupil) -> dict[str, Any]:
    """A personal link, a pile of one page, the pupil's signed agreement."""
    storage = open_storage(settings)
    picture = storage.put(BLANK, kind="scans", suffix=".jpg")
    pile = ScanPile.create(
        school=school, file_name="scan.pdf", file=None, digest=picture.digest, uploaded_at=factories.NOW
    )
    page = ScannedPage.create(pile=pile, number=1, image=picture.key)
    document = storage.put(b"%PDF-1.7", kind="agreements", suffix=".pdf")
    Agreement.update(document=document.key).where(Agreement.pupil == pupil).execute()
    agreement = Agreement.get(Agreement.pupil == pupil)
    return {
        "link": personal_link(settings, school), "pile_id": pile.id, "page_id": page.id, "agreement_id": agreement.id,
        **packed(storage, school), **counted(school, storage), **proven_batch(storage),
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


def came_back(settings, school, device, pupil) -> dict[str, Any]:
    """The returns desk in the school's hall, a return there with its photograph, a noted device that is nobody's."""
    picture = open_storage(settings).put(BLANK, kind="attachments", suffix=".jpg")
    record = ReturnRecord.create(
        device=device, serial=device.serial, pupil=pupil, school=school, missing=[], received_at=factories.NOW
    )
    photo = Attachment.create(
        record=record, kind="photo", file_name="a.jpg", file=picture.key, media_type="image/jpeg",
        digest=picture.digest, size=picture.size, added_at=factories.NOW,
    )  # fmt: skip
    noted = ReturnRecord.create(
        serial="5CD999ZZZ1", stranger="other_owner", school=school, missing=[], received_at=factories.NOW
    )
    return {"place": school.id, "record_id": record.id, "photo_id": photo.id, "noted": noted.id}


def packed(storage, school) -> dict[str, int]:
    """A parcel for the school, with the label that a carrier drew."""
    with_return_address()
    School.update(street="1 rue de l’Essai", postcode="14000").where(School.id == school.id).execute()
    parcel = outbound(School.get_by_id(school.id), factories.make_device())
    label = storage.put(b"%PDF-1.7", kind="carrier-labels", suffix=".pdf")
    manifest = Manifest.get_or_none() or Manifest.create(carrier="own", created_at=factories.NOW)
    Parcel.update(label=label.key, manifest=manifest).where(Parcel.id == parcel.id).execute()
    return {"parcel_id": parcel.id, "manifest_id": manifest.id}


def personal_link(settings, school) -> str:
    """A link that opens today."""
    pupil = factories.make_pupil(school, agreement=None)
    expires_at = datetime.now(UTC) + timedelta(days=1)
    invitation = factories.make_invitation(pupil, factories.make_guardian(pupil), expires_at=expires_at)
    return token_of(invitation.nonce, key=settings.signing_key())


def sent_back(settings, pupil) -> dict[str, Any]:
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
    key = settings.signing_key()
    return {"expected_id": expected.id, "return_link": family_token(link.nonce, LinkPurpose.RETURN, key=key)}


def reported(settings, school, pupil) -> dict[str, Any]:
    """The pupil's device broke down, with a photograph of it; the family has its link."""
    loan, storage = Loan.get(Loan.pupil == pupil), open_storage(settings)
    case = make_case(loan.device, school, pupil=pupil)
    picture = storage.put(BLANK, kind="attachments", suffix=".jpg")
    photo = Attachment.create(
        case=case, kind="photo", file_name="écran.jpg", file=picture.key, media_type="image/jpeg",
        digest=picture.digest, size=1, added_at=factories.NOW,
    )  # fmt: skip
    guardian, until = factories.make_guardian(pupil), datetime.now(UTC) + timedelta(days=1)
    who = {"actor": factories.actor(), "now": factories.NOW}
    link = make_family_link(LinkPurpose.CASE, pupil, guardian.email, expires_at=until, **who)
    token = family_token(link.nonce, LinkPurpose.CASE, key=settings.signing_key())
    return {
        "case_id": case.id, "attachment_id": photo.id, "step": "withdraw", "case_link": token, "reported": case.id,
    }  # fmt: skip


def lend(device, pupil, school, campaign) -> int:
    request = loans.Request(device_id=device.id, pupil_id=pupil.id, school_id=school.id, action_id=uuid4())
    who = factories.actor("admin", user=factories.make_user())
    return loans.hand_over(request, campaign=campaign, actor=who, now=factories.NOW).event_id or 0


def routes(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def address(app: Flask, rule: Rule, known: dict[str, Any]) -> str:
    missing = sorted(rule.arguments - known.keys() - (rule.defaults or {}).keys())
    assert not missing, f"{rule.rule}: give {missing} a value in tests/everything.py"
    wanted = {name: known[name] for name in rule.arguments & known.keys()} | dict(rule.defaults or {})
    with app.test_request_context():
        built = rule.build(wanted, append_unknown=False)
    assert built, f"{rule.rule} cannot be built from {wanted}"
    return built[1]
