import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from nanochat.model import attention


def draw(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def reference(q, k, v, window):
    """One query at a time, in the order of the formula."""
    group = q.size(2) // k.size(2)
    out = torch.zeros_like(q)
    for b, t, h in torch.cartesian_prod(*map(torch.arange, q.shape[:3])).tolist():
        keys = slice(max(0, t - window), t + 1)
        scores = k[b, keys, h // group] @ q[b, t, h] / q.size(-1) ** 0.5
        out[b, t, h] = scores.softmax(0) @ v[b, keys, h // group]
    return out


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 12), st.integers(0, 12), st.sampled_from([(2, 2), (4, 2), (3, 1)]))
def test_attend_is_the_formula(length, window, heads):
    q, k, v = (draw(2, length, h, 4, seed=i) for i, h in enumerate((heads[0], heads[1], heads[1])))
    torch.testing.assert_close(attention.attend(q, k, v, window), reference(q, k, v, window))


@pytest.mark.parametrize("window", [300, 128, 100, 1])
def test_blocks_and_their_gradients_are_those_of_torch(window):
    q, k, v, seen = (draw(2, 300, 2, 8, seed=i).requires_grad_() for i in range(4))
    distance = torch.arange(300)[:, None] - torch.arange(300)
    mask = (distance >= 0) & (distance <= window)
    peer = F.scaled_dot_product_attention(*(x.transpose(1, 2) for x in (q, k, v)), attn_mask=mask)
    ours = attention.attend(q, k, v, window)
    torch.testing.assert_close(ours, peer.transpose(1, 2), atol=1e-5, rtol=1e-4)
    theirs = torch.autograd.grad(peer.transpose(1, 2), (q, k, v), seen.detach())
    for mine, other in zip(
        torch.autograd.grad(ours, (q, k, v), seen.detach()), theirs, strict=True
    ):
        torch.testing.assert_close(mine, other, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("length, window", [(64, 64), (300, 300), (300, 100), (257, 1)])
def test_the_operators_keep_what_they_promise_the_compiler(length, window):
    q, k, v, grad = (draw(2, length, 8, seed=seed) for seed in range(4))
    q, grad = (list(each.split(attention.BLOCK, dim=1)) for each in (q, grad))
    learning = [each.clone().requires_grad_() for each in (*q, k, v)]
    torch.library.opcheck(attention.block_attention, (learning[:-2], *learning[-2:], window))
    shares = attention.block_attention(q, k, v, window)[len(q) :]
    torch.library.opcheck(attention.block_attention_gradients, (grad, q, k, v, shares, window))


def test_a_mask_decides_what_is_seen():
    q, k, v = draw(1, 1, 2, 4), draw(1, 5, 2, 4, seed=1), draw(1, 5, 2, 4, seed=2)
    only = torch.full((1, 1, 5), -torch.inf)
    only[..., 3] = 0
    torch.testing.assert_close(attention.attend(q, k, v, 5, only)[:, 0], v[:, 3])


def test_rotation_keeps_lengths_and_sees_only_distance():
    cos, sin = attention.rotary_table(8, 32, 10_000.0)
    q, k = draw(1, 1, 1, 8), draw(1, 1, 1, 8, seed=1)

    def score(at, other):
        turned = [
            attention.rotate(x, cos[p : p + 1], sin[p : p + 1]) for x, p in ((q, at), (k, other))
        ]
        return (turned[0] * turned[1]).sum()

    torch.testing.assert_close(score(20, 17), score(5, 2))
    torch.testing.assert_close(score(9, 9), (q * k).sum())
    assert abs(score(20, 17) - score(20, 16)) > 1e-3


def test_rotation_by_hand():
    cos, sin = attention.rotary_table(2, 2, 10_000.0)
    turned = attention.rotate(torch.tensor([1.0, 0.0]).expand(1, 2, 1, 2), cos, sin)
    torch.testing.assert_close(turned[0, 1, 0], torch.tensor([0.5403023, -0.8414710]))


def test_norm_makes_the_mean_square_one():
    x = draw(3, 5, 16) * 7
    torch.testing.assert_close(attention.norm(x).square().mean(-1), torch.ones(3, 5))
    torch.testing.assert_close(attention.norm(torch.zeros(1, 4)), torch.zeros(1, 4))
