"""Which code in view is taken: never a guess between two."""

import pytest

from tracker.scanning import Classified, CodeKind, Outcome, choose, classify

SERIALS = {CodeKind.SERIAL}
CARTON = ["4006381333931", "20X2S01U00", "001EC947D49B", "11S5B20W12345Z1ABC", "Q10"]


def _seen(*texts: str) -> list[Classified]:
    return [classify(text) for text in texts]


def test_the_one_serial_of_a_carton_is_taken() -> None:
    choice = choose(_seen(*CARTON, "PF3A7K2M"), SERIALS)

    assert choice.outcome is Outcome.TAKEN
    assert choice.taken.value == "PF3A7K2M"


def test_the_same_serial_twice_is_one_candidate() -> None:
    assert choose(_seen("PF3A7K2M", "SPF3A7K2M", "1S20X2S01U00PF3A7K2M"), SERIALS).taken.value == "PF3A7K2M"


def test_two_serials_are_asked_about() -> None:
    choice = choose(_seen("PF3A7K2M", "PF3A7K2N"), SERIALS)

    assert (choice.outcome, choice.taken) == (Outcome.ASK, None)
    assert [code.value for code in choice.candidates] == ["PF3A7K2M", "PF3A7K2N"]


def test_a_device_on_record_settles_between_two() -> None:
    assert choose(_seen("PF3A7K2M", "PF3A7K2N"), SERIALS, {"PF3A7K2N"}.__contains__).taken.value == "PF3A7K2N"


@pytest.mark.parametrize("on_record", [set(), {"PF3A7K2M", "PF3A7K2N"}])
def test_none_or_both_on_record_settle_nothing(on_record: set[str]) -> None:
    assert choose(_seen("PF3A7K2M", "PF3A7K2N"), SERIALS, on_record.__contains__).outcome is Outcome.ASK


@pytest.mark.parametrize(("other", "outcome"), [(1, Outcome.TAKEN), (2, Outcome.ASK)])
def test_tag_and_serial_of_one_device_are_one_thing(other: int, outcome: Outcome) -> None:
    devices = {"PF3A7K2M": 1, "490154203237518": other}

    assert choose(_seen(*devices), {CodeKind.SERIAL, CodeKind.IMEI}, devices.get).outcome is outcome


@pytest.mark.parametrize("texts", [("7XK2QZ2", "17266580750"), ("17266580750", "7XK2QZ2")])
def test_a_dell_tag_and_its_express_code_are_one_candidate(texts: tuple[str, str]) -> None:
    assert choose(_seen(*texts), SERIALS).taken.value == "7XK2QZ2"


def test_an_express_code_alone_stands_for_its_tag_only_on_record() -> None:
    code = _seen("17266580750")

    assert choose(code, SERIALS).outcome is Outcome.WRONG
    assert choose(code, SERIALS, {"7XK2QZ2"}.__contains__).taken.value == "7XK2QZ2"


def test_what_was_seen_instead_is_said_the_most_telling_first() -> None:
    choice = choose(_seen("HELLO", "001EC947D49B", "4006381333931"), SERIALS)

    assert choice.outcome is Outcome.WRONG
    assert [code.kind for code in choice.seen] == [CodeKind.ARTICLE, CodeKind.MAC, CodeKind.UNKNOWN]


def test_a_pupil_slip_where_a_device_is_expected_is_named() -> None:
    slip = Classified(CodeKind.PUPIL_SLIP, "PNPBCDFGHJKL", "", "Pupil slip", "PNPBCDFGHJKL")

    assert choose([*_seen("4006381333931"), slip], SERIALS).seen[0] == slip


def test_nothing_in_view_is_nothing() -> None:
    assert choose([], SERIALS).outcome is Outcome.NOTHING
