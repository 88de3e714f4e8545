"""What each code on a label is taken for, with its check digits, and which edited rules are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.scanning import (
    CodeKind,
    LabelRule,
    RuleInvalid,
    Symbol,
    Symbology,
    classify,
    default_rules,
    load_rules,
)

SSCC = "376104250021234569"
LABELS = [
    ("PF3A7K2M", "serial", "PF3A7K2M", "Lenovo"),
    ("R90X1Y2Z", "serial", "R90X1Y2Z", "Lenovo"),
    ("S4ABCDE1", "serial", "S4ABCDE1", "Lenovo"),
    ("R90ABC1", "serial", "R90ABC1", "Lenovo"),
    ("SPF3A7K2M", "serial", "PF3A7K2M", "Lenovo"),
    ("SS4ABCDE1", "serial", "S4ABCDE1", "Lenovo"),
    ("1S20X2S01U00PF3A7K2M", "serial", "PF3A7K2M", "Lenovo"),
    ("1S82KB00QRFRPF3A7K2M", "serial", "PF3A7K2M", "Lenovo"),
    ("20X2S01U00", "product", "20X2S01U00", "Lenovo"),
    ("21AHCTO1WW", "product", "21AHCTO1WW", "Lenovo"),
    ("82KB00QRFR", "product", "82KB00QRFR", "Lenovo"),
    ("5CG0123BCD", "serial", "5CG0123BCD", "HP"),
    ("S5CG0123BCD", "serial", "5CG0123BCD", "HP"),
    ("CND2451XYZ", "serial", "CND2451XYZ", "HP"),
    ("2X7L1EA#ABF", "product", "2X7L1EA#ABF", "HP"),
    ("2X7L1EA", "product", "2X7L1EA", "HP"),
    ("7XK2QZ2", "serial", "7XK2QZ2", "Dell"),
    ("1PQR5S2", "serial", "1PQR5S2", "Dell"),
    ("17266580750", "service_code", "7XK2QZ2", "Dell"),
    ("NXHVGEF00123456789AB12", "serial", "NXHVGEF00123456789AB12", "Acer"),
    ("98765432109", "service_code", "98765432109", "Acer"),
    ("123456789012", "service_code", "123456789012", "Acer"),
    ("M3N0CV12345678A", "serial", "M3N0CV12345678A", "ASUS"),
    ("L9NRCX0123", "serial", "L9NRCX0123", "ASUS"),
    ("11S5B20W12345Z1ABC", "part", "5B20W12345Z1ABC", ""),
    ("8SSB20W12345Z1ABC", "part", "SB20W12345Z1ABC", ""),
    ("490154203237518", "imei", "490154203237518", ""),
    ("IMEI: 490154203237518", "imei", "490154203237518", ""),
    ("8002490154203237518", "imei", "490154203237518", ""),
    ("4901542032375189", "imeisv", "4901542032375189", ""),
    ("8933150319123456788", "iccid", "8933150319123456788", ""),
    ("89331503191234567891", "iccid", "89331503191234567891", ""),
    ("8944110068012345679", "iccid", "8944110068012345679", ""),
    ("43S8933150319123456788", "iccid", "8933150319123456788", ""),
    ("001EC947D49B", "mac", "001EC947D49B", ""),
    ("00:1e:c9:47:d4:9b", "mac", "001EC947D49B", ""),
    ("001e.c947.d49b", "mac", "001EC947D49B", ""),
    ("23S001EC947D49B", "mac", "001EC947D49B", ""),
    ("1P2X7L1EA#ABF", "article", "2X7L1EA#ABF", ""),
    ("1P20X2S01U00", "article", "20X2S01U00", ""),
    ("Q10", "unknown", "10", ""),
    ("4006381333931", "article", "4006381333931", ""),
    (f"00{SSCC}", "parcel", SSCC, ""),
    (f"(00){SSCC}", "parcel", SSCC, ""),
    ("0109501101530003", "article", "09501101530003", ""),
    ("010950110153000321ABC12", "serial", "ABC12", ""),
    ("010950110153000321ABC12\x1d10XY", "serial", "ABC12", ""),
    ("010950110153000310LOT7\x1d21ABC12", "serial", "ABC12", ""),
    ("0109501101530003172512312\x31ABC12", "serial", "ABC12", ""),
    ("\x1d010950110153000321ABC12", "serial", "ABC12", ""),
    ("]C1010950110153000321ABC12", "serial", "ABC12", ""),
]
WRONG_CHECK_DIGITS = [
    "490154203237519",
    "8002490154203237519",
    "8933150319123456784",
    "43S8933150319123456784",
    "4006381333932",
    "00376104250021234568",
    "010950110153000421ABC12",
    "0109501101530004",
]
NETWORKS = [
    "WIFI:S:Airbox-1A2B;T:WPA;P:s3cretKey;;",
    "wifi:T:WPA;S:x;P:y;;",
    "SSID: Airbox-1A2B",
    "WPA Key: s3cretKey",
    "Key=s3cretKey",
    "Clé : s3cretKey",
    "Airbox-1A2B",
    "HUAWEI_B535_9F3C",
]


@pytest.mark.parametrize(("text", "kind", "value", "maker"), LABELS, ids=[row[0] for row in LABELS])
def test_each_form_on_a_label_is_known(text: str, kind: str, value: str, maker: str) -> None:
    code = classify(text)

    assert (code.kind, code.value, code.maker, code.raw) == (kind, value, maker, text)


@pytest.mark.parametrize("text", WRONG_CHECK_DIGITS)
def test_a_wrong_check_digit_is_not_believed(text: str) -> None:
    assert classify(text).kind is CodeKind.UNKNOWN


@pytest.mark.parametrize("text", NETWORKS)
def test_a_network_and_its_key_are_never_kept(text: str) -> None:
    code = classify(text)

    assert code.kind is CodeKind.WIFI
    assert (code.value, code.raw) == ("", "")


@pytest.mark.parametrize("text", ["HELLO", "HA112", "http://example.org/", "T-SHIRT", "", "   ", "QUAGGAJS", "12345"])
def test_what_no_rule_knows_is_unknown_and_keeps_its_raw_text(text: str) -> None:
    code = classify(text)

    assert (code.kind, code.rule_name, code.raw) == (CodeKind.UNKNOWN, "", text)


@pytest.mark.parametrize("text", ["PF3A7K2M" * 26, "1" * 201, "WIFI:S:" + "x" * 300])
def test_a_text_that_is_too_long_is_unknown_and_not_kept(text: str) -> None:
    assert (classify(text).kind, classify(text).raw) == (CodeKind.UNKNOWN, "")


@pytest.mark.parametrize(
    ("text", "symbology"),
    [("4006381333931", "ean_13"), ("036000291452", "upc_a"), ("96385074", "ean_8")],
)
def test_an_article_number_is_told_by_its_symbology(text: str, symbology: str) -> None:
    assert classify(text, Symbology(symbology)).kind is CodeKind.ARTICLE


def test_a_symbol_brings_its_own_symbology() -> None:
    symbol = Symbol("036000291452", Symbology.UPC_A, ((0, 0), (1, 0), (1, 1), (0, 1)), "zbar", 2)

    assert classify(symbol).kind is CodeKind.ARTICLE


def test_a_code_39_that_noise_can_make_is_unknown() -> None:
    rules = (LabelRule.checked("anything", "serial", r"(?P<value>.+)"),)

    assert classify("ABC", Symbology.CODE_39, rules).kind is CodeKind.UNKNOWN
    assert classify("ABC", Symbology.CODE_128, rules).kind is CodeKind.SERIAL


@given(st.sampled_from(OwnKind), st.integers(0, BODIES - 1))
def test_our_own_codes_are_known_by_their_prefix(kind: OwnKind, number: int) -> None:
    text = own_code(kind, number)

    code = classify(text)

    assert code.kind is CodeKind[kind.name]
    assert code.value == text


@given(st.integers(36**6, 36**7 - 1))
def test_an_express_service_code_is_its_tag_in_decimal(number: int) -> None:
    assert int(classify(str(number)).value, 36) == number


@pytest.mark.parametrize("number", [36**6 - 1, 36**7])
def test_a_number_that_spells_no_tag_is_no_express_service_code(number: int) -> None:
    assert classify(str(number)).maker != "Dell"


@given(st.text(max_size=210))
def test_no_text_whatever_breaks_the_classification(text: str) -> None:
    assert classify(text).kind in set(CodeKind)


def test_the_first_rule_that_matches_wins() -> None:
    one = LabelRule.checked("one", "part", r"(?P<value>A\d+)")
    two = LabelRule.checked("two", "serial", r"(?P<value>A1.*)")

    assert [classify("A12", None, rules).rule_name for rules in ((one, two), (two, one))] == ["one", "two"]


def test_without_rules_everything_is_unknown() -> None:
    assert classify("PF3A7K2M", None, ()).kind is CodeKind.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "laptop"}, "kind"),
        ({"pattern": "(?P<value>["}, "pattern"),
        ({"pattern": r"\d+"}, "pattern"),
        ({"pattern": "(?P<value>" + "a" * 500 + ")"}, "pattern"),
        ({"pattern": "(?P<value>(a+)+)b"}, "pattern"),
        ({"pattern": "(?P<value>(a|a)*)b"}, "pattern"),
        ({"pattern": "(?P<value>([0-9]{1,20}){1,20})b"}, "pattern"),
        ({"pattern": "(?P<value>.*.*.*)b"}, "pattern"),
        ({"pattern": "(?P<value>(?:(?:x*)?y?)*)b"}, "pattern"),
        ({"check": "sum"}, "check"),
        ({"symbologies": ["codabar"]}, "symbologies"),
    ],
)
def test_an_edited_rule_that_cannot_serve_is_refused_with_its_field(changes: dict, field: str) -> None:
    row = {"name": "mine", "kind": "serial", "pattern": r"(?P<value>\d+)"} | changes

    with pytest.raises(RuleInvalid) as refusal:
        LabelRule.checked(**row)

    assert refusal.value.field == field


def test_an_edited_rule_may_check_another_group_than_its_value() -> None:
    rule = LabelRule.checked("mine", "serial", r"(?P<checked>\d{13})-(?P<value>\w+)", check="ean")

    assert rule.value_in("4006381333931-A7", None) == "A7"
    assert rule.value_in("4006381333930-A7", None) is None


def test_the_rules_that_come_with_the_program_all_pass_as_edited_rules() -> None:
    assert load_rules() == default_rules()
    assert len({rule.name for rule in default_rules()}) == len(default_rules())
