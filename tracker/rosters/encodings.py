"""Bytes of a file as text: the declared encoding, what the bytes themselves say, and what had to be assumed."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator

from tracker.rosters.findings import Findings

LATIN_9 = "iso8859-15"
WINDOWS = "cp1252"
MAC = "mac-roman"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(r"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:\-]{1,40})["']""")
# Only plain character sets: Python also calls zip, idna or punycode an encoding.
_CHARACTER_SETS = re.compile(r"utf-8|utf-16(-[lb]e)?|utf-32(-[lb]e)?|ascii|iso8859-\d+|cp125\d|cp850|cp437|mac-roman")
_ASCII = bytes(range(128))
_LETTERS = frozenset("àâäçéèêëîïôöùûüÿæœñáíóúãõåøìòÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸÆŒÑÁÍÓÚÃÕÅØÌÒŠšŽž’«»°–—…€\u00a0\ufeff")
_RARE = frozenset("åøìòÅØÌÒãõÃÕžŽšŠ")


def declared_encoding(head: bytes) -> str:
    """What an XML declaration calls its encoding; empty when it says nothing."""
    wide = _wide_encoding(head)
    text = head[:400].decode(wide or "latin-1", "replace").lstrip("\ufeff").removeprefix("ï»¿")
    found = _DECLARED.match(text)
    return found[1] if found else ""


def decoded(chunks: Iterator[bytes], findings: Findings, *, declared: str = "", usual: str = WINDOWS) -> Iterator[str]:
    """The text of `chunks`, piece by piece, without a byte order mark.

    A mark goes before the declaration, valid UTF-8 before a declared alphabet of single bytes, and a declared alphabet
    before a guess; `usual` is preferred among guesses. What had to be assumed becomes a finding.
    """
    head = next(chunks, b"")
    decoder, skipped = _certain(head, declared, findings)
    if decoder is None:
        yield from _told_apart(head, chunks, findings, declared=declared, usual=usual)
        return
    yield from _strictly(decoder, head[skipped:], chunks, findings)


def guessed(data: bytes, usual: str = WINDOWS) -> str:
    """The likeliest encoding of a text: UTF-8 when it is valid, else the alphabet that gives French letters."""
    if _is_utf8(data):
        return "utf-8"
    counted = Counter(data.translate(None, _ASCII))
    candidates = [usual, *(name for name in (WINDOWS, LATIN_9, MAC) if name != usual)]
    return max(candidates, key=lambda name: _plausibility(counted, name))


def _plausibility(counted: Counter[int], encoding: str) -> float:
    return sum(times * _worth(bytes([byte]).decode(encoding, "replace")) for byte, times in counted.items())


def _worth(letter: str) -> float:
    if letter in _RARE:
        return 0.2
    return 1.0 if letter in _LETTERS else -3.0


def _certain(head: bytes, declared: str, findings: Findings) -> tuple[codecs.IncrementalDecoder | None, int]:
    """The decoder where the first bytes leave no doubt, and how many of them are the mark."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            if declared and _character_set(declared)[:6] != name[:6]:
                findings.inform("encoding_mark", 1, found=name, expected=declared)
            return codecs.getincrementaldecoder(name)("strict"), len(mark)
    wide = _wide_encoding(head)
    return (codecs.getincrementaldecoder(wide)("strict"), 0) if wide else (None, 0)


def _wide_encoding(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF16_LE) or (len(head) > 3 and head[0] and head[2] and not head[1] and not head[3]):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE) or (len(head) > 3 and head[1] and head[3] and not head[0] and not head[2]):
        return "utf-16-be"
    return ""


def _character_set(name: str) -> str:
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return ""
    return known if _CHARACTER_SETS.fullmatch(known) else ""


def _told_apart(
    head: bytes, chunks: Iterator[bytes], findings: Findings, *, declared: str, usual: str
) -> Iterator[str]:
    """ASCII reads the same in all these alphabets: the choice is made at the first piece that holds more."""
    piece = head
    while piece and piece.isascii():
        yield piece.decode("ascii")
        piece = next(chunks, b"")
    if declared and not _character_set(declared):
        findings.warn("encoding_unknown", 1, found=declared, expected=guessed(piece, usual))
    if not piece:
        return
    piece += next(chunks, b"")
    name = _choice(piece, declared, usual, findings)
    yield from _strictly(codecs.getincrementaldecoder(name)("strict"), piece, chunks, findings)


def _choice(piece: bytes, declared: str, usual: str, findings: Findings) -> str:
    stated = _character_set(declared)
    found = guessed(piece, stated if stated in (LATIN_9, WINDOWS, MAC) else usual)
    if found == "utf-8" or stated in ("", "utf-8", "ascii") or stated.startswith("utf-"):
        _say(stated, found, declared, findings)
        return found
    if any(0x80 <= byte < 0xA0 for byte in piece) and stated.startswith("iso8859"):
        found = guessed(piece, WINDOWS)
        _say(stated, found, declared, findings)
        return found
    return stated


def _say(stated: str, found: str, declared: str, findings: Findings) -> None:
    if stated and stated != found:
        findings.warn("encoding_lies", 1, found=found, expected=declared)
    elif not stated and not declared and found != "utf-8":
        findings.inform("encoding_assumed", 1, found=found)


def _strictly(
    decoder: codecs.IncrementalDecoder, head: bytes, chunks: Iterator[bytes], findings: Findings
) -> Iterator[str]:
    """The rest of the text; bytes that the encoding does not know are read as Windows letters, with a warning."""
    said = False
    piece = head
    while True:
        more = next(chunks, b"")
        try:
            text = decoder.decode(piece, not more)
        except UnicodeDecodeError:
            if not said:
                findings.warn("encoding_mixed", None)
            said = True
            decoder.errors = "tracker.windows"
            text = decoder.decode(piece, not more)
        yield text
        if not more:
            return
        piece = more


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    if error.encoding.startswith("utf-8"):
        return wrong.decode(WINDOWS, "replace"), error.end
    return "\ufffd", error.end


def _is_utf8(data: bytes) -> bool:
    """Whether these bytes are UTF-8, a letter cut at the end allowed."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(data)
    except UnicodeDecodeError:
        return False
    return True


codecs.register_error("tracker.windows", _as_windows)
