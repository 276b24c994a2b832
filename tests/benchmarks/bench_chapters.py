"""How long the last build executed each chapter, beside the time that the chapter states.

A chapter that took more than half as long again fails. `--build DIR` names a folder other than
_build.
"""

import argparse
import re
import sys
from pathlib import Path

from jupyter_cache import get_cache

ROOT = Path(__file__).resolve().parents[2]
MOST = 1.5
UNITS = {"minute": 60, "hour": 3600}
COUNTS = {"half a": 0.5, "a quarter of an": 0.25, "a": 1, "an": 1, "two": 2, "three": 3, "four": 4}
STATED = re.compile(rf"\b({'|'.join(COUNTS)}) ({'|'.join(UNITS)})s?\b( and a half)?")


def stated(chapter: Path) -> float:
    """The seconds that a chapter says it runs for, before it says how long reading takes."""
    opening = chapter.read_text(encoding="utf-8").partition("**Time:**")[2]
    found = STATED.search(re.split("reading", opening, maxsplit=1, flags=re.IGNORECASE)[0])
    if found is None:
        raise SystemExit(f"{chapter.name} states no time that can be read, such as 'two minutes'.")
    count, unit, half = found.groups()
    return (COUNTS[count] + (0.5 if half else 0)) * UNITS[unit]


def executed(build: Path) -> dict[str, float]:
    """The seconds of each chapter that was executed, by its name, the latest of several."""
    records = get_cache(build / ".jupyter_cache").list_cache_records()
    latest = sorted(records, key=lambda record: record.created)
    return {Path(record.uri).stem: record.data["execution_seconds"] for record in latest}


def main() -> int:
    """Print both times of each chapter, and fail where they are too far apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "_build")
    build = parser.parse_args().build
    if not (build / ".jupyter_cache").exists():
        raise SystemExit(f"Nothing was executed in {build}. Type `make book` first.")
    took, ratios = executed(build), []
    for chapter in sorted((ROOT / "chapters").glob("[0-9]*.md")):
        promised, seconds = stated(chapter), took.get(chapter.stem)
        if seconds is None:
            print(f"{chapter.stem:15} stated {promised:4.0f} s, not executed")
        else:
            ratios.append(seconds / promised)
            print(f"{chapter.stem:15} stated {promised:4.0f} s, took {seconds:6.1f} s", end="")
            print(f": {ratios[-1]:.2f}" + (" TOO LONG" if ratios[-1] > MOST else ""))
    return int(max(ratios, default=0) > MOST)


if __name__ == "__main__":
    sys.exit(main())
