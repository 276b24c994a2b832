"""What the exercises of chapter 9 have of their own; test_answers.py has the rest."""

import math
from functools import reduce
from itertools import chain

import numpy as np
import pytest
import torch

from nanochat.course import exercises


def all_at_once(chunks):
    scores = [score for chunk in chunks for score in chunk]
    return max(scores) + math.log(sum(math.exp(score - max(scores)) for score in scores))


def two_passes(chunks):
    highest = max(max(chunk) for chunk in chunks if chunk)
    return highest + math.log(sum(math.exp(s - highest) for chunk in chunks for s in chunk))


def on_tensors(chunks):
    """One pass, two numbers, with torch's exp and log."""
    highest, total = torch.tensor(-math.inf).double(), torch.tensor(0.0).double()
    for scores in (torch.tensor(chunk).double() for chunk in chunks if chunk):
        before, highest = highest, torch.maximum(highest, scores.max())
        total = total * (before - highest).exp() + (scores - highest).exp().sum()
    return (highest + total.log()).item()


def by_torch(chunks):
    parts = [torch.tensor(chunk, dtype=torch.float64) for chunk in chunks]
    return torch.cat(parts).logsumexp(0).item()


def piece_by_piece(chunks):
    parts = (torch.logsumexp(torch.tensor(each).double(), 0) for each in chunks if each)
    highest = -math.inf
    for part in parts:
        top = max(highest, part.item())
        highest = top + math.log(math.exp(highest - top) + math.exp(part.item() - top))
    return highest


def by_numpy(chunks):
    return float(reduce(np.logaddexp, chain.from_iterable(chunks)))


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (all_at_once, "keep all the scores"),
        (by_torch, "has it ready"),
        (piece_by_piece, "has it ready"),
        (by_numpy, "has it ready"),
    ],
)
def test_a_softmax_that_keeps_or_borrows_is_told(answer, word):
    verdict = exercises.judge(exercises.find("09.5"), answer)
    assert (verdict.state, word in verdict.message) == ("wrong", True)


@pytest.mark.parametrize("answer", [two_passes, on_tensors])
def test_other_ways_to_keep_two_numbers_pass(answer):
    assert exercises.judge(exercises.find("09.5"), answer).state == "passed"
