"""How many codes are read and at what cost, next to pyzbar and zxing-cpp by themselves.

python -m bench.decode [--json] [FOLDER …]     each folder holds pictures with their texts (a.jpg, a.txt)

A folder of folders stands for all of them; without any, TRACKER_BENCH_PICTURES names one; and without that
only the frames that this command draws are measured.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.pictures import Grey, blurred, drawn, jpeg, noisy, tilted
from tracker.scanning import Effort, engines_available, read
from tracker.scanning.measuring import measure_folder, peer_decoders

FRAME = (720, 1280)
ROUNDS = 5
TARGET_RATIO = 0.25


def main(arguments: list[str] | None = None) -> None:
    """Print the figures, as lines or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(options.folders or _folders_of_the_environment())
    print(json.dumps(figures, ensure_ascii=False, indent=2) if options.json else _lines(figures))


def measure(folders: list[Path]) -> dict[str, Any]:
    """All figures: frames drawn here, and the folders given."""
    return {
        "engines": list(engines_available()),
        "upright_720p": upright_frames(),
        "no_code_720p": frames_without_code(),
        "folders": [measure_folder(folder).as_json() for folder in _picture_folders(folders)],
    }


def upright_frames() -> dict[str, Any]:
    """CPU of 1280x720 frames with an upright label, ours against each decoder by itself (aim: 0.25 of pyzbar)."""
    frames = list(_label_frames())
    figures: dict[str, Any] = {"ours": _cost(frames, lambda frame: len(read(frame).symbols))}
    for name, decode in peer_decoders().items():
        figures[name] = _cost(frames, lambda frame, decode=decode: len(decode(frame)))
    files = [jpeg(frame) for frame in frames]
    figures["ours_from_jpeg"] = _cost(files, lambda file: len(read(file).symbols))
    ours, pyzbar = figures["ours"]["cpu_ms_median"], figures["pyzbar"]["cpu_ms_median"]
    return figures | {"ratio_to_pyzbar": round(ours / pyzbar, 3) if pyzbar else None, "aim": TARGET_RATIO}


def frames_without_code() -> dict[str, Any]:
    """CPU of 1280x720 frames without a code: live frames, and snapshots on which everything is tried."""
    frames = [_scene(seed) for seed in range(6)]
    return {
        "live": _cost(frames, lambda frame: len(read(frame, effort=Effort.LIVE).symbols)),
        "full": _cost(frames, lambda frame: len(read(frame).symbols)),
    }


def _label_frames() -> Iterator[Grey]:
    """A label with a serial, seen by a webcam: sizes, focus and grain vary, the label stays upright."""
    for seed, (module, focus, grain) in enumerate((m, f, g) for m in (2, 3, 4) for f in (0.6, 1.1) for g in (2, 6)):
        frame = _scene(seed)
        label = drawn(f"PF{seed:02d}A7K2", module=module)
        height, width = label.shape
        frame[260 : 260 + height, 300 : 300 + width] = label
        yield noisy(blurred(frame, focus), grain, seed)


def _scene(seed: int) -> Grey:
    """A desk with uneven light and a few cartons on it."""
    rng = np.random.default_rng(seed)
    light = np.linspace(90, 190, FRAME[1])[None, :] + np.linspace(-30, 30, FRAME[0])[:, None]
    frame = light.astype(np.uint8)
    for _ in range(25):
        x, y = int(rng.integers(0, FRAME[1] - 200)), int(rng.integers(0, FRAME[0] - 120))
        frame[y : y + int(rng.integers(4, 120)), x : x + int(rng.integers(4, 200))] = int(rng.integers(40, 230))
    return noisy(tilted(frame, 0.05), 3, seed)


def _cost(frames: list[Any], decode: Callable[[Any], int]) -> dict[str, Any]:
    """CPU of one thread per frame over a few rounds, and how many of the frames gave something."""
    times, read_frames = [], 0
    for _ in range(ROUNDS):
        for frame in frames:
            started = time.thread_time()
            found = decode(frame)
            times.append((time.thread_time() - started) * 1000)
            read_frames += bool(found)
    return {
        "frames": len(frames),
        "read": read_frames // ROUNDS,
        "cpu_ms_median": round(statistics.median(times), 2),
        "cpu_ms_p95": round(float(np.percentile(times, 95)), 2),
    }


def _folders_of_the_environment() -> list[Path]:
    """The folder that TRACKER_BENCH_PICTURES names, if any."""
    named = os.environ.get("TRACKER_BENCH_PICTURES", "")
    return [Path(named)] if named else []


def _picture_folders(folders: list[Path]) -> Iterator[Path]:
    """The folders, each replaced by the folders in it where there are some."""
    for folder in folders:
        inner = sorted(path for path in folder.iterdir() if path.is_dir())
        yield from inner or [folder]


def _lines(figures: dict[str, Any]) -> str:
    """The figures as a table for people."""
    upright, without = figures["upright_720p"], figures["no_code_720p"]
    lines = [f"engines: {', '.join(figures['engines'])}", "", "CPU ms of a 1280x720 frame, median (p95), frames read"]
    costs = {name: cost for name, cost in upright.items() if isinstance(cost, dict)}
    costs |= {f"no code, {name}": cost for name, cost in without.items()}
    lines += [
        f"  {name:16}{cost['cpu_ms_median']:8} ({cost['cpu_ms_p95']}), {cost['read']} of {cost['frames']}"
        for name, cost in costs.items()
    ]
    lines += [f"  ratio to pyzbar {upright['ratio_to_pyzbar']} (aim: at most {TARGET_RATIO})", ""]
    return "\n".join(lines + [_folder_line(folder) for folder in figures["folders"]])


def _folder_line(folder: dict[str, Any]) -> str:
    """One folder's figures."""
    peers = folder["peers"]
    return (
        f"{folder['folder']:24}{folder['views']:4} views{folder['read']:5} read{folder['wrong']:3} wrong"
        f"{folder['cpu_ms_median']!s:>8} ms (p95 {folder['cpu_ms_p95']})"
        f"   pyzbar {peers['pyzbar']['read']}, zxing-cpp {peers['zxing-cpp']['read']}, either {peers['either']['read']}"
    )


if __name__ == "__main__":
    main()
