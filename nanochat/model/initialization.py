"""The first weights, in the two schemes that nanochat has had."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


def normal(weight: Tensor, std: float, generator: torch.Generator) -> None:
    """Fill with normal draws, made where the generator lives."""
    draw = torch.empty(weight.shape, device=generator.device)
    weight.copy_(draw.normal_(0, std, generator=generator))


def uniform(weight: Tensor, low: float, high: float, generator: torch.Generator) -> None:
    """Fill with uniform draws, made where the generator lives."""
    draw = torch.empty(weight.shape, device=generator.device)
    weight.copy_(draw.uniform_(low, high, generator=generator))


def uniform_by_fan_in(
    weight: Float[Tensor, "outputs inputs"], gain: float, generator: torch.Generator
) -> None:
    """Draw from the bounds that give a standard deviation of gain / sqrt(inputs)."""
    bound = gain * (3 / weight.size(1)) ** 0.5
    uniform(weight, -bound, bound, generator)


def normal_by_fans(
    weight: Float[Tensor, "outputs inputs"], gain: float, generator: torch.Generator
) -> None:
    """Draw with a standard deviation of gain / sqrt(inputs), less where outputs are fewer."""
    outputs, inputs = weight.shape
    normal(weight, gain * min(1, (outputs / inputs) ** 0.5) / inputs**0.5, generator)


@dataclass(frozen=True)
class Initialization:
    """How a model's weights are drawn; those that write to the residual stream begin at 0."""

    embedding_std: float
    head_std: float
    expand_gain: float
    draw: Callable[[Tensor, float, torch.Generator], None]


INITIALIZATIONS = {
    "2026-07": Initialization(0.8, 0.001, 0.4, uniform_by_fan_in),
    "2025-10": Initialization(1.0, 0.0, 1.0, normal_by_fans),
}
