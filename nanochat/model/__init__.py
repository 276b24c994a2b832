"""The GPT: its shape, its parts, its loss, and what it costs."""

from nanochat.model import attention, counts, loss, masks
from nanochat.model.compile import compiled
from nanochat.model.config import GPTConfig
from nanochat.model.gpt import GPT, Cache

__all__ = ["GPT", "Cache", "GPTConfig", "attention", "compiled", "counts", "loss", "masks"]
