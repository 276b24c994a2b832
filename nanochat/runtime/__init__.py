"""The machine below: device, dtype, seeds, files that appear whole, and errors for people."""

from nanochat.runtime import files, metrics
from nanochat.runtime.device import Runtime, detect, generator, measure_peak_flops
from nanochat.runtime.distributed import ALONE, Ranks
from nanochat.runtime.errors import UserError, at_least

__all__ = [
    "ALONE",
    "Ranks",
    "Runtime",
    "UserError",
    "at_least",
    "detect",
    "files",
    "generator",
    "measure_peak_flops",
    "metrics",
]
