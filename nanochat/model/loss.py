"""Cross entropy of soft-capped scores, in chunks that make their own gradient."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

CHUNK_TOKENS = 512
FILL_TOKENS = 64


def soft_cap(x: Float[Tensor, "*shape"], softcap: float) -> Float[Tensor, "*shape"]:
    """Squash into (-softcap, softcap) by a tanh (2408.00118)."""
    return softcap * torch.tanh(x / softcap)


def chunk_gradient(
    scores: Float[Tensor, "N V"],
    tokens: Int[Tensor, "N"],
    weights: Float[Tensor, "N"],
    softcap: float,
) -> tuple[Float[Tensor, ""], Float[Tensor, "N V"]]:
    """The weighted sum of nats, and its gradient by the scores z before the cap c.

    With s = tanh(z / c) and p = softmax(c s), each token's is (p - onehot) (1 - s^2). The cap keeps
    exp from overflowing, so no maximum need be taken off first."""
    # tanh by exp, the cheaper of the two where it is compiled.
    squashed = 1 - 2 / (torch.exp(scores.float() * (2 / softcap)) + 1)
    gradient = torch.exp(squashed * softcap)
    total = gradient.sum(-1, keepdim=True)
    nll = total.log() - softcap * squashed.gather(-1, tokens[:, None])
    gradient *= weights[:, None] / total
    gradient.scatter_add_(-1, tokens[:, None], -weights[:, None])
    gradient.addcmul_(gradient, squashed * squashed, value=-1)
    return nll.squeeze(-1) @ weights, gradient.to(scores.dtype)


def cross_entropy(
    hidden: Float[Tensor, "B T D"],
    head_weight: Float[Tensor, "V D"],
    targets: Int[Tensor, "B T"],
    softcap: float,
    weights: Float[Tensor, "B T"] | None = None,
    chunk_gradient: Callable = chunk_gradient,
) -> Float[Tensor, ""]:
    """The weighted sum of nats over targets that are not -1; without weights, their mean or 0.

    Works chunk by chunk and never holds the logits of more than CHUNK_TOKENS tokens."""
    counted = targets >= 0
    if weights is None:
        weights = counted / counted.sum().clamp(min=1)
    # Matrix libraries build a kernel for each new shape, so there are few: weightless rows fill up.
    filled = -int(counted.sum()) % FILL_TOKENS
    return _CrossEntropy.apply(
        F.pad(hidden[counted], (0, 0, 0, filled)),
        head_weight,
        F.pad(targets[counted], (0, filled)),
        F.pad(weights[counted].float(), (0, filled)),
        softcap,
        chunk_gradient,
    )


@torch.no_grad()
def token_nll(
    hidden: Float[Tensor, "B T D"],
    head_weight: Float[Tensor, "V D"],
    targets: Int[Tensor, "B T"],
    softcap: float,
) -> Float[Tensor, "B T"]:
    """The nats of each target, 0 where it is -1."""
    head = head_weight.to(hidden.dtype)
    tokens = targets.flatten().clamp(min=0)
    chunks = zip(hidden.flatten(0, 1).split(CHUNK_TOKENS), tokens.split(CHUNK_TOKENS), strict=True)
    nll = torch.cat([chunk_nll(rows @ head.T, ids, softcap) for rows, ids in chunks])
    return torch.where(targets >= 0, nll.view_as(targets), 0.0)


def chunk_nll(
    scores: Float[Tensor, "N V"], tokens: Int[Tensor, "N"], softcap: float
) -> Float[Tensor, "N"]:
    """Nats of each token under its row of scores, before the cap."""
    logits = soft_cap(scores.float(), softcap)
    return logits.logsumexp(-1) - logits.gather(-1, tokens[:, None]).squeeze(-1)


class _CrossEntropy(torch.autograd.Function):
    """Computes its gradients in the forward pass, where each chunk's logits are at hand."""

    @staticmethod
    def forward(ctx, hidden, head_weight, tokens, weights, softcap, chunk_gradient):
        head = head_weight.to(hidden.dtype)
        total = torch.zeros((), device=hidden.device)
        hidden_grad, head_grad = torch.empty_like(hidden), torch.zeros_like(head_weight)
        for start in range(0, len(tokens), CHUNK_TOKENS):
            rows = slice(start, start + CHUNK_TOKENS)
            value, gradient = chunk_gradient(
                hidden[rows] @ head.T, tokens[rows], weights[rows], softcap
            )
            total += value
            torch.mm(gradient, head, out=hidden_grad[rows])
            head_grad += gradient.T @ hidden[rows]
        ctx.save_for_backward(hidden_grad, head_grad)
        return total

    @staticmethod
    def backward(ctx, grad):
        hidden_grad, head_grad = ctx.saved_tensors
        return hidden_grad * grad, head_grad * grad, None, None, None, None
