"""How learning rate, momentum and weight decay change over a run."""

import math
from dataclasses import dataclass

from nanochat.optim import MuonAdamW


@dataclass(frozen=True)
class Schedule:
    """Learning rate, momentum and weight decay over a run: warm up, hold, warm down."""

    steps: int
    warmup: int = 40
    warmdown: float = 0.65
    final_lr: float = 0.05
    momentum_warmup: int = 400
    first_momentum: float = 0.85
    peak_momentum: float = 0.97
    final_momentum: float = 0.90

    def lr(self, step: int) -> float:
        """The share of the full learning rate at a step, counted from 0."""
        rising = min(1.0, (step + 1) / max(1, self.warmup))
        return rising * mix(1.0, self.final_lr, self.warmed_down(step))

    def momentum(self, step: int) -> float:
        """Muon's momentum at a step."""
        warmed_up = min(1.0, step / self.momentum_warmup) if self.momentum_warmup else 1.0
        rising = mix(self.first_momentum, self.peak_momentum, warmed_up)
        falling = mix(self.peak_momentum, self.final_momentum, self.warmed_down(step))
        return min(rising, falling)

    def weight_decay(self, step: int) -> float:
        """The share of Muon's full weight decay at a step: half a cosine, from 1 to 0."""
        return 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def warmed_down(self, step: int) -> float:
        """How much of the warmdown, the last part of the run, lies behind a step."""
        length = self.warmdown * self.steps
        return max(0.0, 1 - (self.steps - step) / length) if length else 0.0


def apply(schedule: Schedule, optimizer: MuonAdamW, step: int) -> None:
    """Set what every parameter group uses at this step."""
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * schedule.lr(step)
        if group["kind"] == "muon":
            group["momentum"] = schedule.momentum(step)
            group["weight_decay"] = group["initial_weight_decay"] * schedule.weight_decay(step)


def mix(start: float, end: float, share: float) -> float:
    """From start to end in a straight line."""
    return start + (end - start) * share
