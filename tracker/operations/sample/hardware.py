"""Invented laptops and hotspots of real makers: serials of their forms, IMEI and ICCID with right check digits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

from stdnum import ean, luhn

from tracker.rules.custody import DeviceKind

_ALNUM = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NO_VOWELS = "0123456789BCDFGHJKLMNPQRSTVWXYZ"


def _drawn(dice: Random, letters: str, count: int) -> str:
    return "".join(dice.choices(letters, k=count))


def _lenovo(dice: Random) -> str:
    return f"PF{dice.randrange(10)}{_drawn(dice, _ALNUM, 5)}"


def _hp(dice: Random) -> str:
    return f"5CD{dice.randrange(2, 7)}{dice.randrange(1, 53):02d}{_drawn(dice, _NO_VOWELS, 4)}"


def _acer(dice: Random) -> str:
    return f"NXVNZEF00{dice.randrange(1, 9)}{dice.randrange(200, 653)}{dice.randrange(16**5):05X}7600"


def _asus(dice: Random) -> str:
    return f"{dice.choice('MNPR')}{dice.randrange(1, 10)}N0CX{dice.randrange(10, 24)}A{dice.randrange(10**6):06d}"


def _dell(dice: Random) -> str:
    return f"{dice.choice('123456789BCDFGHJ')}{_drawn(dice, _NO_VOWELS, 4)}{dice.choice('BCDFGHJ')}3"


def _huawei(dice: Random) -> str:
    return f"K5KBB{dice.randrange(21, 27)}{dice.randrange(10, 53)}{dice.randrange(10**6):06d}"


def _zte(dice: Random) -> str:
    return f"ZTE32{dice.randrange(10)}2{_drawn(dice, '0123456789', 8)}"


def _tp_link(dice: Random) -> str:
    return f"TPL22{dice.randrange(10)}1{_drawn(dice, '0123456789', 6)}"


@dataclass(frozen=True)
class SampleModel:
    """A model, how many of it are invented, and how its maker writes serials. `tac`: first digits of its IMEI."""

    maker: str
    name: str
    part_number: str
    article: str
    count: int
    serial: Callable[[Random], str]
    tac: str = ""

    @property
    def kind(self) -> DeviceKind:
        """A model with an IMEI is a hotspot."""
        return DeviceKind.HOTSPOT if self.tac else DeviceKind.LAPTOP


def _article(number: int) -> str:
    # 20…29 are the prefixes that a company gives for its own use: no real article bears these numbers.
    digits = f"29{number:010d}"
    return digits + ean.calc_check_digit(digits)


MODELS = (
    SampleModel("Lenovo", "300w Yoga Gen 4", "82VM0001FR", _article(1), 900, _lenovo),
    SampleModel("HP", "ProBook Fortis 14 G10", "6B8T2EA#ABF", _article(2), 700, _hp),
    SampleModel("Acer", "TravelMate B3 11", "NX.VNZEF.001", _article(3), 250, _acer),
    SampleModel("ASUS", "BR1104", "90NX0721-M01AB0", _article(4), 200, _asus),
    SampleModel("Dell", "Latitude 3140", "7HGN1", _article(5), 450, _dell),
    SampleModel("Huawei", "E5577-320", "51071TFY", _article(6), 60, _huawei, "86073304"),
    SampleModel("ZTE", "MF920U", "MF920U-FR", _article(7), 35, _zte, "86185504"),
    SampleModel("TP-Link", "M7200", "M7200-V4", _article(8), 25, _tp_link, "86433204"),
)


@dataclass(frozen=True)
class Piece:
    """One invented device."""

    model: SampleModel
    serial: str
    imei: str | None = None
    iccid: str | None = None


def pieces(dice: Random) -> Iterator[Piece]:
    """Every device of the sample data, model by model, no serial, IMEI or ICCID twice."""
    taken: set[str] = set()
    for model in MODELS:
        for _ in range(model.count):
            yield _piece(model, dice, taken)


def _piece(model: SampleModel, dice: Random, taken: set[str]) -> Piece:
    serial = _new(model.serial, dice, taken)
    if model.kind is DeviceKind.LAPTOP:
        return Piece(model, serial)
    return Piece(model, serial, _new(partial(_imei, model.tac), dice, taken), _new(_iccid, dice, taken))


def _new(make: Callable[[Random], str], dice: Random, taken: set[str]) -> str:
    while (text := make(dice)) in taken:
        pass
    taken.add(text)
    return text


def _imei(tac: str, dice: Random) -> str:
    return _checked(f"{tac}{dice.randrange(10**6):06d}")


def _iccid(dice: Random) -> str:
    return _checked(f"893301{dice.randrange(10**12):012d}")


def _checked(digits: str) -> str:
    return digits + luhn.calc_check_digit(digits)
