import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor


def norm(x: Float[Tensor, "*batch D"]) -> Float[Tensor, "*batch D"]:
    """RMSNorm without parameters (1910.07467)."""
    return F.rms_norm(x, (x.size(-1),), eps=1e-6)


def rotary_table(
    head_dim: int, length: int, base: float
) -> tuple[Float[Tensor, "length half"], Float[Tensor, "length half"]]:
    """Cosines and sines of position times frequency, for positions 0 to length (2104.09864)."""
    frequency = base ** (-torch.arange(0, head_dim, 2) / head_dim)
    angle = torch.arange(length)[:, None] * frequency
    return angle.cos(), angle.sin()


def rotate(
    x: Float[Tensor, "B T H D"],
    cos: Float[Tensor, "*B T half"],
    sin: Float[Tensor, "*B T half"],
) -> Float[Tensor, "B T H D"]:
    """Turn each pair (x_i, x_(i + D/2)) by minus its position's angle."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = cos.unsqueeze(-2), sin.unsqueeze(-2)
    return torch.cat([first * cos + second * sin, second * cos - first * sin], dim=-1)


def causal_mask(queries: int, window: int) -> Bool[Tensor, "T T"]:
    """Which keys a query sees: itself and the `window` tokens before it."""
    distance = torch.arange(queries)[:, None] - torch.arange(queries)
    return (distance >= 0) & (distance <= window)


def attend(
    q: Float[Tensor, "B T H D"],
    k: Float[Tensor, "B S Hkv D"],
    v: Float[Tensor, "B S Hkv D"],
    window: int,
    mask: Bool[Tensor, "B T S"] | None = None,
) -> Float[Tensor, "B T H D"]:
    """Softmax attention to what the mask allows, or to each token's causal window."""
    if mask is not None:
        mask = mask[:, None]
    elif window < q.size(1) - 1:
        mask = causal_mask(q.size(1), window).to(q.device)
    out = F.scaled_dot_product_attention(
        q.transpose(1, 2),
        k.transpose(1, 2),
        v.transpose(1, 2),
        attn_mask=mask,
        is_causal=mask is None,
        enable_gqa=q.size(2) != k.size(2),
    )
    return out.transpose(1, 2)
