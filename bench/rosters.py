"""A roster of 100,000 pupils in SIECLE XML: preview beside the bare parse, apply beside the bare bulk insert.

python -m bench.rosters [--json] [--pupils 100000]

Each part in a process of its own, one after the other in the same run, by seconds of CPU; memory is the peak of the
preview's process. Bare parse: every element through a guarded parser and thrown away, once by defusedxml.ElementTree
(what the aim is measured against), once by the C parser of the standard library without any guard. Bare insert: the
rows of the same pupils and enrolments, insert_many by the thousand in one transaction, nothing looked up.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import peewee
from defusedxml import ElementTree as Defused

from tracker.models.database import connected, database, open_database
from tracker.models.migrations import migrate
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.rosters import RosterImport
from tracker.models.schools import School
from tracker.operations import rosters
from tracker.operations.sample.names import FAMILY, GIVEN
from tracker.operations.sample.siecle import pupils_file
from tracker.rules.access import SYSTEM
from tracker.rules.rosters import ImportState, Origin

AIMS = {"preview": 2, "apply": 3, "memory_mb": 300}
UAI, YEAR = "0149901L", 2026
NOW = datetime(YEAR, 10, 5, 9, tzinfo=UTC)
_CLASSES = (("20010019110", "2GT"), ("24731211310", "2PRO"), ("24122146210", "1CAP"), ("20112005110", "1G"))
_AT_ONCE = 1_000
_WHAT_NOBODY_ASKS_FOR = {
    "country": "100", "sex": "1", "nationality": "100", "birth_department": "014", "birth_town": "14118",
    "transport": "0", "provenance": "1", "previous_class": "3A", "previous_initials": "CLG",
    "previous_name": "COLLEGE", "previous_email": "ce.0140001A@example.org", "previous_phone": "0200000000",
    "groups": ("2AGL1",),
}  # fmt: skip
"""Tags that every real export carries: they are read past, and cost both sides."""


def invented(count: int) -> Iterator[dict[str, Any]]:
    """Pupils of one impossible school, the same at every run, with everything that SIECLE says of a pupil."""
    dice = Random(1)
    for number in range(count):
        mef, name = _CLASSES[number % 4]
        yield {
            "roster_id": 700_000 + number, "ine": f"{number:09d}AB", "rnie": f"{number:09d}AB",
            "last_name": dice.choice(FAMILY).upper(),
            "first_name": dice.choice(GIVEN), "birth_date": date(2010, 1 + number % 12, 1 + number % 28),
            "repeats_year": number % 20 == 0, "email": f"p{number}@example.org", "regime": "2", "status": "ST",
            "entered_on": date(YEAR, 9, 1), "mef": mef, "class_name": f"{name}{number % 40}",
            "previous_uai": UAI if name == "1G" else "0140001A", "previous_mef": "10310019110",
            **_WHAT_NOBODY_ASKS_FOR,
        }  # fmt: skip


def bare_parse(file: Path, count: int) -> None:
    """Every element through defusedxml, thrown away at its end."""
    _drain(Defused.iterparse(file, events=("end",), forbid_dtd=True))


def bare_c_parse(file: Path, count: int) -> None:
    """Every element through the standard library's C parser."""
    _drain(ElementTree.iterparse(file, events=("end",)))


def _drain(events: Iterator[tuple[str, Any]]) -> None:
    for _event, element in events:
        element.clear()


def preview(file: Path, count: int) -> None:
    """The whole preview: read, matched, compared, summed up."""
    reading = rosters.read(file, School.get(), UAI, NOW.date(), {})
    kept = rosters.summary(reading)
    assert kept["counts"]["arrivals"] == count


def bare_insert(file: Path, count: int) -> None:
    """The rows that applying writes of pupils and enrolments, and nothing else."""
    people = [_person(pupil) for pupil in invented(count)]
    school = School.get().id
    started = time.process_time()
    with database.atomic():
        for some in peewee.chunked(people, _AT_ONCE):
            Pupil.insert_many(some).execute()
        for some in peewee.chunked(enumerate(invented(count), 1), _AT_ONCE):
            Enrolment.insert_many([_enrolment(pupil, number, school) for number, pupil in some]).execute()
    _inner_cpu.append(time.process_time() - started)


