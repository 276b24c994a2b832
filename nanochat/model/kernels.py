"""Causal attention over whole rows on a GPU: the kernels there are, and which one runs here."""

import functools
from collections.abc import Callable
from importlib.util import find_spec

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

from nanochat.model.masks import additive, within

Kernel = Callable[[Tensor, Tensor, Tensor, int], Tensor]


def flash(
    q: Float[Tensor, "B T H D"],
    k: Float[Tensor, "B T Hkv D"],
    v: Float[Tensor, "B T Hkv D"],
    window: int,
) -> Float[Tensor, "B T H D"]:
    """Flash attention (2307.08691), which torch brings along for half precision since Ampere."""
    from torch.nn.attention.varlen import varlen_attn  # older versions of torch have none

    batch, length = q.shape[:2]
    starts = torch.arange(batch + 1, dtype=torch.int32, device=q.device) * length
    out = varlen_attn(
        *(x.flatten(0, 1) for x in (q, k, v)),
        starts,
        starts,
        length,
        length,
        window_size=(min(window, length), 0),
        enable_gqa=q.size(2) != k.size(2),
    )
    return out.unflatten(0, (batch, length))


def flex(
    q: Float[Tensor, "B T H D"],
    k: Float[Tensor, "B T Hkv D"],
    v: Float[Tensor, "B T Hkv D"],
    window: int,
) -> Float[Tensor, "B T H D"]:
    """Flex attention (2412.05496), which skips what no query sees; made to be compiled."""
    length = q.size(1)
    mask = create_block_mask(
        lambda batch, head, query, key: (query >= key) & (query - key <= window),
        *(None, None, length, length),
        device=q.device,
    )
    heads_before_time = (x.transpose(1, 2) for x in (q, k, v))
    out = flex_attention(*heads_before_time, block_mask=mask, enable_gqa=q.size(2) != k.size(2))
    return out.transpose(1, 2)


def scaled_dot_product(
    q: Float[Tensor, "B T H D"],
    k: Float[Tensor, "B S Hkv D"],
    v: Float[Tensor, "B S Hkv D"],
    window: int,
    mask: Float[Tensor, "B T S"] | None = None,
) -> Float[Tensor, "B T H D"]:
    """What torch does itself, with every score computed where a mask or a window hides some."""
    if mask is None and window < q.size(1) - 1:
        positions = torch.arange(q.size(1), device=q.device)
        mask = additive(within(positions, positions, window), q.dtype)[None]
    out = F.scaled_dot_product_attention(
        q.transpose(1, 2),
        k.transpose(1, 2),
        v.transpose(1, 2),
        attn_mask=None if mask is None else mask[:, None],
        is_causal=mask is None,
        enable_gqa=q.size(2) != k.size(2),
    )
    return out.transpose(1, 2)


def best(device: torch.device, dtype: torch.dtype, head_dim: int) -> Kernel:
    """The fastest kernel that was seen to run here; flex only where it is being compiled."""
    if runs("flash", device, dtype, head_dim):
        return flash
    if torch.compiler.is_compiling() and runs("flex", device, dtype, head_dim):
        return flex
    return scaled_dot_product


@torch.compiler.assume_constant_result
def runs(name: str, device: torch.device, dtype: torch.dtype, head_dim: int) -> bool:
    """Whether a kernel, tried once, gives what torch's own attention does, and its gradients."""
    return tried(name, device, dtype, head_dim)


@functools.cache
def tried(name: str, device: torch.device, dtype: torch.dtype, head_dim: int) -> bool:
    if name == "flex":
        return fits(torch.compile(flex), device, dtype, head_dim)
    return takes_flash_3(device, dtype, head_dim) or fits(flash, device, dtype, head_dim)


def takes_flash_3(device: torch.device, dtype: torch.dtype, head_dim: int) -> bool:
    """Have torch take FlashAttention-3 (2407.08608) for its own, where it is installed and fits."""
    if find_spec("flash_attn_interface") is None:
        return False
    try:
        nn.attention.activate_flash_attention_impl("FA3")
    except Exception:  # torch before 2.11, or a package built for another
        return False
    if fits(flash, device, dtype, head_dim):
        return True
    nn.attention.restore_flash_attention_impl()
    return False


def fits(kernel: Kernel, device: torch.device, dtype: torch.dtype, head_dim: int) -> bool:
    """Whether the kernel runs on such heads, and agrees."""
    generator = torch.Generator().manual_seed(0)
    drawn = (torch.randn(2, 256, n, head_dim, generator=generator) for n in (4, 2, 2))
    heads = [x.to(device, dtype) for x in drawn]
    try:
        return all(agree(kernel, heads, window) for window in (64, 256))
    except Exception:  # each kernel, driver and card has its own way to fail
        return False


def agree(kernel: Kernel, heads: list[Tensor], window: int) -> bool:
    """Whether the kernel's result and gradients are those of plain `scaled_dot_product`."""
    found = outcome(kernel, heads, window)
    with sdpa_kernel(SDPBackend.MATH):  # left alone, torch may take the very kernel on trial
        expected = outcome(scaled_dot_product, heads, window)
    return all(
        torch.allclose(mine, right, atol=0.05, rtol=0.05)
        for mine, right in zip(found, expected, strict=True)
    )


def outcome(kernel: Kernel, heads: list[Tensor], window: int) -> list[Tensor]:
    """What a kernel gives, and the gradients of its sum of squares."""
    inputs = [x.clone().requires_grad_() for x in heads]
    out = kernel(*inputs, window)
    return [out.detach(), *torch.autograd.grad(out.square().sum(), inputs)]
