"""What the exercises of chapter 3 have of their own; test_answers.py has the rest."""

import pytest
import torch

from nanochat.course import exercises
from nanochat.course.checks import ch03
from nanochat.model import attention


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
    for q, k, v in ch03.heads_to_try():
        seen = attention.within(torch.arange(len(k))[-len(q) :], torch.arange(len(k)), len(k))
        mask = attention.additive(seen, q.dtype)[None]
        # The package's values are as large as its queries: the rest is filled up with zeros.
        wide = torch.nn.functional.pad(v, (0, q.size(1) - v.size(1)))
        package = attention.attend_masked(*(x[None, :, None] for x in (q, k, wide)), mask)[0, :, 0]
        mine = ch03.one_head(q, k, v)
        torch.testing.assert_close(mine, package[:, : v.size(1)], atol=1e-5, rtol=1e-5)
    for x, position, base in ch03.vectors_to_turn():
        table = attention.rotary_table(len(x), position + 1, base)
        package = attention.rotate(x[None, None, None], *(each[-1:] for each in table))[0, 0, 0]
        torch.testing.assert_close(ch03.turn(x, position, base), package, atol=1e-4, rtol=1e-4)


def test_a_perfect_head_scores_one():
    shares, ids = next(ch03.heads_and_texts())
    assert ch03.induction_score(shares, ids) == pytest.approx(1.0)