def _person(pupil: dict[str, Any]) -> dict[str, Any]:
    key = f"{pupil['last_name']} {pupil['first_name']}".lower()
    values = {name: pupil[name] for name in ("ine", "last_name", "first_name", "birth_date", "email")}
    keys = {"name_key": key, "first_name_key": key, "slip_code": f"PNP{pupil['roster_id']}"}
    return values | keys | {"created_at": NOW, "deceased": False}


def _enrolment(pupil: dict[str, Any], number: int, school: int) -> dict[str, Any]:
    names = ("mef", "class_name", "regime", "status", "entered_on", "repeats_year", "roster_id")
    values = {name: pupil[name] for name in names} | {"left_on": None, "arrived_mid_course": False, "newcomer": True}
    answer = {"level": "seconde_gt", "eligible": "yes", "eligible_reason": "entry_level", "exit_reason": ""}
    return values | answer | {"pupil": number, "school": school, "school_year": YEAR}


def apply(file: Path, count: int) -> None:
    """Everything that applying does once the file has been read and compared: all rows, numbers, journal."""
    school = School.get()
    reading = rosters.read(file, school, UAI, NOW.date(), {})
    made = RosterImport.create(
        school=school, state=ImportState.READY, origin=Origin.TERMINAL, file_name="bench", digest="0" * 64, size=0,
        uploaded_at=NOW, preview={}, accepted={},
    )  # fmt: skip
    started = time.process_time()
    with database.atomic():
        rosters.write(reading.compared, made, actor=SYSTEM, now=NOW, progress=lambda done, total: None)
    _inner_cpu.append(time.process_time() - started)
    assert Enrolment.select().count() == count


PARTS: dict[str, Callable[[Path, int], None]] = {
    part.__name__: part for part in (bare_parse, bare_c_parse, preview, bare_insert, apply)
}
_inner_cpu: list[float] = []


def _part(name: str, file: Path, count: int) -> dict[str, float]:
    """One part in this process: CPU seconds of the part itself, and the peak of memory."""
    with tempfile.TemporaryDirectory() as folder:
        opened = open_database(f"sqlite:///{folder}/bench.db")
        with connected():
            migrate(opened)
            School.create(uai=UAI, name="Bench", name_key="bench", member_from=date(2021, 9, 1))
            started = time.process_time()
            PARTS[name](file, count)
            spent = _inner_cpu[-1] if _inner_cpu else time.process_time() - started
        opened.close_all()
    return {"cpu_s": round(spent, 2), "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}


def measure(count: int) -> dict[str, Any]:
    """All parts and their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "eleves.xml"
        with file.open("wb") as out:
            out.writelines(pupils_file(UAI, YEAR, NOW, invented(count)))
        parts = {name: _in_a_fresh_process(name, file, count) for name in PARTS}
        size = file.stat().st_size
    ratios = {
        "preview": parts["preview"]["cpu_s"] / parts["bare_parse"]["cpu_s"],
        "preview_to_c_parser": parts["preview"]["cpu_s"] / parts["bare_c_parse"]["cpu_s"],
        "apply": parts["apply"]["cpu_s"] / parts["bare_insert"]["cpu_s"],
    }
    rounded = {name: round(ratio, 2) for name, ratio in ratios.items()}
    return {"pupils": count, "file_mb": round(size / 1e6, 1), "parts": parts, "ratios": rounded, "aims": AIMS}


def _in_a_fresh_process(name: str, file: Path, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.rosters", "--part", name, "--file", str(file), "--pupils", str(count)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _lines(figures: dict[str, Any]) -> str:
    lines = [f"{figures['pupils']} pupils, {figures['file_mb']} MB of XML"]
    lines += [
        f"{name:14}{part['cpu_s']:8.2f} s CPU{part['peak_mb']:10.1f} MB" for name, part in figures["parts"].items()
    ]
    aims = figures["aims"]
    lines += [f"{name:20}{ratio:6.2f}  (aim {aims.get(name, '–')})" for name, ratio in figures["ratios"].items()]
    peak = figures["parts"]["preview"]["peak_mb"]
    return "\n".join([*lines, f"peak of the preview {peak} MB  (aim {aims['memory_mb']})"])


def main() -> None:
    """Print the figures, as lines or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pupils", type=int, default=100_000)
    parser.add_argument("--part", choices=[*PARTS])
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(_part(options.part, options.file, options.pupils)))
        return
    figures = measure(options.pupils)
    print(json.dumps(figures, indent=2) if options.json else _lines(figures))


if __name__ == "__main__":
    main()
