"""A learner's own copy of a chapter, and how far the exercises have come."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from tyro.conf import Positional

from nanochat.course import exercises
from nanochat.runtime import UserError, files

CHAPTERS = Path(__file__).parents[2] / "chapters"
SOLUTION = re.compile(r"^:::\{solution-start\}.*?^:::\{solution-end\}\n:::\n+", re.DOTALL | re.M)


def start(chapter: Positional[int], folder: Path = Path("work")) -> None:
    """Copy a chapter without its solutions into a folder of your own, to work in.

    Args:
        chapter: Its number.
        folder: Where to put it; `make lab` shows it beside the others.
    """
    source = chapter_file(chapter)
    copy = folder / source.name
    if copy.exists():
        raise UserError(f"{copy} is there already. Go on in it, or move it away to begin anew.")
    files.write_text(copy, SOLUTION.sub("", source.read_text(encoding="utf-8")))
    print(f"{copy} is yours. `make lab` opens it; `nanochat exercises` shows what you have passed.")


def chapter_file(chapter: int) -> Path:
    """The source of a chapter. Raises UserError where there is none."""
    found = {int(path.name[:2]): path for path in sorted(CHAPTERS.glob("[0-9][0-9]_*.md"))}
    if not found:
        raise UserError(f"{CHAPTERS} holds no chapters. Run this from a clone of the course.")
    if chapter not in found:
        raise UserError(f"There is no chapter {chapter}. There are {', '.join(map(str, found))}.")
    return found[chapter]


def listed(folders: Sequence[Path]) -> Table:
    """Every exercise with its state, from the records in a learner's folders."""
    passed = {}
    for record in (folder / exercises.PROGRESS for folder in folders):
        passed |= files.read_json(record) if record.exists() else {}
    table = Table("exercise", "title", "difficulty", "minutes", "state")
    for chapter in sorted(path.stem.removeprefix("ch") for path in exercises.CHECKS.glob("ch*.py")):
        for each in exercises.of_chapter(chapter):
            date = passed.get(each.number, {}).get("passed")
            state = f"passed {date}" if date else "open"
            stars = "★" * each.difficulty
            table.add_row(each.number, each.title, stars, str(each.minutes), state)
    return table
