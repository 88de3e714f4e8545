"""Everything that is measured, one after the other: `python -m bench`, `--json` for machines.

Each part is a command of its own: python -m bench.decode, .labels, .handovers, .lookup, .rosters, .agreements.
"""

import argparse
import json
import subprocess
import sys

PARTS = ("decode", "labels", "handovers", "lookup", "rosters", "agreements")


def main() -> int:
    """Run each part in a process of its own, so that none measures what another left behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.json:
        print(json.dumps({part: json.loads(_output(part)) for part in PARTS}, ensure_ascii=False, indent=2))
        return 0
    codes = []
    for part in PARTS:
        print(f"\n== {part}", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", f"bench.{part}"], check=False).returncode)
    return max(codes)


def _output(part: str) -> str:
    command = [sys.executable, "-m", f"bench.{part}", "--json"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
