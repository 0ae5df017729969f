"""Runs every benchmark, or those named: `python -m benchmarks [NAME ...] [--lines N]`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path


def main() -> None:
    here = Path(__file__).parent
    names = sorted(path.stem for path in here.glob("*.py") if not path.stem.startswith("_"))
    parser = argparse.ArgumentParser(description="Ratios against limits measured in the same run.")
    parser.add_argument("names", nargs="*", choices=[*names, []], help="which to run (default: all)")
    parser.add_argument("--lines", type=int, default=1_000_000, help="patient-level lines of made-up data")
    options = parser.parse_args()
    broken = []
    for name in options.names or names:
        for ratio in importlib.import_module(f"benchmarks.{name}").main(options.lines):
            print(ratio, flush=True)
            if not ratio.holds:
                broken.append(ratio.name)
    if broken:
        sys.exit(f"Over the limit: {', '.join(broken)}")


if __name__ == "__main__":
    main()
