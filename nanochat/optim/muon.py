"""Muon: steps whose singular values are all alike."""

import torch
from jaxtyping import Float
from torch import Tensor

# Newton-Schulz (Jordan 2024): one quintic, steep at 0; what is above 1 % of the norm ends in
# [0.68, 1.14].
NEWTON_SCHULZ = ((3.4445, -4.7750, 2.0315),) * 5

# Polar Express (2505.16932): a quintic of its own for each step.
POLAR_EXPRESS = (
    (8.1566, -22.4833, 15.8788),
    (4.0429, -2.8089, 0.5000),
    (3.8917, -2.7725, 0.5061),
    (3.2858, -2.3681, 0.4645),
    (2.3465, -1.7098, 0.4232),
)

POLYNOMIALS = {"newton_schulz": NEWTON_SCHULZ, "polar_express": POLAR_EXPRESS}

# How far each iteration's first step wants the norm below 1.
MARGINS = {"newton_schulz": 1.0, "polar_express": 1.01}


def orthogonalize(
    matrix: Float[Tensor, "K M N"], method: str = "polar_express"
) -> Float[Tensor, "K M N"]:
    """Move the singular values of each matrix close to 1, by matrix products alone.

    Each step is x <- a x + (b G + c G^2) x with G = x x^T."""
    tall = matrix.size(-2) > matrix.size(-1)
    x = matrix.mT if tall else matrix
    x = x / (MARGINS[method] * frobenius(x) + 1e-7)
    for a, b, c in POLYNOMIALS[method]:
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


def equilibrate(matrix: Float[Tensor, "K M N"]) -> Float[Tensor, "K M N"]:
    """Scale each row to the mean length of the rows (MuonEq, 2603.28254)."""
    length = matrix.norm(dim=-1, keepdim=True)
    return matrix * (length.mean(dim=-2, keepdim=True) / length.clamp(min=1e-7))


def rescale(matrix: Float[Tensor, "K M N"]) -> Float[Tensor, "K M N"]:
    """Give each matrix the Frobenius norm that an orthogonal one has (Muon+, 2602.21545)."""
    norm = min(matrix.shape[-2:]) ** 0.5
    return matrix * (norm / frobenius(matrix).clamp(min=1e-7))


def normalize_neurons(
    update: Float[Tensor, "K M N"], second_moment: Float[Tensor, "K m n"], beta: float
) -> Float[Tensor, "K M N"]:
    """Even out a tall matrix's rows, or another's columns, by their running mean square.

    NorMuon (2510.05491); changes `second_moment` in place, keeps each matrix's Frobenius norm."""
    across = -1 if second_moment.size(-1) == 1 else -2
    second_moment.lerp_(update.square().mean(dim=across, keepdim=True), 1 - beta)
    evened = update * second_moment.clamp(min=1e-10).rsqrt()
    return evened * (frobenius(update) / frobenius(evened).clamp(min=1e-10))


def second_moment_like(matrices: Float[Tensor, "K M N"]) -> Float[Tensor, "K m n"]:
    """A zero for each row of tall matrices, for each column of others."""
    count, rows, columns = matrices.shape
    shape = (count, rows, 1) if rows >= columns else (count, 1, columns)
    return torch.zeros(shape, device=matrices.device)


def decay(
    weight: Float[Tensor, "K M N"], update: Float[Tensor, "K M N"], cautious: bool
) -> Float[Tensor, "K M N"]:
    """What weight decay takes off; if cautious, only where the update shrinks too (2510.12402)."""
    return weight * (weight * update >= 0) if cautious else weight


def frobenius(matrix: Float[Tensor, "K M N"]) -> Float[Tensor, "K 1 1"]:
    """The Frobenius norm of each matrix."""
    return matrix.norm(dim=(-2, -1), keepdim=True)


def initial_state(matrices: Float[Tensor, "K M N"], group: dict) -> dict[str, Tensor]:
    """Momentum zero, and NorMuon's second moment where it is on."""
    state = {"momentum": torch.zeros_like(matrices)}
    if group["normalize_neurons"] is not None:
        state["second_moment"] = second_moment_like(matrices)
    return state


def update(
    weight: Float[Tensor, "K M N"],
    gradient: Float[Tensor, "K M N"],
    state: dict[str, Tensor],
    group: dict,
) -> Float[Tensor, "K M N"]:
    """The weights after one step; the state changes in place."""
    state["momentum"].lerp_(gradient, 1 - group["momentum"])
    step = gradient.lerp(state["momentum"], group["momentum"])
    if group["equilibrate"]:
        step = equilibrate(step)
    step = orthogonalize(step.to(group["dtype"]), group["orthogonalizer"]).float()
    if group["rescale"]:
        step = rescale(step)
    if group["normalize_neurons"] is not None:
        step = normalize_neurons(step, state["second_moment"], group["normalize_neurons"])
    lr = group["lr"] * max(1, weight.size(-2) / weight.size(-1)) ** 0.5
    shrink = decay(weight, step, group["cautious"])
    # Two passes over the weights, where products and differences apart are four.
    return weight.sub(step, alpha=lr).sub_(shrink, alpha=lr * group["weight_decay"])
