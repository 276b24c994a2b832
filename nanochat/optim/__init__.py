"""Muon for matrices and AdamW for the rest, in one optimizer."""

from nanochat.optim import adamw, muon
from nanochat.optim.optimizer import MuonAdamW, OptimConfig, build

__all__ = ["MuonAdamW", "OptimConfig", "adamw", "build", "muon"]
