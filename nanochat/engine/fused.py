"""The model once more, as the engine runs it: the same arithmetic in fewer operations."""

import copy

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from nanochat.engine.cache import KVCache
from nanochat.model import GPT, attention
from nanochat.model.attention import norm
from nanochat.model.gpt import VALUE_GATE_INPUTS, Block


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
        return x + F.linear(F.relu(F.linear(norm(x), self.expand)).square(), self.contract)

    def attention(
        self,
        x: Float[Tensor, "B T D"],
        value_embedding: Float[Tensor, "B T KV"] | None,
        rotary: tuple[Tensor, Tensor],
        cache: KVCache,
    ) -> Float[Tensor, "B T D"]:
        part = self.block.attention
        q_size, kv_size = self.split
        qk, v = F.linear(x, self.qkv).split([q_size + kv_size, kv_size], dim=-1)
        if value_embedding is not None:
            gate = 3 * torch.sigmoid(part.value_gate(x[..., :VALUE_GATE_INPUTS]))
            v = v + gate.repeat_interleave(part.head_dim, dim=-1) * value_embedding
        qk = norm(attention.rotate(part.heads(qk), *rotary)) * part.qk_scale
        q, k = qk.split([q_size // part.head_dim, kv_size // part.head_dim], dim=2)
        k, v = cache.update(part.layer, k, part.heads(v))
        out = attention.attend(q, k, v, part.window, cache.mask(part.window))
        return F.linear(out.flatten(2), self.project)


def fused(model: GPT) -> GPT:
    """The model for reading with a cache; its matrices are copies of the weights as of now."""
    twin = model.twin()
    twin.blocks = nn.ModuleList(
        FusedBlock(block, model.dtype) if type(block) is Block else block for block in model.blocks
    )
    twin.head = copy.deepcopy(model.head).to(model.dtype)
    return twin
