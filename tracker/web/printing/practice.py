"""Codes to try scanners and desks with: one of each kind of label, and situations at the desk of a school."""

from tracker.labels import PrintedCode, Symbology
from tracker.queries.code_rules import rules_in_force
from tracker.queries.practice import Practice, test_codes
from tracker.queries.pupils import Year
from tracker.rules.access import Scope
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


def scanner_codes() -> list[PrintedCode]:
    """The examples, each named by what the rules in force take it for."""
    rules = rules_in_force()
    codes = []
    for text, symbology in _EXAMPLES:
        found = classify(text, ReadSymbology(symbology.value), rules)
        codes.append(PrintedCode(words("code", found.kind), text, symbology, words("symbology", symbology)))
    return codes


def desk_codes(school_id: int, year: Year, scope: Scope) -> list[PrintedCode]:
    """Situations at the desk of this school: what to scan, one after the other, and the answer that it should get."""
    situations = enumerate(test_codes(school_id, year, scope), start=1)
    return [code for number, practice in situations for code in _cards(number, practice)]


def _cards(number: int, practice: Practice) -> list[PrintedCode]:
    answer = f"{number}. {words('practice', practice.answer)}"
    return [
        PrintedCode(answer, text, Symbology.EAN_13 if what == "article" else Symbology.QR, _about(what, practice))
        for what, text in practice.scans
    ]


def _about(what: str, practice: Practice) -> str:
    """What is scanned here, and which one it is."""
    name = practice.facts.get({"device": "serial", "pupil": "pupil", "article": "model"}[what], "")
    return " · ".join(part for part in (words("scanned", what), name) if part)
