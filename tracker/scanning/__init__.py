"""Camera frames, photographs and keyboard scans: pictures and keys in, symbols and classified codes out."""

from tracker.scanning.cascade import Effort, read
from tracker.scanning.choice import Choice, Outcome, choose
from tracker.scanning.classification import (
    Classified,
    CodeKind,
    LabelRule,
    RuleInvalid,
    classify,
    default_rules,
    load_rules,
)
from tracker.scanning.engines import engines_available
from tracker.scanning.keyboard import Repaired, repair, understood
from tracker.scanning.symbols import Reading, Symbol, Symbology, UnreadableImage

__all__ = [
    "Choice",
    "Classified",
    "CodeKind",
    "Effort",
    "LabelRule",
    "Outcome",
    "Reading",
    "Repaired",
    "RuleInvalid",
    "Symbol",
    "Symbology",
    "UnreadableImage",
    "choose",
    "classify",
    "default_rules",
    "engines_available",
    "load_rules",
    "read",
    "repair",
    "understood",
]
