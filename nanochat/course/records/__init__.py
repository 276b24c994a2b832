"""Experiments too long for a page: what they found, with date, machine and command."""

import datetime
import platform
from pathlib import Path

from nanochat.runtime import files

FOLDER = Path(__file__).parent


def path(name: str) -> Path:
    """Where an experiment is kept."""
    return FOLDER / f"{name}.json"


def read(name: str) -> dict:
    """A recorded experiment. Raises UserError where there is none of that name."""
    return files.read_json(path(name))


def write(name: str, **found) -> None:
    """Keep what an experiment found, and how to find it again."""
    head = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{processor()}, one thread",
        "command": f"python -m nanochat.course.records.{name}",
    }
    files.write_json(path(name), head | found)


def processor() -> str:
    """The processor's own name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
