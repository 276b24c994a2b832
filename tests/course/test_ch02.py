"""The exercises of chapter 2: its own solutions pass, its stubs do not, and mistakes are named."""

import re
import zlib
from math import isclose, log2
from pathlib import Path

import jupytext
import pytest

from nanochat.course import exercises
from nanochat.course.checks import ch02
from nanochat.data import documents, packing

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "02_data.md"
NUMBERS = [exercise.number for exercise in ch02.EXERCISES]


def answers() -> dict[str, list]:
    """For each exercise the chapter's stub and its solution."""
    found = {number: [] for number in NUMBERS}
    names = {"log2": log2, "zlib": zlib}
    number = None
    for cell in jupytext.read(CHAPTER).cells:
        box = re.search(r"\{exercise\} (\d\d\.\d)", cell.source)
        number = box[1] if box else number
        defined = re.search(r"^def (\w+)", cell.source, re.MULTILINE)
        if number and cell.cell_type == "code" and defined:
            exec(re.sub(r"^course\.check.*$", "", cell.source, flags=re.MULTILINE), names)
            found[number].append(names[defined[1]])
    return found


@pytest.mark.parametrize("exercise", ch02.EXERCISES, ids=NUMBERS)
def test_solution_passes_and_stub_is_open(exercise):
    stub, solution = answers()[exercise.number][:2]
    assert exercises.judge(exercise, stub).state == "open"
    verdict = exercises.judge(exercise, solution)
    assert (verdict.state, verdict.message) == ("passed", exercise.gained)


@pytest.mark.parametrize("exercise", ch02.EXERCISES, ids=NUMBERS)
def test_two_typical_mistakes_or_more_are_named(exercise):
    verdicts = [exercises.judge(exercise, slip.answer) for slip in exercise.slips]
    assert len(verdicts) >= 2
    assert [verdict.state for verdict in verdicts] == ["wrong"] * len(verdicts)
    assert [verdict.message for verdict in verdicts] == [slip.message for slip in exercise.slips]


def test_the_packages_own_split_is_told():
    def answer(text, percent):
        return documents.split_of(text)

    assert exercises.judge(exercises.find("02.3"), answer).state == "package"


def test_the_references_agree_with_other_means():
    for text, _ in ch02.texts_and_percents():
        assert ch02.crc32(text.encode()) == zlib.crc32(text.encode())
    assert isclose(ch02.bits_of_choices([0.5, 0.25]), 3.0)
    assert ch02.headless([3, 3, 3], 4) == 2 + 1
    assert ch02.next_row([[1, 2], [3]], 4, (0, 1)) == ([2, 3, 1, 2], (1, 0))
    assert packing.best_fit([4, 4], 4, crop=True) == [[1], [0]]
