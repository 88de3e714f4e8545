"""What a scan names: the device, the pupil, or several of them that a person must choose from."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.models.devices import Device
from tracker.models.pupils import Enrolment, Pupil
from tracker.queries.code_rules import rules_in_force
from tracker.queries.devices import bears
from tracker.queries.prefix import starts_with
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.names import search_key
from tracker.rules.refusals import Refused
from tracker.rules.sscc import parse_sscc
from tracker.scanning.choice import Choice, choose
from tracker.scanning.classification import Classified, CodeKind, LabelRule, classify
from tracker.scanning.keyboard import understood
from tracker.scanning.symbols import Symbology

DEVICE_KINDS = frozenset({CodeKind.SERIAL, CodeKind.DEVICE_TAG, CodeKind.IMEI, CodeKind.ICCID})
MOST_SUGGESTIONS = 8


@dataclass(frozen=True)
class ScannedText:
    """One text that came from a scan; `symbology` where a camera read it, `physical` where keys were pressed.

    `physical` is the same text by the places of the keys on a US keyboard.
    """

    text: str
    symbology: Symbology | None = None
    physical: str = ""


@dataclass(frozen=True)
class Named:
    """What a scan names. `devices`, `pupil_ids`: one each when it is clear, more when a person must choose."""

    devices: tuple[Device, ...] = ()
    pupil_ids: tuple[int, ...] = ()
    scanned: str = ""
    refused: Refused | None = None


@dataclass(frozen=True)
class Place:
    """Where names are looked for: the pupils of one school in one year, of one class where that is chosen."""

    school_id: int
    school_year: int
    class_name: str = ""


def classified(texts: Iterable[ScannedText], rules: Sequence[LabelRule]) -> list[Classified]:
    """Every code of a view with what it is; keyed texts in each reading that makes sense."""
    found: list[Classified] = []
    for scanned in texts:
        if scanned.symbology:
            found.append(classify(scanned.text, scanned.symbology, rules))
            continue
        found.extend(understood(scanned.text, rules))
        if scanned.physical and scanned.physical != scanned.text:
            found.extend(code for code in understood(scanned.physical, rules) if code.rule_name)
    return found


def named(texts: Sequence[ScannedText], place: Place, scope: Scope) -> Named:
    """What the texts of one view name at this place. At most four queries, whatever is in view."""
    codes = classified(texts, rules_in_force())
    devices, slips = _devices(codes), _slips(codes, scope)
    device, pupil = _choice(codes, DEVICE_KINDS, devices), _choice(codes, {CodeKind.PUPIL_SLIP}, slips)
    taken = tuple(
        dict.fromkeys(devices[code.value.upper()] for code in device.candidates if code.value.upper() in devices)
    )
    pupil_ids = tuple(dict.fromkeys(slips[code.value] for code in pupil.candidates if code.value in slips))
    scanned = next((code.raw for code in (*device.candidates, *pupil.candidates) if code.raw), "")
    if taken or pupil_ids:
        return Named(taken, pupil_ids, scanned)
    return _by_name(texts, place, scope) or Named(refused=_unknown(codes, texts))


def devices_named(texts: Sequence[ScannedText]) -> Named:
    """The devices that the texts of one view name, where only devices are looked for. At most two queries.

    Refused device_unknown or not_understood: `text` is a code that no device bears.
    """
    codes = classified(texts, rules_in_force())
    devices = _devices(codes)
    found = _choice(codes, DEVICE_KINDS, devices).candidates
    taken = tuple(dict.fromkeys(devices[code.value.upper()] for code in found if code.value.upper() in devices))
    if taken:
        return Named(taken, scanned=next((code.raw for code in found if code.raw), ""))
    return Named(refused=about_devices(_unknown(codes, texts)))


def about_devices(refused: Refused) -> Refused:
    """The same refusal where no pupil is scanned: of a parcel’s label it asks for devices alone."""
    return Refused("saw_parcel_no_device", **refused.facts) if refused.code == "saw_parcel" else refused


def _choice(codes: list[Classified], kinds: Iterable[CodeKind], known: dict) -> Choice:
    """Codes of these kinds, and any whose whole text is on record: a maker without a rule is known by its serials."""
    expected = [code for code in codes if code.kind in set(kinds) or code.value.upper() in known]
    return choose(expected, {code.kind for code in expected}, lambda value: known.get(value.upper()))


def _devices(codes: list[Classified]) -> dict[str, Device]:
    """The devices on record under any of these values. One query."""
    values = {code.value.upper() for code in codes if code.value}
    if not values:
        return {}
    found: dict[str, Device] = {}
    for device in Device.select().where(bears(values)):
        found |= {value: device for value in (device.serial, device.tag, device.imei, device.iccid) if value in values}
    return found


def _slips(codes: list[Classified], scope: Scope) -> dict[str, int]:
    """The pupils whose slips these are, within the schools of the person who asks. One query."""
    values = {code.value for code in codes if code.kind is CodeKind.PUPIL_SLIP}
    if not values:
        return {}
    rows = Pupil.select(Pupil.id, Pupil.slip_code).join(Enrolment)
    return {row.slip_code: row.id for row in rows.where(Pupil.slip_code.in_(values), within(scope, Enrolment.school))}


def _by_name(texts: Sequence[ScannedText], place: Place, scope: Scope) -> Named | None:
    """A typed text that no code explains is a pupil's name."""
    typed = texts[0].text if len(texts) == 1 and not texts[0].symbology else ""
    found = tuple(pupil.id for pupil in pupils_named(typed, place, scope))
    return Named(pupil_ids=found, scanned=typed) if found else None


