"""Which key each query sees."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def within(queries: Int[Tensor, "T"], keys: Int[Tensor, "S"], window: int) -> Bool[Tensor, "T S"]:
    """Which keys each query sees, both given by their positions."""
    distance = queries[:, None] - keys
    return (distance >= 0) & (distance <= window)


def additive(seen: Bool[Tensor, "*shape"], dtype: torch.dtype) -> Float[Tensor, "*shape"]:
    """A mask to be added to scores: 0 where a key is seen, minus infinity where not."""
    return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill(~seen, -torch.inf)
