"""The engine: a KV cache, sampling, batched replies, and the calculator."""

from nanochat.engine import sampling, tools
from nanochat.engine.cache import KVCache
from nanochat.engine.engine import Engine, Event
from nanochat.engine.reply import Reply
from nanochat.engine.sampling import SamplingConfig
from nanochat.engine.tools import calculator

__all__ = [
    "Engine",
    "Event",
    "KVCache",
    "Reply",
    "SamplingConfig",
    "calculator",
    "sampling",
    "tools",
]
