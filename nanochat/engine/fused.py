"""The model once more, as the engine runs it: the same arithmetic in fewer operations."""

import copy

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from nanochat.engine import replay
from nanochat.engine.cache import KVCache
from nanochat.engine.replay import Scores
from nanochat.model import GPT, attention
from nanochat.model.attention import norm
from nanochat.model.compile import warn_uncompiled
from nanochat.model.gpt import VALUE_GATE_INPUTS, Block

# Columns that are summed before they leave the nearest cache; a cache's block is some of these.
PART = 8

# The compiler takes sizes that are equal at first for always equal, and no model has these.
ROWS, COLUMNS = 37, 67 * PART


class FusedBlock(nn.Module):
    """A block whose queries, keys and values come from one product, with weights cast once."""

    def __init__(self, block: Block, dtype: torch.dtype):
        super().__init__()
        self.block = block
        part = block.attention
        qkv = torch.cat([part.query.weight, part.key.weight, part.value.weight])
        self.qkv, self.project = qkv.to(dtype), part.project.weight.to(dtype)
        self.expand = block.mlp.expand.weight.to(dtype)
        self.contract = block.mlp.project.weight.to(dtype)
        self.split = [part.query.weight.size(0), part.key.weight.size(0)]

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        embedded: Float[Tensor, "B T D"],
        value_embedding: Float[Tensor, "B T KV"] | None,
        rotary: tuple[Tensor, Tensor],
        cache: KVCache,
    ) -> Float[Tensor, "B T D"]:
        if self.block.scales_residual:
            x = self.block.residual_scale * x + self.block.embedding_scale * embedded
        x = x + self.attention(norm(x), value_embedding, rotary, cache)
        return x + linear(F.relu(linear(norm(x), self.expand)).square(), self.contract)

    def attention(
        self,
        x: Float[Tensor, "B T D"],
        value_embedding: Float[Tensor, "B T KV"] | None,
        rotary: tuple[Tensor, Tensor],
        cache: KVCache,
    ) -> Float[Tensor, "B T D"]:
        part = self.block.attention
        q_size, kv_size = self.split
        qk, v = linear(x, self.qkv).split([q_size + kv_size, kv_size], dim=-1)
        if value_embedding is not None:
            gate = 3 * torch.sigmoid(part.value_gate(x[..., :VALUE_GATE_INPUTS]))
            v = v + gate.repeat_interleave(part.head_dim, dim=-1) * value_embedding
        # A rotation keeps the norm. Norm first, the compiler does not redo it for every key.
        qk = attention.rotate(norm(part.heads(qk.float())) * part.qk_scale, *rotary)
        q, k = qk.split([q_size // part.head_dim, kv_size // part.head_dim], dim=2)
        k, v = cache.update(part.layer, k.to(x.dtype), part.heads(v))
        mask = cache.mask(part.window)
        if torch.compiler.is_compiling():
            out = attend_once(q, k, v, mask)
        else:
            out = attention.attend(q.to(x.dtype), k, v, part.window, mask)
        return linear(out.flatten(2), self.project)


def linear(
    x: Float[Tensor, "B T inputs"], weight: Float[Tensor, "outputs inputs"]
) -> Float[Tensor, "B T outputs"]:
    """A product with a matrix; of a single vector, where it is compiled, a sum for each row.

    So written, and only when compiled, it reads the weights at twice the speed of a product."""
    if torch.compiler.is_compiling() and x.size(0) == x.size(1) == 1:
        return (weight.float() * x.float()).sum(-1)[None].to(x.dtype)
    return F.linear(x, weight)


def attend_once(
    q: Float[Tensor, "B 1 H D"],
    k: Float[Tensor, "B S Hkv D"],
    v: Float[Tensor, "B S Hkv D"],
    mask: Float[Tensor, "B 1 S"],
) -> Float[Tensor, "B 1 H D"]:
    """Attention of one query in each row as two sums, which a compiler makes a pass over each.

    Queries come in float32, or the compiler would convert them anew for every key."""
    dtype = v.dtype
    k, v = (x.transpose(1, 2).float()[:, :, None] for x in (k, v))
    q = q.unflatten(2, (k.size(1), -1)).squeeze(1)[..., None, :]
    scores = (q * k).sum(-1) * q.size(-1) ** -0.5 + mask[:, None]
    weights = (scores - scores.amax(-1, keepdim=True)).exp()
    parts = (weights[..., None] * v).unflatten(-2, (-1, PART)).sum(-2)
    out = parts.sum(-2) / weights.sum(-1, keepdim=True)
    return out.flatten(1, 2)[:, None].to(dtype)


def scores(reader: GPT, ids: Int[Tensor, "B T"], cache: KVCache) -> Float[Tensor, "B V"]:
    """Read each row's next tokens into the cache; the scores of the token after them."""
    return reader.logits(reader(ids, cache)[:, -1])


def decoder(reader: GPT, rows: int) -> Scores:
    """`scores` compiled for one new token of each row: of a single row, or of any number.

    On a GPU it is replayed too, where that works. Gives `scores` itself, with a warning, where the
    compiler fails."""
    device = reader.head.weight.device
    padding = torch.zeros(rows if rows == 1 else ROWS, dtype=torch.long, device=device)
    tokens, cache = padding[:, None], KVCache(reader.config, padding, reader.dtype)
    cache.reserve(COLUMNS)
    try:
        compiled = torch.compile(scores, dynamic=True)
        for read in (scores, compiled):
            cache.extend(1)
            read(reader, tokens, cache)
    except Exception as error:
        warn_uncompiled(error, "the engine")
        return scores
    if device.type == "cuda":
        return replay.best(compiled, reader, cache)
    return compiled


def fused(model: GPT) -> GPT:
    """The model for reading with a cache; its matrices are copies of the weights as of now."""
    twin = model.twin()
    twin.blocks = nn.ModuleList(
        FusedBlock(block, model.dtype) if type(block) is Block else block for block in model.blocks
    )
    twin.head = copy.deepcopy(model.head).to(model.dtype)
    return twin
