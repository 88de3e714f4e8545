"""Camera frames, photographs and keyboard scans: pictures and keys in, symbols and classified codes out."""

from tracker.scanning.cascade import Effort, read
from tracker.scanning.engines import engines_available
from tracker.scanning.symbols import Reading, Symbol, Symbology, UnreadableImage

__all__ = ["Effort", "Reading", "Symbol", "Symbology", "UnreadableImage", "engines_available", "read"]
