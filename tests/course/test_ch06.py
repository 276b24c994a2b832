"""What the exercises of chapter 6 have of their own; test_answers.py has the rest."""

import ast
import re
from pathlib import Path
from statistics import fmean

import pytest
import torch

from nanochat.course import exercises, records
from nanochat.course.checks import ch06
from nanochat.course.records import ch06 as ch06_record
from nanochat.optim import muon

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "06_muon.md"


def test_the_packages_own_function_is_told():
    def answer(gradient, size):
        return -size * muon.orthogonalize(gradient[None])[0], 1.0

    assert exercises.judge(exercises.find("06.2"), answer).state == "package"


def test_the_reference_agrees_with_singular_vectors():
    for gradient, size in ch06.gradients_and_sizes():
        u, sigma, vh = torch.linalg.svd(gradient, full_matrices=False)
        step, share = ch06.steepest(gradient, size)
        torch.testing.assert_close(step, -size * u @ vh)
        assert share == pytest.approx(((sigma**2).sum() / sigma.sum() / sigma[0]).item())


@pytest.mark.parametrize(
    ("coefficients", "word"), [(7, "three"), ((1, 2), "three"), ((1, 0, 0), "p'(1)")]
)
def test_other_coefficients_are_told_what_they_do(coefficients, word):
    assert word in exercises.judge(exercises.find("06.4"), coefficients).message


def test_the_recorded_comparison_brackets_the_best_rates():
    record = records.read("ch06")
    for by_rate in record["losses"].values():
        means = {float(rate): fmean(seeds.values()) for rate, seeds in by_rate.items()}
        assert min(means) < min(means, key=means.get) < max(means)


def test_the_page_sweeps_rates_that_the_record_has():
    rates = chapter_rates(CHAPTER.read_text(encoding="utf-8"))
    assert all({*rates[kind]} <= {*ch06_record.RATES[kind]} for kind in ("muon", "adamw"))


def chapter_rates(source: str) -> dict:
    """The sweep that the page makes."""
    return ast.literal_eval(re.search(r"^rates = (\{.*?^\})", source, re.MULTILINE | re.DOTALL)[1])
