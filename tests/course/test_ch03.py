"""The exercises of chapter 3: its own solutions pass, its stubs do not, and mistakes are named."""

import re
from pathlib import Path

import jupytext
import pytest
import torch

from nanochat.course import exercises
from nanochat.course.checks import ch03
from nanochat.model import attention

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "03_attention.md"
NUMBERS = [exercise.number for exercise in ch03.EXERCISES]


def answer_in(source: str):
    """The function that a cell of the chapter defines."""
    names = {"torch": torch}
    exec(re.sub(r"^course\.check.*$", "", source, flags=re.MULTILINE), names)
    return [value for name, value in names.items() if name not in ("torch", "__builtins__")][-1]


def stubs_and_solutions() -> tuple[list[str], list[str]]:
    """The sources of the cells, in the order of the exercises."""
    cells = [cell for cell in jupytext.read(CHAPTER).cells if cell.cell_type == "code"]
    solutions = [
        cell.source
        for cell in cells
        if "solution" in cell.metadata.get("tags", []) and "course.check" not in cell.source
    ]
    stubs = [
        cell.source for cell in cells if re.search(r"course\.check\([^,]*, \w+\)", cell.source)
    ]
    return stubs, solutions


@pytest.mark.parametrize("index", range(len(NUMBERS)), ids=NUMBERS)
def test_solution_passes_and_stub_is_open(index):
    stubs, solutions = stubs_and_solutions()
    exercise = ch03.EXERCISES[index]
    assert f'course.check("{exercise.number}"' in stubs[index]
    assert exercise.heading in CHAPTER.read_text("utf-8")
    assert exercises.judge(exercise, answer_in(stubs[index])).state == "open"
    verdict = exercises.judge(exercise, answer_in(solutions[index]))
    assert (verdict.state, verdict.message) == ("passed", exercise.gained)


@pytest.mark.parametrize("exercise", ch03.EXERCISES, ids=NUMBERS)
def test_two_typical_mistakes_or_more_are_named(exercise):
    verdicts = [exercises.judge(exercise, slip.answer) for slip in exercise.slips]
    assert len(verdicts) >= 2
    assert [verdict.state for verdict in verdicts] == ["wrong"] * len(verdicts)
    assert [verdict.message for verdict in verdicts] == [slip.message for slip in exercise.slips]


def test_a_constant_does_not_pass():
    for exercise in ch03.EXERCISES:
        constant = exercise.reference(*next(iter(exercise.inputs())))
        verdict = exercises.judge(exercise, lambda *_, constant=constant: constant)
        assert verdict.state == "wrong", exercise.number


def test_the_packages_own_functions_are_told():
    def head(q, k, v):
        return attention.attend(*(x[None, :, None] for x in (q, k, v)), len(q))[0, :, 0]

    def turn(x, position, base):
        table = attention.rotary_table(len(x), position + 1, base)
        return attention.rotate(x[None, None, None], *(each[-1:] for each in table))[0, 0, 0]

    for number, answer in {"03.2": head, "03.3": turn}.items():
        assert exercises.judge(exercises.find(number), answer).state == "package", number


def test_the_references_agree_with_the_package():
    for q, k, v in list(ch03.heads_to_try())[:2]:
        package = attention.attend(*(x[None, :, None] for x in (q, k, v)), len(q))[0, :, 0]
        torch.testing.assert_close(ch03.one_head(q, k, v), package, atol=1e-5, rtol=1e-5)
    for x, position, base in ch03.vectors_to_turn():
        table = attention.rotary_table(len(x), position + 1, base)
        package = attention.rotate(x[None, None, None], *(each[-1:] for each in table))[0, 0, 0]
        torch.testing.assert_close(ch03.turn(x, position, base), package, atol=1e-4, rtol=1e-4)


def test_a_perfect_head_scores_one():
    shares, ids = next(ch03.heads_and_texts())
    assert ch03.induction_score(shares, ids) == pytest.approx(1.0)
