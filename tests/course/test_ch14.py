"""The exercises of chapter 14: its own solutions pass, its stubs do not, and mistakes are named."""

import ast
import operator
import re
from pathlib import Path

import jupytext
import pytest

from nanochat.course import exercises
from nanochat.course.checks import ch14
from nanochat.engine import tools

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "14_chat.md"
NUMBERS = [exercise.number for exercise in ch14.EXERCISES]


def answers() -> tuple[list, list]:
    """What the cells of stubs and of solutions define, in the order of the exercises."""
    stubs, solutions = [], []
    for cell in jupytext.read(CHAPTER).cells:
        found = re.search(r"^def .*?(?=^course\.check|\Z)", cell.source, re.MULTILINE | re.DOTALL)
        if cell.cell_type != "code" or not found:
            continue
        if re.search(r"^course\.check", cell.source, re.MULTILINE):
            stubs.append(defined(found[0]))
        elif "solution" in cell.metadata.get("tags", []):
            solutions.append(defined(found[0]))
    return stubs, solutions


def defined(source: str):
    """The function that a source defines, with the imports of the page."""
    names = {"ast": ast, "operator": operator}
    exec(source, names)
    names.pop("__builtins__")
    return list(names.values())[-1]


@pytest.mark.parametrize("index", range(len(NUMBERS)), ids=NUMBERS)
def test_solution_passes_and_stub_is_open(index):
    stubs, solutions = answers()
    exercise = ch14.EXERCISES[index]
    assert len(stubs) == len(solutions) == len(NUMBERS)
    assert exercises.judge(exercise, stubs[index]).state == "open"
    verdict = exercises.judge(exercise, solutions[index])
    assert (verdict.state, verdict.message) == ("passed", exercise.gained)


@pytest.mark.parametrize("exercise", ch14.EXERCISES, ids=NUMBERS)
def test_two_typical_mistakes_or_more_are_named(exercise):
    verdicts = [exercises.judge(exercise, slip.answer) for slip in exercise.slips]
    assert len(verdicts) >= 2
    assert [verdict.state for verdict in verdicts] == ["wrong"] * len(verdicts)
    assert [verdict.message for verdict in verdicts] == [slip.message for slip in exercise.slips]


def test_the_packages_own_functions_are_told():
    def whole(text):
        result = tools.calculator(text)
        return None if result is None else int(result)

    assert exercises.judge(exercises.find("14.3"), whole).state == "package"


def test_the_sums_agree_with_the_package():
    for (text,) in list(ch14.sums())[:8]:
        assert str(ch14.whole(text)) == tools.calculator(text)
