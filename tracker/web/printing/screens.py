"""Labels, slips and test codes as PDF."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, request
from flask_babel import get_locale
from flask_babel import gettext as _

from tracker.labels import (
    ROLL,
    STOCKS,
    DeviceLabel,
    LabelCaptions,
    PageCaptions,
    PrintedCode,
    PupilSlip,
    Stock,
    calibration_page,
    device_labels,
    pupil_slips,
    test_codes_page,
)
from tracker.models.devices import Device
from tracker.queries import desk, printing
from tracker.queries.campaigns import current_campaign, settings_in_force
from tracker.queries.pupils import Year
from tracker.rules.access import Permission
from tracker.web.access import current_scope, requires
from tracker.web.clock import today
from tracker.web.desks.frame import choices
from tracker.web.files import pdf_response
from tracker.web.intake import row_id
from tracker.web.language import day, number
from tracker.web.printing.practice import desk_codes, scanner_codes
from tracker.web.render import page
from tracker.web.reuse.words import refurbished_words

bp = Blueprint("printing", __name__, url_prefix="/print")


@bp.get("/")
@requires(Permission.PRINT_SLIPS)
def index() -> Response:
    """Everything that can be printed."""
    return _index()


def _index(error: str | None = None, status: int = 200) -> Response:
    return page(
        "printing/index.html", status=status, stocks=STOCKS, error=error, numbers=request.form.get("numbers", ""),
        source=request.form.get("source", "numbers"), **choices(),
    )  # fmt: skip


@bp.post("/device-labels")
@requires(Permission.PRINT_LABELS)
def labels() -> Response:
    """Labels for the numbers pasted, or for what is in stock at a place, on the chosen paper."""
    numbers = request.form.get("numbers", "").upper().split()
    if request.form.get("source") == "stock":
        devices = printing.stock_of(request.form.get("school", type=row_id), current_scope())
        return _stock_pdf(devices)
    if len(numbers) > printing.MOST_LABELS:
        return _index(_("%(count)s labels at most: paste fewer numbers.", count=number(printing.MOST_LABELS)), 422)
    unknown = _unknown(numbers, devices := printing.devices_by_number(numbers, current_scope()))
    if unknown or not devices:
        return _index(_what_is_missing(unknown), 422)
    return _labels_pdf(devices)


def _stock_pdf(devices: Sequence[Device]) -> Response:
    if not devices:
        return _index(_("No device is in stock there."), 422)
    if len(devices) > printing.MOST_LABELS:
        most = number(printing.MOST_LABELS)
        return _index(
            _("More than %(count)s devices are in stock there: paste their numbers in several parts.", count=most), 422
        )
    return _labels_pdf(devices)


def _unknown(numbers: Sequence[str], devices: Sequence[Device]) -> list[str]:
    known = {number for device in devices for number in (device.serial, device.tag)}
    return [number for number in numbers if number not in known]


def _what_is_missing(unknown: Sequence[str]) -> str:
    if not unknown:
        return _("Paste at least one serial number or tag.")
    shown = ", ".join(unknown[:10]) + ("…" if len(unknown) > 10 else "")
    return _("Nothing was printed: these numbers are not known: %(numbers)s", numbers=shown)


def _labels_pdf(devices: Sequence[Device], name: str = "etiquettes") -> Response:
    try:
        return pdf_response(_printed(devices, _stock(), request.values.get("start_at", 1, type=int)), name)
    except ValueError:
        return _index(_("The first label must be a number from 1 to the number of labels on the sheet."), 422)


@bp.get("/device/<int:device_id>")
@requires(Permission.PRINT_LABELS)
def one_label(device_id: int) -> Response:
    """One label for the roll printer, at one click."""
    device = printing.device_by_id(device_id, current_scope())
    if device is None:
        abort(404)
    return _labels_pdf([device], f"etiquette-{device.serial}")


def _stock() -> Stock:
    return STOCKS.get(request.values.get("stock", ""), ROLL)


def _printed(devices: Sequence[Device], stock: Stock, start_at: int) -> bytes:
    """Rule I1: the families' number on the label, never the schools' own line."""
    contact = _("Assistance: %(phone)s", phone=settings_in_force(today())["families_phone"])
    owner = _("Property of the Région Normandie")
    listed = [DeviceLabel(each.tag, each.serial, _model(each), owner, contact) for each in devices]
    captions = LabelCaptions(title=_("Device labels"), serial=_("S/N"), language=str(get_locale()))
    return device_labels(listed, stock, start_at, captions=captions)


def _model(device: Device) -> str:
    """Rule U1. A refurbished device says so on its label."""
    return refurbished_words(device.model.label, device.refurbished, device.grade)


@bp.get("/slips/<int:school_id>")
@requires(Permission.PRINT_SLIPS)
def slips(school_id: int) -> Response:
    """The slips of a school, or of one class."""
    campaign = current_campaign(today())
    school = desk.school_of(school_id, current_scope())
    if school is None or campaign is None:
        abort(404)
    class_name = request.args.get("class", "")
    pupils = printing.slips_of(school.id, Year(campaign.school_year, today()), class_name, current_scope())
    if not pupils:
        return _index(_("There is no pupil in this class."), 422)
    listed = [PupilSlip(each.full_name, each.class_name, each.school_name, each.slip_code) for each in pupils]
    note = _("To be shown when the device is handed over.")
    name = "-".join(filter(None, ("bons", school.uai, class_name)))
    return pdf_response(pupil_slips(listed, captions=_captions(_("Pupils’ slips"), note)), name)


@bp.get("/test-codes")
@requires(Permission.HAND_OVER)
def test_codes() -> Response:
    """Codes to try scanners with; with a school, also situations at its desk, on devices and pupils of its own."""
    note = _("Scan these at the desk or on the scanner’s test page, on screen or on paper.")
    codes = _desk_codes() + scanner_codes()
    return pdf_response(test_codes_page(codes, captions=_captions(_("Test codes"), note)), "codes-de-test")


def _desk_codes() -> list[PrintedCode]:
    asked, campaign = request.args.get("school", type=row_id), current_campaign(today())
    if asked is None or campaign is None:
        return []
    school = desk.school_of(asked, current_scope())
    return desk_codes(school.id, Year(campaign.school_year, today()), current_scope()) if school else abort(404)


@bp.get("/calibration/<stock>")
@requires(Permission.PRINT_SLIPS)
def calibration(stock: str) -> Response:
    """The outlines of a sheet, to see how far the printer is off."""
    if stock not in STOCKS:
        abort(404)
    title = _("Printer check: %(stock)s", stock=STOCKS[stock].name)
    note = _("Print at 100 %, without fitting to the page. Hold it against a sheet of labels before the light.")
    return pdf_response(
        calibration_page(STOCKS[stock], title=title, note=note, language=str(get_locale())), "calibrage"
    )


def _captions(title: str, note: str) -> PageCaptions:
    return PageCaptions(
        title=title,
        note=note,
        printed_on=_("Printed on %(date)s", date=day(today())),
        page=_("page {page} of {pages}"),
        language=str(get_locale()),
    )
