"""The keys and values of the tokens already read, so that no token is read twice."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from nanochat.model import GPTConfig, masks

BLOCK = 64


class KVCache:
    """Keys and values of B rows, whose newest tokens share a column.

    A shorter row begins with padding; that, and columns not filled yet, no token sees:

        column    0  1  2  3  4  5  6  7
        row 0     a  b  c  d  e  _  _  _
        row 1     .  .  f  g  h  _  _  _        padding 2; g has position 1
    """

    def __init__(
        self,
        config: GPTConfig,
        padding: Int[Tensor, "B"],
        dtype: torch.dtype = torch.float32,
    ):
        shape = (len(padding), config.n_kv_head, 0, config.head_dim)
        empty = torch.empty(shape, dtype=dtype, device=padding.device)
        self.config, self.padding = config, padding
        self.keys, self.values = ([empty] * config.n_layer for _ in range(2))
        self.end = 0
        self.previous_embedding: Float[Tensor, "B 1 D"] | None = None

    def extend(self, tokens: int) -> None:
        """Open the next columns of every row, with room made block by block.

        Raises UserError where a row becomes longer than the model reads."""
        start, self.end = self.end, self.end + tokens
        self.config.check_length(self.end - int(self.padding.min()))
        if self.end > self.room:
            self.reserve(-(-self.end // BLOCK) * BLOCK)
        self.columns = torch.arange(start, self.end, device=self.padding.device)
        self.positions = (self.columns - self.padding[:, None]).clamp(min=0)
        self.masks: dict[int, Float[Tensor, "B T S"]] = {}

    def reserve(self, columns: int) -> None:
        """Make room for this many columns."""
        more = (0, 0, 0, columns - self.room)
        self.change(lambda layer: F.pad(layer, more))

    def update(
        self, layer: int, k: Float[Tensor, "B T Hkv Dh"], v: Float[Tensor, "B T Hkv Dh"]
    ) -> tuple[Float[Tensor, "B S Hkv Dh"], Float[Tensor, "B S Hkv Dh"]]:
        """Fill the open columns of a layer, and return all of its columns."""
        keys, values = self.keys[layer], self.values[layer]
        keys.index_copy_(2, self.columns, k.transpose(1, 2))
        values.index_copy_(2, self.columns, v.transpose(1, 2))
        return keys.transpose(1, 2), values.transpose(1, 2)

    def mask(self, window: int) -> Float[Tensor, "B T S"]:
        """0 where an open column sees: itself, and the tokens of its row at most `window` back."""
        if window not in self.masks:
            column = torch.arange(self.room, device=self.padding.device)
            filled = column >= self.padding[:, None, None]
            itself = self.columns[:, None] == column
            # Padding sees itself: a softmax over nothing would be NaN.
            seen = (masks.within(self.columns, column, window) & filled) | itself
            self.masks[window] = masks.additive(seen, self.keys[0].dtype)
        return self.masks[window]

    def remember(self, embedding: Float[Tensor, "B T D"]) -> None:
        """Keep the embedding of each row's newest token for the model's smear."""
        self.previous_embedding = embedding[:, [-1]]

    def repeat(self, times: int) -> None:
        """Put `times` copies of each row in its place."""
        self.padding = self.padding.repeat_interleave(times)
        self.change(lambda layer: layer.repeat_interleave(times, dim=0))
        if self.previous_embedding is not None:
            self.previous_embedding = self.previous_embedding.repeat_interleave(times, dim=0)

    def keep(self, rows: Sequence[int]) -> None:
        """Keep these rows alone, in this order; only rows that change their place are copied."""
        moves = [(to, source) for to, source in enumerate(rows) if to != source]
        if moves:
            to, source = map(list, zip(*moves, strict=True))
            for layer in self.keys + self.values:
                layer[to, :, : self.end] = layer[source, :, : self.end]
        self.change(lambda layer: layer[: len(rows)])
        self.padding = self.padding[rows]
        if self.previous_embedding is not None:
            self.previous_embedding = self.previous_embedding[rows]

    @property
    def room(self) -> int:
        return self.keys[0].size(2)

    def change(self, way: Callable[[Tensor], Tensor]) -> None:
        self.keys, self.values = (
            [way(layer) for layer in each] for each in (self.keys, self.values)
        )
