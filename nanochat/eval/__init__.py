"""How good a model is: bits per byte, tasks, and what a count of right answers is worth."""

from nanochat.eval.statistics import pass_at_k, wilson_interval

__all__ = ["pass_at_k", "wilson_interval"]
