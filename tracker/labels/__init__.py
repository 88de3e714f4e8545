"""Labels of devices and parcels, pupil slips, test codes: values in, PDF or ZPL out, symbols drawn as vectors."""

from tracker.labels.devices import DeviceLabel, LabelCaptions, calibration_page, device_labels
from tracker.labels.practice import PrintedCode, test_codes_page
from tracker.labels.pupils import PupilSlip, pupil_slips
from tracker.labels.shipping import Paper, ShippingCaptions, ShippingLabel, shipping_labels
from tracker.labels.stocks import ROLL, STOCKS, Roll, SheetStock, Stock
from tracker.labels.zpl import zpl_labels
from tracker.typesetting import FONTS, PageCaptions, Symbology

__all__ = [
    "FONTS",
    "ROLL",
    "STOCKS",
    "DeviceLabel",
    "LabelCaptions",
    "PageCaptions",
    "Paper",
    "PrintedCode",
    "PupilSlip",
    "Roll",
    "SheetStock",
    "ShippingCaptions",
    "ShippingLabel",
    "Stock",
    "Symbology",
    "calibration_page",
    "device_labels",
    "pupil_slips",
    "shipping_labels",
    "test_codes_page",
    "zpl_labels",
]
