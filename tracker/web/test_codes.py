"""Codes to try a scanner with: one of each kind that a label can bear, with what the program takes it for."""

from tracker.labels import PrintedCode, Symbology
from tracker.queries.code_rules import rules_in_force
from tracker.rules.codes import OwnKind, own_code
from tracker.scanning import Symbology as ReadSymbology
from tracker.scanning.classification import classify
from tracker.web.sentences import words

# Invented numbers with right check digits; no device bears them.
_EXAMPLES = (
    ("PF0TEST1", Symbology.CODE_128),
    ("5CD0260TS1", Symbology.CODE_39),
    ("1S82GK00XXFRPF0TEST1", Symbology.QR),
    (own_code(OwnKind.DEVICE_TAG, 4_004_004), Symbology.DATA_MATRIX),
    (own_code(OwnKind.PUPIL_SLIP, 4_004_004), Symbology.CODE_128),
    ("490154203237518", Symbology.CODE_128),
    ("4006381333931", Symbology.EAN_13),
    ("001B44113AB7", Symbology.CODE_39),
)


def printed_codes() -> list[PrintedCode]:
    """The examples, each named by what the rules in force take it for."""
    rules = rules_in_force()
    codes = []
    for text, symbology in _EXAMPLES:
        found = classify(text, ReadSymbology(symbology.value), rules)
        codes.append(PrintedCode(words("code", found.kind), text, symbology, words("symbology", symbology)))
    return codes
