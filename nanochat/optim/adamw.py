"""AdamW, for what is no matrix of a block."""

import torch
from jaxtyping import Float
from torch import Tensor


def initial_state(weight: Float[Tensor, "*shape"]) -> dict[str, Tensor]:
    """No steps taken, both moments zero."""
    return {
        "step": torch.zeros(()),
        "mean": torch.zeros_like(weight),
        "square": torch.zeros_like(weight),
    }


def update(
    weight: Float[Tensor, "*shape"],
    gradient: Float[Tensor, "*shape"],
    state: dict[str, Tensor],
    group: dict,
) -> None:
    """One step of AdamW (1711.05101), in place."""
    beta1, beta2 = group["betas"]
    state["step"] += 1
    state["mean"].lerp_(gradient, 1 - beta1)
    state["square"].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
    step = state["step"].item()
    root = (state["square"] / (1 - beta2**step)).sqrt_().add_(group["eps"])
    weight.mul_(1 - group["lr"] * group["weight_decay"])
    weight.addcdiv_(state["mean"], root, value=-group["lr"] / (1 - beta1**step))
