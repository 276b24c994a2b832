import pytest
import torch
import torch.nn.functional as F

from nanochat.model import loss

CAP = 15.0


def example(tokens=40, width=8, vocab=31, dtype=torch.float32):
    """Hidden states and a head that make scores from far below to far beyond the cap."""
    generator = torch.Generator().manual_seed(3)
    hidden = torch.randn(2, tokens // 2, width, generator=generator).to(dtype).requires_grad_()
    head = (3 * torch.randn(vocab, width, generator=generator)).requires_grad_()
    targets = torch.randint(-1, vocab, (2, tokens // 2), generator=generator)
    return hidden, head, targets


def plain(hidden, head, targets):
    """The nats of each target with all logits at once; 0 where it is -1."""
    logits = CAP * torch.tanh(hidden @ head.T / CAP)
    nll = F.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none"
    )
    return nll.view_as(targets)


@pytest.mark.parametrize("chunk", [7, 20, 512])
def test_mean_and_gradients_equal_the_plain_ones(chunk, monkeypatch):
    monkeypatch.setattr(loss, "CHUNK_TOKENS", chunk)
    hidden, head, targets = example()
    ours = loss.cross_entropy(hidden, head, targets, CAP)
    theirs = plain(hidden, head, targets).sum() / (targets >= 0).sum()
    torch.testing.assert_close(ours, theirs)
    both = (torch.autograd.grad(each * 3, (hidden, head)) for each in (ours, theirs))
    for mine, other in zip(*both, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-6, rtol=1e-4)


def test_weights_make_a_sum_that_skips_ignored_targets():
    hidden, head, targets = example()
    weights = torch.randn(targets.shape, generator=torch.Generator().manual_seed(4))
    ours = loss.cross_entropy(hidden, head, targets, CAP, weights)
    theirs = (plain(hidden, head, targets) * weights).sum()
    torch.testing.assert_close(ours, theirs)
    both = (torch.autograd.grad(each, (hidden, head)) for each in (ours, theirs))
    for mine, other in zip(*both, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-5, rtol=1e-4)


def test_no_target_is_no_loss_and_no_gradient():
    hidden, head, targets = example()
    value = loss.cross_entropy(hidden, head, torch.full_like(targets, -1), CAP)
    gradients = torch.autograd.grad(value, (hidden, head))
    assert value == 0 and all((gradient == 0).all() for gradient in gradients)


def test_finite_far_beyond_the_cap():
    hidden, head, targets = example()
    value = loss.cross_entropy(hidden * 1e4, head, targets, CAP)
    gradients = torch.autograd.grad(value, (hidden, head))
    assert all(tensor.isfinite().all() for tensor in (value, *gradients))


def test_bfloat16_follows_float32():
    exact, near = example(400), example(400, dtype=torch.bfloat16)
    values = [loss.cross_entropy(*each, CAP) for each in (exact, near)]
    torch.testing.assert_close(values[1], values[0], rtol=5e-3, atol=0)
    head = [
        torch.autograd.grad(v, each[1])[0] for v, each in zip(values, (exact, near), strict=True)
    ]
    assert (head[1] - head[0]).norm() < 0.02 * head[0].norm()


def test_nats_of_each_token():
    hidden, head, targets = example()
    torch.testing.assert_close(
        loss.token_nll(hidden, head, targets, CAP), plain(hidden, head, targets).detach()
    )


def test_never_holds_the_logits_of_more_than_a_chunk(monkeypatch):
    monkeypatch.setattr(loss, "CHUNK_TOKENS", 16)
    seen = []

    def spy(scores, *rest):
        seen.append(len(scores))
        return loss.chunk_gradient(scores, *rest)

    hidden, head, _ = example(100)
    targets = torch.ones(2, 50, dtype=torch.long)
    loss.cross_entropy(hidden, head, targets, CAP, chunk_gradient=spy)
    # 100 targets, filled up to whole 64s.
    assert max(seen) == 16 and sum(seen) == 128