def pupils_named(text: str, place: Place, scope: Scope) -> list[Pupil]:
    """Suggestions for a name typed in either order, at this place, with `.class_name`: MOST_SUGGESTIONS at most."""
    key = search_key(text)
    if len(key) < 2:
        return []
    query = (
        Pupil.select(Pupil, Enrolment.class_name)
        .join(Enrolment)
        .where(
            Enrolment.school == place.school_id,
            Enrolment.school_year == place.school_year,
            within(scope, Enrolment.school),
            starts_with(Pupil.name_key, key) | starts_with(Pupil.first_name_key, key),
        )
    )
    if place.class_name:
        query = query.where(Enrolment.class_name == place.class_name)
    return list(query.order_by(Pupil.name_key, Pupil.id).limit(MOST_SUGGESTIONS).objects())


_PLAIN = re.compile(r"[0-9A-Za-z ./+:_-]*")


def _likely(scanned: ScannedText) -> str:
    """What a keyboard scanner meant: a layout that does not fit turns the digits of a code into &é"'."""
    text, physical = scanned.text.strip(), scanned.physical.strip()
    is_garbled = physical and not _PLAIN.fullmatch(text) and _PLAIN.fullmatch(physical)
    return physical if is_garbled else text


_EXPLAINED = frozenset(
    {CodeKind.PART, CodeKind.ARTICLE, CodeKind.PRODUCT, CodeKind.SERVICE_CODE, CodeKind.MAC, CodeKind.IMEISV}
    | {CodeKind.WIFI, CodeKind.PARCEL, CodeKind.AGREEMENT_PAGE, CodeKind.STOCKTAKE, CodeKind.BATCH}
)


def _unknown(codes: list[Classified], texts: Sequence[ScannedText]) -> Refused:
    """What was seen instead, in the one sentence that helps most."""
    for code in codes:
        if code.kind in DEVICE_KINDS:
            return Refused("device_unknown", text=code.value)
        if code.kind is CodeKind.PUPIL_SLIP:
            return Refused("pupil_unknown", text=code.value)
    explained = choose(codes, ()).seen
    if explained and explained[0].kind in _EXPLAINED:
        return Refused(f"saw_{explained[0].kind}", text=explained[0].value)
    parcel = next((number for code in codes if (number := parse_sscc(code.value))), None)
    if parcel:  # typed without its (00), as its label has it
        return Refused("saw_parcel", text=parcel)
    shown = _likely(texts[0])[:60] if texts else ""
    return Refused("not_understood", text=shown) if shown else Refused("nothing_read")
