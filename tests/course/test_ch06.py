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

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "06_muon.md"


def downhill(gradient, size, down, norm):
    """A step along `down`, and a share of the gain of the best step, by hand."""
    lengths = gradient.square().sum(1).sqrt()
    return -size * down, ((gradient**2).sum() / norm / lengths.sum()).item()


def upside_down(gradient, size):
    lengths = gradient.norm(dim=1)
    step, share = downhill(gradient, size, gradient / lengths[:, None], lengths.max())
    return step, 1 / share


def frobenius_share(gradient, size):
    return downhill(gradient, size, gradient / gradient.norm(dim=1)[:, None], gradient.norm())


def frobenius_step(gradient, size):
    return downhill(gradient, size, gradient / gradient.norm(), gradient.norm(dim=1).max())


def frobenius_alone(gradient, size):
    return -size * gradient / gradient.norm(), 1.0


def muons(gradient, size):
    u, sigma, vh = torch.linalg.svd(gradient, full_matrices=False)
    return -size * u @ vh, ((sigma**2).sum() / sigma.sum() / sigma[0]).item()


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (upside_down, "upside down"),
        (frobenius_share, "Your step is right. Your share is that of a gradient whose Frobenius"),
        (frobenius_step, "You limit the Frobenius norm"),
        (frobenius_alone, "You limit the Frobenius norm"),
        (muons, "that is Muon's step"),
    ],
)
def test_a_wrong_step_or_share_is_told_what_it_is(answer, word):
    verdict = exercises.judge(exercises.find("06.2"), answer)
    assert (verdict.state, word in verdict.message) == ("wrong", True)


def test_no_other_step_within_the_limit_gains_more():
    dice = torch.Generator().manual_seed(1)
    for gradient, size in ch06.gradients_and_sizes():
        best, share = ch06.STEEPEST_STEP.reference(gradient, size)
        others = torch.randn(1000, *gradient.shape, generator=dice, dtype=torch.float64)
        others *= size / others.norm(dim=2, keepdim=True)
        assert best.norm(dim=1).max() <= size * (1 + 1e-9)
        assert (gradient * best).sum() < (gradient * others).sum((1, 2)).min()
        assert 0 < share < 1


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
