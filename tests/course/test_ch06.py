"""The exercises of chapter 6: its own solutions pass, its stubs do not, and mistakes are named."""

import ast
import re
from pathlib import Path
from statistics import fmean

import jupytext
import pytest
import torch

from nanochat.course import exercises, records
from nanochat.course.checks import ch06
from nanochat.course.records import ch06 as ch06_record
from nanochat.optim import muon

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "06_muon.md"
NUMBERS = [exercise.number for exercise in ch06.EXERCISES]


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


def answer_in(source: str):
    """What a cell of the chapter defines last."""
    names = {"torch": torch}
    exec(re.sub(r"^course\.check.*$", "", source, flags=re.MULTILINE), names)
    return [value for name, value in names.items() if name not in ("torch", "__builtins__")][-1]


@pytest.mark.parametrize("index", range(len(NUMBERS)), ids=NUMBERS)
def test_solution_passes_and_stub_is_open(index):
    stubs, solutions = stubs_and_solutions()
    exercise = ch06.EXERCISES[index]
    assert f'course.check("{exercise.number}"' in stubs[index]
    assert exercises.judge(exercise, answer_in(stubs[index])).state == "open"
    verdict = exercises.judge(exercise, answer_in(solutions[index]))
    assert (verdict.state, verdict.message) == ("passed", exercise.gained)


@pytest.mark.parametrize("exercise", ch06.EXERCISES, ids=NUMBERS)
def test_two_typical_mistakes_or_more_are_named(exercise):
    verdicts = [exercises.judge(exercise, slip.answer) for slip in exercise.slips]
    assert len(verdicts) >= 2
    assert [verdict.state for verdict in verdicts] == ["wrong"] * len(verdicts)
    assert [verdict.message for verdict in verdicts] == [slip.message for slip in exercise.slips]


def test_the_packages_own_function_is_told():
    def answer(gradient, size):
        return -size * muon.orthogonalize(gradient[None])[0]

    assert exercises.judge(exercises.find("06.2"), answer).state == "package"


def test_the_reference_agrees_with_singular_vectors():
    for gradient, size in ch06.gradients_and_sizes():
        u, _, vh = torch.linalg.svd(gradient, full_matrices=False)
        torch.testing.assert_close(ch06.steepest(gradient, size), -size * u @ vh)


@pytest.mark.parametrize(
    ("coefficients", "word"), [(7, "three"), ((1, 2), "three"), ((1, 0, 0), "p'(1)")]
)
def test_other_coefficients_are_told_what_they_do(coefficients, word):
    assert word in exercises.judge(exercises.find("06.4"), coefficients).message


def test_the_recorded_comparison_says_how_it_was_made_and_brackets_the_best_rates():
    record = records.read("ch06")
    assert {"date", "machine", "command", "steps"} <= record.keys()
    for by_rate in record["losses"].values():
        means = {float(rate): fmean(seeds.values()) for rate, seeds in by_rate.items()}
        assert min(means) < min(means, key=means.get) < max(means)


def test_the_page_sweeps_rates_that_the_record_has():
    rates = chapter_rates(CHAPTER.read_text(encoding="utf-8"))
    assert all({*rates[kind]} <= {*ch06_record.RATES[kind]} for kind in ("muon", "adamw"))


def chapter_rates(source: str) -> dict:
    """The sweep that the page makes."""
    return ast.literal_eval(re.search(r"^rates = (\{.*?^\})", source, re.MULTILINE | re.DOTALL)[1])
