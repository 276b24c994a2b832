"""How much better each sample is than the others of its group, G groups of S samples each."""

from jaxtyping import Bool, Float
from torch import Tensor


def centered(rewards: Float[Tensor, "G S"]) -> Float[Tensor, "G S"]:
    """The reward less the mean of its group."""
    return rewards - rewards.mean(dim=1, keepdim=True)


def standardized(rewards: Float[Tensor, "G S"]) -> Float[Tensor, "G S"]:
    """Centred, then over the standard deviation of the group; 0 where that is 0 (2402.03300)."""
    deviation = rewards.std(dim=1, correction=0, keepdim=True)
    return centered(rewards) / deviation.where(varied(rewards)[:, None], 1.0)


def varied(rewards: Float[Tensor, "G S"]) -> Bool[Tensor, "G"]:
    """Which groups hold different rewards; from the others there is nothing to learn."""
    return rewards.amax(dim=1) > rewards.amin(dim=1)
