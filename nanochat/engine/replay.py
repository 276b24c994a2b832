"""A decoding step recorded once and then repeated, which spares a GPU the wait for its orders."""

import copy
from collections.abc import Callable
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float, Int
from torch import Tensor

from nanochat.engine.cache import KVCache
from nanochat.model import GPT

Scores = Callable[[GPT, Tensor, KVCache], Tensor]
Step = Callable[[], tuple[Tensor, Tensor | None]]
Record = Callable[[Step], Step]

# Columns are read before they are filled; so many at a time, a recording serves as many tokens.
ROOM = 256


class Recording:
    """A step on tensors that stay where they are, for as long as the cache has room.

    Rows that have left the cache are computed with the rest, until those are half of them."""

    def __init__(self, scores: Scores, reader: GPT, cache: KVCache, record: Record):
        cache.reserve(-(-cache.end // ROOM) * ROOM)
        self.fixed, self.tokens = copy.copy(cache), torch.zeros_like(cache.positions)
        for name in ("columns", "positions", "padding", "previous_embedding"):
            value = getattr(cache, name)
            setattr(self.fixed, name, None if value is None else value.clone())
        fixed, tokens, previous = self.fixed, self.tokens, self.fixed.previous_embedding

        def step() -> tuple[Tensor, Tensor | None]:
            fixed.masks, fixed.previous_embedding = {}, previous
            return scores(reader, tokens, fixed), fixed.previous_embedding

        self.previous, self.repeat = previous, record(step)

    def serves(self, cache: KVCache) -> bool:
        """Whether the step reads the cache's keys, and not far more than those."""
        mine, asked = self.fixed.keys[0], cache.keys[0]
        return mine.data_ptr() == asked.data_ptr() and len(mine) < 2 * len(asked)

    def read(self, tokens: Int[Tensor, "B 1"], cache: KVCache) -> Float[Tensor, "B V"]:
        """Put in place what is new, and repeat the step."""
        rows = len(tokens)
        self.fixed.columns.copy_(cache.columns)
        self.tokens[:rows] = tokens
        self.fixed.positions[:rows] = cache.positions
        self.fixed.padding[:rows] = cache.padding
        if self.previous is not None:
            self.previous[:rows] = cache.previous_embedding
        scores, embedding = self.repeat()
        if embedding is not None:
            cache.remember(embedding[:rows])
        return scores[:rows]


def graph(step: Step) -> Step:
    """A CUDA graph of what the step starts, once it has been made to warm up."""
    beside = torch.cuda.Stream()
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        step()
    torch.cuda.current_stream().wait_stream(beside)
    recorded = torch.cuda.CUDAGraph()
    with torch.cuda.graph(recorded):
        out = step()

    def repeat() -> tuple[Tensor, Tensor | None]:
        recorded.replay()
        return out

    return repeat


def replayed(scores: Scores, record: Record) -> Scores:
    """The same scores of one new token of each row; a recording ends with its cache."""
    recordings: WeakKeyDictionary[KVCache, Recording] = WeakKeyDictionary()

    def read(reader: GPT, tokens: Int[Tensor, "B 1"], cache: KVCache) -> Float[Tensor, "B V"]:
        if cache not in recordings or not recordings[cache].serves(cache):
            recordings[cache] = Recording(scores, reader, cache, record)
        return recordings[cache].read(tokens, cache)

    return read


def best(scores: Scores, reader: GPT, cache: KVCache, record: Record = graph) -> Scores:
    """The scores replayed, if that was seen to give the same here; else as they are."""
    replay = replayed(scores, record)
    rows = torch.arange(len(cache.padding), device=cache.padding.device)[:, None]
    try:
        same = all(agree(replay, scores, reader, rows + step, cache) for step in range(3))
    except Exception:  # each driver and card has its own way to fail
        same = False
    return replay if same else scores


def agree(
    replay: Scores, scores: Scores, reader: GPT, tokens: Int[Tensor, "B 1"], cache: KVCache
) -> bool:
    """Whether both give the same for the next tokens of a cache."""
    cache.extend(1)
    before = cache.previous_embedding
    found = replay(reader, tokens, cache)
    cache.previous_embedding = before
    return torch.allclose(found, scores(reader, tokens, cache), atol=0.05, rtol=0.05)
