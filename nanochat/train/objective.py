"""What reinforcement learning maximises, token by token: N sampled tokens of B samples."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from nanochat.engine import sampling
from nanochat.engine.sampling import SamplingConfig
from nanochat.model import GPT


def log_probs(
    model: GPT,
    ids: Int[Tensor, "B T"],
    sampled: Bool[Tensor, "B T"],
    config: SamplingConfig,
) -> Float[Tensor, "N"]:
    """The log-probability of each sampled token, row after row.

    It is that of the distribution sampled from: after temperature, top-k and top-p."""
    chosen = sampled[:, 1:]
    hidden = model(ids[:, :-1])[chosen]
    tokens = ids[:, 1:][chosen][:, None]
    distribution = sampling.log_distribution(model.logits(hidden), config)
    return distribution.gather(-1, tokens).squeeze(-1)


def token_weights(lengths: Int[Tensor, "B"], normalize: str, max_tokens: int) -> Float[Tensor, "B"]:
    """What one token of each sample counts for, given how many tokens were sampled for it.

    "tokens": every token of the batch alike (2503.14476). "sequences": every sample alike, however
    long (2402.03300). "constant": as if every sample had max_tokens (2503.20783)."""
    if normalize == "tokens":
        return torch.full(lengths.shape, 1 / lengths.sum().item())
    if normalize == "sequences":
        return 1 / (len(lengths) * lengths)
    return torch.full(lengths.shape, 1 / (len(lengths) * max_tokens))


def surrogate(
    new: Float[Tensor, "N"],
    old: Float[Tensor, "N"],
    advantage: Float[Tensor, "N"],
    clip: float | None,
) -> Float[Tensor, "N"]:
    """The advantage times the ratio of new to old probability, clipped or not (1707.06347).

    Where new equals old, its gradient is that of REINFORCE."""
    ratio = (new - old).exp()
    if clip is None:
        return ratio * advantage
    return torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage)


def divergence(new: Float[Tensor, "N"], reference: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    """An estimate of KL(new, reference) from sampled tokens, never negative (2402.03300, eq. 4)."""
    log_ratio = reference - new
    return log_ratio.exp() - log_ratio - 1
