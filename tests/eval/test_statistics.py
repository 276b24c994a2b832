from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nanochat.eval import pass_at_k, wilson_interval
from nanochat.runtime import UserError


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        # Newcombe 1998, table I, method 3 (without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_as_published(correct, total, low, high):
    assert wilson_interval(correct, total) == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_at_the_edges():
    assert wilson_interval(0, 0) == (0, 1)
    assert wilson_interval(10, 10) == pytest.approx((0.7225, 1), abs=5e-5)


@given(st.integers(0, 300), st.integers(1, 300))
@example(0, 264)
def test_wilson_interval_mirrors_and_holds_the_accuracy(correct, more):
    total = correct + more
    low, high = wilson_interval(correct, total)
    assert 0 <= low <= correct / total <= high <= 1
    assert wilson_interval(more, total) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize("correct", range(6))
@pytest.mark.parametrize("k", range(1, 6))
def test_pass_at_k_counts_all_draws(correct, k):
    marks = [True] * correct + [False] * (5 - correct)
    draws = list(combinations(marks, k))
    assert pass_at_k(5, correct, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.mark.parametrize("k", [0, -1, 6])
def test_pass_at_k_needs_k_samples(k):
    with pytest.raises(UserError, match=f"pass@{k}"):
        pass_at_k(5, 2, k)
