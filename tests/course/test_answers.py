"""The exercises of the chapters whose answers stand alone: a solution passes, a stub is open, and
typical mistakes are named."""

import ast
import inspect
import operator
import re
from contextlib import suppress
from math import log2
from pathlib import Path

import jupytext
import pytest
import torch

from nanochat.course import exercises

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
NAMES = (
    "03_attention",
    "04_gpt",
    "05_modern",
    "06_muon",
    "07_pretraining",
    "08_scaling",
    "09_fast",
    "10_evaluation",
    "11_sft",
    "12_rl",
    "13_engine",
    "14_chat",
    "15_pipeline",
)
PAGES = {name[:2]: CHAPTERS / f"{name}.md" for name in NAMES}
EXERCISES = [each for chapter in PAGES for each in exercises.of_chapter(chapter)]
EVERY_EXERCISE = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.number)


def answers(exercise) -> tuple:
    """What the cells of its stub and of its solution define."""
    chapter = exercise.number[:2]
    cells = [c for c in jupytext.read(PAGES[chapter]).cells if c.cell_type == "code"]
    check = f'course.check("{exercise.number}", '
    stub, last = (at for at, cell in enumerate(cells) if check in cell.source)
    tagged = [c for c in cells[stub + 1 : last] if "solution" in c.metadata.get("tags", [])]
    return defined(cells[stub].source), defined("\n".join(cell.source for cell in tagged))


def defined(source: str):
    """The last that a source defines, with the imports of the pages."""
    page = {"ast": ast, "log2": log2, "operator": operator, "torch": torch}
    names = dict(page)
    exec(re.sub(r"^course\.check.*$", "", source, flags=re.MULTILINE), names)
    return [value for name, value in names.items() if name not in (*page, "__builtins__")][-1]


@EVERY_EXERCISE
def test_solution_passes_and_stub_is_open(exercise):
    stub, solution = answers(exercise)
    assert exercises.judge(exercise, stub).state == "open"
    verdict = exercises.judge(exercise, solution)
    assert (verdict.state, verdict.message) == ("passed", exercise.gained)


@EVERY_EXERCISE
def test_the_box_has_its_heading(exercise):
    assert exercise.heading in PAGES[exercise.number[:2]].read_text("utf-8")


@EVERY_EXERCISE
def test_two_typical_mistakes_or_more_are_named(exercise):
    verdicts = [exercises.judge(exercise, slip.answer) for slip in exercise.slips]
    assert len(verdicts) >= 2
    assert [verdict.state for verdict in verdicts] == ["wrong"] * len(verdicts)
    assert [verdict.message for verdict in verdicts] == [slip.message for slip in exercise.slips]


@pytest.mark.parametrize(
    "exercise", [each for each in EXERCISES if each.reference], ids=lambda each: each.number
)
def test_a_constant_does_not_pass(exercise):
    constant = exercise.reference(*next(iter(exercise.inputs())))
    assert exercises.judge(exercise, lambda *_: constant).state == "wrong"


def calling(function, reference):
    """An answer that asks the package, whatever comes of it, and gives the right result."""
    own = inspect.unwrap(function)
    parameters = inspect.signature(own).parameters.values()
    needed = [None for each in parameters if each.default is each.empty]

    def answer(*arguments):
        with suppress(Exception):
            # A function that yields begins to run when its first item is asked for.
            next(iter(own(*needed)))
        return reference(*arguments)

    return answer


USES = [
    pytest.param(exercise, function, id=f"{exercise.number}-{function.__name__}")
    for chapter in range(1, 16)
    for exercise in exercises.of_chapter(f"{chapter:02}")
    for function in exercise.package
]


@pytest.mark.parametrize(("exercise", "function"), USES)
def test_a_right_result_is_not_taken_from_the_package(exercise, function):
    verdict = exercises.judge(exercise, calling(function, exercise.reference))
    assert verdict.state == "package"
    assert f"own {function.__name__}." in verdict.message
