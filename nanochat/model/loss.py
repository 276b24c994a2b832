import torch
from jaxtyping import Float, Int
from torch import Tensor

CHUNK_TOKENS = 1024


def soft_cap(x: Float[Tensor, "*shape"], softcap: float) -> Float[Tensor, "*shape"]:
    """Squash into (-softcap, softcap) by a tanh (2408.00118)."""
    return softcap * torch.tanh(x / softcap)


def cross_entropy(
    hidden: Float[Tensor, "B T D"],
    head_weight: Float[Tensor, "V D"],
    targets: Int[Tensor, "B T"],
    softcap: float,
    weights: Float[Tensor, "B T"] | None = None,
) -> Float[Tensor, ""]:
    """The weighted sum of nats over targets that are not -1; without weights, their mean or 0.

    Works chunk by chunk and never holds the logits of more than CHUNK_TOKENS tokens."""
    counted = targets >= 0
    if weights is None:
        weights = counted / counted.sum().clamp(min=1)
    weights = torch.where(counted, weights, 0.0).flatten().float()
    tokens = targets.flatten().clamp(min=0)
    return _CrossEntropy.apply(hidden.flatten(0, 1), head_weight, tokens, weights, softcap)


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
    chunks = zip(
        hidden.flatten(0, 1).split(CHUNK_TOKENS), tokens.split(CHUNK_TOKENS), strict=True
    )
    nll = torch.cat([chunk_nll(rows @ head.T, ids, softcap) for rows, ids in chunks])
    return torch.where(targets >= 0, nll.view_as(targets), 0.0)


def chunk_nll(
    scores: Float[Tensor, "N V"], tokens: Int[Tensor, "N"], softcap: float
) -> Float[Tensor, "N"]:
    """Nats of each token under its row of scores, before the cap."""
    logits = soft_cap(scores.float(), softcap)
    return logits.logsumexp(-1) - logits.gather(-1, tokens[:, None]).squeeze(-1)


def chunk_gradient(
    scores: Float[Tensor, "N V"],
    tokens: Int[Tensor, "N"],
    weights: Float[Tensor, "N"],
    softcap: float,
) -> tuple[Float[Tensor, ""], Float[Tensor, "N V"]]:
    """The weighted sum of nats, and its gradient by the scores before the cap.

    With s = tanh(z/c) and p = softmax(c s): d nll / dz = (p - onehot) (1 - s^2)."""
    squashed = torch.tanh(scores.float() / softcap)
    logits = softcap * squashed
    log_total = logits.logsumexp(-1, keepdim=True)
    nll = log_total.squeeze(-1) - logits.gather(-1, tokens[:, None]).squeeze(-1)
    gradient = torch.exp(logits - log_total)
    gradient.scatter_add_(-1, tokens[:, None], torch.full_like(gradient[:, :1], -1.0))
    gradient *= (1 - squashed.square()) * weights[:, None]
    return nll @ weights, gradient.to(scores.dtype)


class _CrossEntropy(torch.autograd.Function):
    """Computes its gradients in the forward pass, where each chunk's logits are at hand."""

    @staticmethod
    def forward(ctx, hidden, head_weight, tokens, weights, softcap):
        head = head_weight.to(hidden.dtype)
        total = torch.zeros((), device=hidden.device)
        hidden_grad = torch.empty_like(hidden)
        head_grad = torch.zeros_like(head_weight)
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
        return hidden_grad * grad, head_grad * grad, None, None, None
