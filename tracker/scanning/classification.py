"""What a code is: ordered rules per maker and kind, with check digits; the first match wins."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

from tracker.scanning.label_checks import CHECKS
from tracker.scanning.patterns import compiled, fault_in
from tracker.scanning.symbols import Symbol, Symbology

DEFAULT_RULES = Path(__file__).with_name("label_rules.toml")
LONGEST_TEXT = 200
"""A longer text is no code of a label: it is unknown, and no pattern is tried on it."""

SHORTEST_CODE_39 = 4
_AIM_PREFIX = re.compile(r"\][A-Za-z][0-9A-Za-z]")


class CodeKind(StrEnum):
    """What a code names."""

    SERIAL = "serial"
    DEVICE_TAG = "device_tag"
    PUPIL_SLIP = "pupil_slip"
    AGREEMENT_PAGE = "agreement_page"
    STOCKTAKE = "stocktake"
    BATCH = "batch"
    PARCEL = "parcel"
    IMEI = "imei"
    IMEISV = "imeisv"
    ICCID = "iccid"
    MAC = "mac"
    ARTICLE = "article"
    PART = "part"
    PRODUCT = "product"
    SERVICE_CODE = "service_code"
    WIFI = "wifi"
    UNKNOWN = "unknown"


class RuleInvalid(ValueError):
    """An edited rule cannot serve; `field` names what is wrong, `reason` says why in one stable word."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class LabelRule:
    """One rule: a text that matches the whole `pattern` (group `value`) and passes `check` is of this kind."""

    name: str
    kind: CodeKind
    pattern: str
    maker: str = ""
    check: str = ""
    symbologies: tuple[Symbology, ...] = ()

    @classmethod
    def checked(
        cls,
        name: str,
        kind: str,
        pattern: str,
        maker: str = "",
        check: str = "",
        symbologies: Iterable[str] = (),
    ) -> Self:
        """The rule that a person wrote; raises RuleInvalid with the field that is wrong."""
        if not name.strip():
            raise RuleInvalid("name", "empty")
        if kind not in set(CodeKind):
            raise RuleInvalid("kind", "unknown")
        if fault := fault_in(pattern):
            raise RuleInvalid("pattern", fault)
        if check and check not in CHECKS:
            raise RuleInvalid("check", "unknown")
        if unknown := set(symbologies) - set(Symbology):
            raise RuleInvalid("symbologies", f"unknown {', '.join(sorted(unknown))}")
        return cls(name.strip(), CodeKind(kind), pattern, maker.strip(), check, tuple(map(Symbology, symbologies)))

    def value_in(self, text: str, symbology: Symbology | None) -> str | None:
        """The value that this rule finds in `text`, in its canonical spelling; None when it does not apply."""
        if self.symbologies and symbology not in self.symbologies:
            return None
        match = compiled(self.pattern).fullmatch(text)
        if not match:
            return None
        return self._checked_value(match) if self.check else match["value"]

    def _checked_value(self, match: re.Match[str]) -> str | None:
        """The matched value, if the check digit is right: that of the group `checked` where there is one."""
        check = CHECKS[self.check]
        if "checked" in match.re.groupindex:
            return match["value"] if check(match["checked"]) else None
        return check(match["value"])


@dataclass(frozen=True)
class Classified:
    """One code with what it is; `raw` is the text as read, empty for what must never be kept."""

    kind: CodeKind
    value: str
    maker: str
    rule_name: str
    raw: str


def load_rules(path: Path = DEFAULT_RULES) -> tuple[LabelRule, ...]:
    """The rules of a TOML file in their order; raises RuleInvalid for one that cannot serve."""
    with path.open("rb") as file:
        return tuple(LabelRule.checked(**row) for row in tomllib.load(file)["rule"])


@cache
def default_rules() -> tuple[LabelRule, ...]:
    """The rules that the program comes with, read once."""
    return load_rules()


def classify(
    symbol_or_text: Symbol | str, symbology: Symbology | None = None, rules: Sequence[LabelRule] | None = None
) -> Classified:
    """What a symbol, or a text from a keyboard or a form, is taken for.

    A Code 39 of fewer than four characters, a text over LONGEST_TEXT and one that no rule knows are unknown.
    """
    if isinstance(symbol_or_text, Symbol):
        return classify(symbol_or_text.text, symbol_or_text.symbology, rules)
    raw, text = symbol_or_text, _bare(symbol_or_text)
    if not _may_be_code(text, symbology):
        return Classified(CodeKind.UNKNOWN, "", "", "", raw if len(raw) <= LONGEST_TEXT else "")
    for rule in default_rules() if rules is None else rules:
        value = rule.value_in(text, symbology)
        if value is not None:
            return _classified(rule, value, raw)
    return Classified(CodeKind.UNKNOWN, text, "", "", raw)


def _bare(text: str) -> str:
    """The text without white space at its ends, AIM identifier (]C1) and leading FNC1."""
    text = text.strip(" \t\r\n")
    if _AIM_PREFIX.match(text):
        text = text[3:]
    return text.lstrip("\x1d")


def _may_be_code(text: str, symbology: Symbology | None) -> bool:
    """Whether a text is worth a look: neither empty nor endless, nor a Code 39 that noise can make."""
    shortest = SHORTEST_CODE_39 if symbology is Symbology.CODE_39 else 1
    return shortest <= len(text) <= LONGEST_TEXT


def _classified(rule: LabelRule, value: str, raw: str) -> Classified:
    """The code under its rule; a network's name or key is dropped here, before anybody can keep it."""
    if rule.kind is CodeKind.WIFI:
        value = raw = ""
    return Classified(rule.kind, value, rule.maker, rule.name, raw)
