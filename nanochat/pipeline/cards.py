"""The GPUs that a plan can be made for."""

import math
from dataclasses import dataclass

from nanochat.runtime import UserError
from nanochat.runtime.device import PEAK_FLOPS

GIB = 2**30


@dataclass(frozen=True)
class Card:
    """A GPU: what its maker calls it, its memory in GiB, and how fast that is, in bytes/s."""

    name: str
    memory_gib: float
    bandwidth: float

    @property
    def peak_flops(self) -> float:
        """Its dense bfloat16 peak in FLOP/s; NaN where it is not known."""
        return PEAK_FLOPS.get(self.name, math.nan)


# From the makers' data sheets; memory as the driver states it.
CARDS = {
    "b200": Card("B200", 179, 8.0e12),
    "h200": Card("H200", 140, 4.8e12),
    "h100": Card("H100", 80, 3.35e12),
    "a100": Card("A100", 80, 2.04e12),
    "l40s": Card("L40S", 45, 0.864e12),
    "rtx4090": Card("RTX 4090", 24, 1.008e12),
    "rtx3090": Card("RTX 3090", 24, 0.936e12),
    "rtx4060": Card("RTX 4060", 8, 0.272e12),
}


def named(name: str) -> Card:
    """The card of that name, however it is spelled. Raises UserError naming those there are."""
    key = name.lower().replace(" ", "").replace("-", "")
    if key not in CARDS:
        raise UserError(f"gpu={name} is unknown. There are {', '.join(CARDS)}.")
    return CARDS[key]
