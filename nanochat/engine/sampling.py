"""From scores to a token: temperature, top-k, top-p, and one draw for each row."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from nanochat.runtime import UserError

COLDEST = 0.001  # scores over less leave the range of numbers


@dataclass(frozen=True)
class SamplingConfig:
    """How to choose tokens, and how many at most; temperature 0 takes the likeliest.

    Raises UserError for a value out of its range."""

    max_tokens: int = 256
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self):
        if self.max_tokens < 1:
            raise UserError(f"max_tokens={self.max_tokens}: expected 1 or more.")
        if self.temperature != 0 and not COLDEST <= self.temperature < float("inf"):
            raise UserError(
                f"temperature={self.temperature}: expected 0 (the likeliest token), or {COLDEST} "
                "or more."
            )
        if self.top_k is not None and self.top_k < 0:
            raise UserError(f"top_k={self.top_k}: expected 1 or more, or 0 for all tokens.")
        if not 0 < self.top_p <= 1:
            raise UserError(f"top_p={self.top_p}: expected more than 0, at most 1 (all tokens).")


def sample(
    logits: Float[Tensor, "B V"], uniform: Float[Tensor, "B"], config: SamplingConfig
) -> tuple[Int[Tensor, "B"], Float[Tensor, "B"]]:
    """A token for each row, and its log-probability under the distribution it was drawn from.

    The token is where the row's cumulative probability first exceeds its uniform number."""
    if config.temperature == 0:
        return logits.argmax(-1), torch.zeros_like(uniform)
    probability = restricted(logits, config).softmax(-1)
    cumulative = probability.cumsum(-1)
    target = uniform[:, None] * cumulative[:, -1:]
    tokens = torch.searchsorted(cumulative, target, right=True)
    return tokens.squeeze(-1), probability.gather(-1, tokens).log().squeeze(-1)


def log_distribution(logits: Float[Tensor, "N V"], config: SamplingConfig) -> Float[Tensor, "N V"]:
    """The log-probabilities that `sample` draws from."""
    return restricted(logits, config).log_softmax(-1)


def restricted(logits: Float[Tensor, "N V"], config: SamplingConfig) -> Float[Tensor, "N V"]:
    """The scores after temperature, minus infinity where top-k or top-p leave a token out."""
    if config.temperature == 0:
        return keep_top_k(logits, 1)
    logits = logits / config.temperature
    if config.top_k:
        logits = keep_top_k(logits, config.top_k)
    if config.top_p < 1:
        logits = keep_top_p(logits, config.top_p)
    return logits


def keep_top_k(logits: Float[Tensor, "N V"], k: int) -> Float[Tensor, "N V"]:
    """Minus infinity for all but the k highest of each row, exactly k where scores tie."""
    highest, tokens = logits.topk(min(k, logits.size(-1)), dim=-1)
    return torch.full_like(logits, -torch.inf).scatter(-1, tokens, highest)


def keep_top_p(logits: Float[Tensor, "N V"], p: float) -> Float[Tensor, "N V"]:
    """Minus infinity for all but the fewest likeliest tokens whose probabilities reach p."""
    descending, tokens = logits.sort(dim=-1, descending=True, stable=True)
    probability = descending.softmax(-1)
    before = probability.cumsum(-1) - probability
    descending = descending.masked_fill(before >= p, -torch.inf)
    return torch.empty_like(logits).scatter(-1, tokens, descending)
