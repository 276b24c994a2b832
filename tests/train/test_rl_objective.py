import math

import pytest
import torch

from nanochat.train import objective


def test_tokens_count_alike_over_the_whole_batch():
    weights = objective.token_weights(torch.tensor([2, 6]), "tokens", max_tokens=10)
    assert torch.allclose(weights, torch.tensor([1 / 8, 1 / 8]))


def test_sequences_count_alike_however_long():
    weights = objective.token_weights(torch.tensor([2, 5]), "sequences", max_tokens=10)
    assert torch.allclose(weights, torch.tensor([1 / 4, 1 / 10]))


def test_constant_ignores_the_lengths():
    weights = objective.token_weights(torch.tensor([2, 5]), "constant", max_tokens=10)
    assert torch.allclose(weights, torch.tensor([1 / 20, 1 / 20]))


@pytest.mark.parametrize(
    "ratio, advantage, expected",
    [
        (1.1, 2.0, 2.2),  # inside the band: ratio times advantage
        (1.5, 2.0, 2.4),  # already much likelier: no more to gain
        (0.5, 2.0, 1.0),  # a good token made rare: the full loss
        (1.5, -2.0, -3.0),  # a bad token made likelier: the full loss
        (0.5, -2.0, -1.6),  # already much rarer: no more to gain
    ],
)
def test_clip_by_hand(ratio, advantage, expected):
    new = torch.tensor([math.log(ratio)])
    value = objective.surrogate(new, torch.zeros(1), torch.tensor([advantage]), clip=0.2)
    assert value.item() == pytest.approx(expected)


def test_a_clipped_token_has_no_gradient():
    new = torch.tensor([math.log(1.5), math.log(1.1)], requires_grad=True)
    objective.surrogate(new, torch.zeros(2), torch.ones(2), clip=0.2).sum().backward()
    assert new.grad.tolist() == pytest.approx([0.0, 1.1])


def test_on_policy_the_gradient_is_that_of_reinforce():
    # One state and five tokens: d/dz of the mean of A log p(y) is the mean of A (onehot(y) - p).
    torch.manual_seed(0)
    z = torch.randn(5, requires_grad=True)
    tokens, advantage = torch.tensor([3, 0, 3]), torch.tensor([0.75, -0.5, -0.25])
    weight = objective.token_weights(torch.tensor([1, 1, 1]), "tokens", max_tokens=1)
    new = z.log_softmax(-1)[tokens]
    (weight * objective.surrogate(new, new.detach(), advantage, clip=None)).sum().backward()
    onehot = torch.nn.functional.one_hot(tokens, 5)
    expected = (advantage[:, None] * (onehot - z.detach().softmax(-1))).mean(0)
    assert torch.allclose(z.grad, expected, atol=1e-6)


@pytest.mark.parametrize("clip", [None, 0.2])
def test_gradients_agree_with_finite_differences(clip):
    generator = torch.Generator().manual_seed(1)
    z, past, reference = torch.randn(3, 6, generator=generator, dtype=torch.float64)
    tokens = torch.tensor([0, 1, 2, 3])
    advantage = torch.tensor([1.0, -1.0, 0.5, -0.5], dtype=torch.float64)

    def value(z):
        new = z.log_softmax(-1)[tokens]
        gain = objective.surrogate(new, past.log_softmax(-1)[tokens], advantage, clip)
        return (gain - 0.1 * objective.divergence(new, reference.log_softmax(-1)[tokens])).sum()

    assert torch.autograd.gradcheck(value, z.requires_grad_())


def test_divergence_by_hand():
    # Probabilities 1/2 and 1/4: r = 1/2, and r - log r - 1.
    value = objective.divergence(torch.tensor([0.5]).log(), torch.tensor([0.25]).log())
    assert value.item() == pytest.approx(0.5 + math.log(2) - 1)


def test_divergence_is_unbiased():
    # Weighted by the probability of each token, the estimates add up to the divergence itself.
    generator = torch.Generator().manual_seed(2)
    new, reference = torch.randn(2, 7, generator=generator, dtype=torch.float64).log_softmax(-1)
    estimates = objective.divergence(new, reference)
    assert (estimates >= 0).all()
    expected = (new.exp() * (new - reference)).sum()
    assert torch.allclose((new.exp() * estimates).sum(), expected)
