import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nanochat.engine import sampling
from nanochat.engine.sampling import SamplingConfig
from nanochat.runtime import UserError

NO_LIMIT = {"temperature": 1.0, "top_k": None, "top_p": 1.0}


def by_hand(scores: list[float], temperature: float, top_k: int | None, top_p: float):
    """The distribution, in Python's own floats."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])[: top_k or len(scores)]
    weight = {i: math.exp((scores[i] - max(scores)) / temperature) for i in order}
    kept, reached = [], 0.0
    for i in order:
        if reached >= top_p:
            break
        kept.append(i)
        reached += weight[i] / sum(weight.values())
    total = sum(weight[i] for i in kept)
    return [weight[i] / total if i in kept else 0.0 for i in range(len(scores))]


@pytest.mark.parametrize(
    "options",
    [
        NO_LIMIT,
        {"temperature": 0.5},
        {"temperature": 3.0},
        {"top_k": 1},
        {"top_k": 3},
        {"top_k": 0},
        {"top_k": 100},
        {"top_p": 0.5},
        {"top_p": 0.9},
        {"top_p": 1e-6},
        {"temperature": 0.7, "top_k": 4, "top_p": 0.8},
    ],
)
def test_distribution_by_hand(options):
    scores = [0.3, -1.0, 2.0, 1.7, 0.0, -3.0, 0.9]
    expected = by_hand(scores, **{**NO_LIMIT, **options})
    got = sampling.log_distribution(torch.tensor([scores]), SamplingConfig(**options)).exp()
    assert got[0].tolist() == pytest.approx(expected, abs=1e-6)


def test_top_k_keeps_k_of_equal_scores():
    got = sampling.log_distribution(torch.zeros(2, 8), SamplingConfig(top_k=3)).exp()
    assert got.sort(-1).values.tolist() == [[0] * 5 + [pytest.approx(1 / 3)] * 3] * 2


def test_top_p_keeps_the_fewest_that_reach_it():
    scores = torch.tensor([[0.5, 0.25, 0.125, 0.125]]).log()
    for top_p, kept in ((0.4, 1), (0.5, 1), (0.6, 2), (0.75, 2), (0.8, 3), (0.99, 4), (1.0, 4)):
        got = sampling.log_distribution(scores, SamplingConfig(top_p=top_p))
        assert got.isfinite().sum() == kept


def test_temperature_zero_is_the_likeliest():
    logits = torch.randn(16, 50)
    tokens, logprobs = sampling.sample(logits, torch.rand(16), SamplingConfig(temperature=0))
    assert tokens.tolist() == logits.argmax(-1).tolist()
    assert logprobs.tolist() == [0.0] * 16
    point = sampling.log_distribution(logits, SamplingConfig(temperature=0)).exp()
    assert point.tolist() == torch.nn.functional.one_hot(tokens, 50).tolist()


@pytest.mark.parametrize("options", [NO_LIMIT, {"temperature": 0.6}, {"top_k": 5}, {"top_p": 0.7}])
def test_frequencies_follow_the_distribution(options):
    config, draws = SamplingConfig(**options), 40_000
    torch.manual_seed(0)
    logits = (2 * torch.randn(1, 12)).expand(draws, 12)
    tokens, logprobs = sampling.sample(logits, torch.rand(draws), config)
    expected = draws * sampling.log_distribution(logits[:1], config)[0].exp()
    seen = torch.bincount(tokens, minlength=12)
    possible = expected > 0
    assert seen[~possible].sum() == 0
    chi_square = ((seen - expected) ** 2 / expected)[possible].sum().item()
    # 37 is exceeded by chance once in 10,000 at 11 degrees of freedom.
    assert chi_square < 37
    assert torch.allclose(logprobs.exp(), (expected / draws)[tokens], atol=1e-6)


@given(
    st.lists(st.sampled_from([-1e4, -80.0, -1.0, 0.0, 0.5, 15.0]), min_size=2, max_size=9),
    st.sampled_from([0.0, 1e-7, 0.3, 0.5, 1 - 2**-24]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([0.3, 0.999, 1.0]),
)
@settings(max_examples=200, deadline=None)
def test_never_draws_the_impossible(scores, chance, top_k, top_p):
    config = SamplingConfig(top_k=top_k, top_p=top_p)
    logits = torch.tensor([scores])
    tokens, logprobs = sampling.sample(logits, torch.tensor([chance]), config)
    assert 0 <= tokens.item() < len(scores)
    assert logprobs.isfinite().all()
    expected = sampling.log_distribution(logits, config)[0, tokens.item()].item()
    rounding = 1e-6 + 2.0**-149 / math.exp(expected)  # the least probabilities have few digits
    assert logprobs.item() == pytest.approx(expected, rel=1e-6, abs=rounding)


def test_rows_do_not_touch_each_other():
    config = SamplingConfig(temperature=0.8, top_k=7, top_p=0.9)
    logits, chance = torch.randn(20, 30), torch.rand(20)
    together, _ = sampling.sample(logits, chance, config)
    for row in range(20):
        alone, _ = sampling.sample(logits[row : row + 1], chance[row : row + 1], config)
        assert alone.item() == together[row].item()


def test_gradient_reaches_the_logits():
    logits = torch.randn(3, 9, requires_grad=True)
    config = SamplingConfig(temperature=0.5, top_k=4)
    sampling.log_distribution(logits, config).max(-1).values.sum().backward()
    assert logits.grad.isfinite().all()
    assert ((logits.grad != 0).sum(-1) == 4).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_tokens": 0},
        {"temperature": -1.0},
        {"temperature": 1e-40},
        {"temperature": float("nan")},
        {"temperature": float("inf")},
        {"top_k": -1},
        {"top_p": 0.0},
        {"top_p": 1.5},
    ],
)
def test_values_out_of_range(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        SamplingConfig(**wrong)
