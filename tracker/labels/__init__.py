"""Device labels, pupil slips and test codes as PDF: plain values in, bytes out, symbols drawn as vectors."""

from tracker.labels.devices import DeviceLabel, LabelCaptions, calibration_page, device_labels
from tracker.labels.practice import PrintedCode, test_codes_page
from tracker.labels.pupils import PupilSlip, pupil_slips
from tracker.labels.stocks import ROLL, STOCKS, Roll, SheetStock, Stock
from tracker.typesetting import FONTS, PageCaptions, Symbology

__all__ = [
    "FONTS",
    "ROLL",
    "STOCKS",
    "DeviceLabel",
    "LabelCaptions",
    "PageCaptions",
    "PrintedCode",
    "PupilSlip",
    "Roll",
    "SheetStock",
    "Stock",
    "Symbology",
    "calibration_page",
    "device_labels",
    "pupil_slips",
    "test_codes_page",
]
