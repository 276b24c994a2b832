"""The GPT, from ids to hidden states, to be read from top to bottom."""

import copy
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from nanochat.model import attention, loss
from nanochat.model.attention import norm
from nanochat.model.config import GPTConfig
from nanochat.model.initialization import INITIALIZATIONS, Initialization, normal, uniform

VALUE_GATE_INPUTS = 12
SMEAR_GATE_INPUTS = 24


@runtime_checkable
class Cache(Protocol):
    """What the model asks of a KV cache while it reads the next tokens of each row."""

    positions: Int[Tensor, "B T"]
    """The position of each new token in its row, counted from 0."""
    previous_embedding: Float[Tensor, "B 1 D"] | None
    """The embedding of the token before the first new one; None where nothing came before."""

    def update(self, layer: int, k: Float[Tensor, "B T Hkv Dh"], v: Float[Tensor, "B T Hkv Dh"]):
        """Add the new keys and values; return all of the layer's, `B S Hkv Dh` each."""

    def mask(self, window: int) -> Float[Tensor, "B T S"]:
        """0 for each of the S keys that a new token sees, those at most `window` positions back,
        and minus infinity for the others."""

    def remember(self, embedding: Float[Tensor, "B T D"]) -> None:
        """Keep the embedding of each row's last token for the next call."""


class Linear(nn.Linear):
    """A matrix kept in float32 and applied in the dtype of its input."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, bias=False)

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.weight)

    def forward(self, x: Float[Tensor, "*batch inputs"]) -> Float[Tensor, "*batch outputs"]:
        return F.linear(x, self.weight.to(x.dtype))


class Embedding(nn.Module):
    """A float32 table of vectors; its gradient is summed in float32 whatever the compute dtype."""

    def __init__(self, rows: int, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(rows, width))

    def forward(self, ids: Int[Tensor, "B T"], dtype: torch.dtype) -> Float[Tensor, "B T width"]:
        return F.embedding(ids, self.weight).to(dtype)


class Attention(nn.Module):
    """Causal self-attention with rotary positions, normalised queries and keys, grouped heads."""

    def __init__(self, config: GPTConfig, layer: int):
        super().__init__()
        self.layer, self.window = layer, config.windows[layer]
        self.head_dim, self.qk_scale = config.head_dim, config.qk_scale
        kv_width = config.n_kv_head * config.head_dim
        self.query = Linear(config.n_embd, config.n_embd)
        self.key = Linear(config.n_embd, kv_width)
        self.value = Linear(config.n_embd, kv_width)
        self.project = Linear(config.n_embd, config.n_embd)
        if config.has_value_embedding(layer):
            self.value_gate = Linear(VALUE_GATE_INPUTS, config.n_kv_head)

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        value_embedding: Float[Tensor, "B T KV"] | None,
        rotary: tuple[Tensor, Tensor],
        cache: Cache | None,
    ) -> Float[Tensor, "B T D"]:
        q, k, v = (self.heads(linear(x)) for linear in (self.query, self.key, self.value))
        if value_embedding is not None:
            gate = 3 * torch.sigmoid(self.value_gate(x[..., :VALUE_GATE_INPUTS]))
            v = v + gate[..., None] * self.heads(value_embedding)
        q, k = (norm(attention.rotate(each, *rotary)) * self.qk_scale for each in (q, k))
        mask = None
        if cache is not None:
            k, v = cache.update(self.layer, k, v)
            mask = cache.mask(self.window)
        return self.project(attention.attend(q, k, v, self.window, mask).flatten(2))

    def heads(self, x: Float[Tensor, "B T width"]) -> Float[Tensor, "B T heads Dh"]:
        return x.unflatten(-1, (-1, self.head_dim))


class MLP(nn.Module):
    """Two layers, four times as wide between, with relu squared (2109.08668)."""

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.expand = Linear(config.n_embd, 4 * config.n_embd)
        self.project = Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        return self.project(F.relu(self.expand(x)).square())


class Block(nn.Module):
    """Attention, then the MLP, each added to the residual stream.

    First, if switched on, the stream is scaled and takes in a share of the tokens' embeddings."""

    def __init__(self, config: GPTConfig, layer: int):
        super().__init__()
        self.scales_residual = config.residual_scales
        if config.residual_scales:
            self.residual_scale = nn.Parameter(torch.ones(()))
            self.embedding_scale = nn.Parameter(torch.zeros(()))
        self.attention = Attention(config, layer)
        self.mlp = MLP(config)

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        embedded: Float[Tensor, "B T D"],
        value_embedding: Float[Tensor, "B T KV"] | None,
        rotary: tuple[Tensor, Tensor],
        cache: Cache | None = None,
    ) -> Float[Tensor, "B T D"]:
        if self.scales_residual:
            x = self.residual_scale * x + self.embedding_scale * embedded
        x = x + self.attention(norm(x), value_embedding, rotary, cache)
        return x + self.mlp(norm(x))

    def init_weights(
        self, scheme: Initialization, depth: Tensor, generator: torch.Generator
    ) -> None:
        attention = self.attention
        for linear in (attention.query, attention.key, attention.value):
            scheme.draw(linear.weight, 1.0, generator)
        scheme.draw(self.mlp.expand.weight, scheme.expand_gain, generator)
        attention.project.weight.zero_()
        self.mlp.project.weight.zero_()
        if hasattr(attention, "value_gate"):
            uniform(attention.value_gate.weight, 0, 0.02, generator)
        if self.scales_residual:
            self.residual_scale.copy_(1.15 - 0.10 * depth)
            self.embedding_scale.copy_(0.20 - 0.15 * depth)


class Smear(nn.Module):
    """Adds to each token a learned share of the token before it."""

    def __init__(self):
        super().__init__()
        self.gate = Linear(SMEAR_GATE_INPUTS, 1)
        self.scale = nn.Parameter(torch.zeros(()))

    def forward(
        self, x: Float[Tensor, "B T D"], previous: Float[Tensor, "B T D"]
    ) -> Float[Tensor, "B T D"]:
        gate = torch.sigmoid(self.gate(x[..., :SMEAR_GATE_INPUTS]))
        return x + self.scale * gate * previous


class GPT(nn.Module):
    """A decoder-only transformer with float32 weights, computed in `dtype`.

    Its weights are zero until `init_weights` draws them or a checkpoint is loaded."""

    def __init__(self, config: GPTConfig, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.config, self.dtype = config, dtype
        self.chunk_gradient = loss.chunk_gradient
        kv_width = config.n_kv_head * config.head_dim
        self.embedding = Embedding(config.vocab_size, config.n_embd)
        self.blocks = nn.ModuleList(Block(config, layer) for layer in range(config.n_layer))
        self.head = Linear(config.n_embd, config.vocab_size)
        self.value_embeddings = nn.ModuleDict(
            {
                str(layer): Embedding(config.vocab_size, kv_width)
                for layer in range(config.n_layer)
                if config.has_value_embedding(layer)
            }
        )
        if config.smear:
            self.smear = Smear()
        if config.backout:
            self.backout = nn.Parameter(torch.zeros(()))
        cos, sin = attention.rotary_table(config.head_dim, config.sequence_len, config.rope_base)
        self.register_buffer("cos", cos.to(dtype), persistent=False)
        self.register_buffer("sin", sin.to(dtype), persistent=False)

    def forward(
        self, ids: Int[Tensor, "B T"], cache: Cache | None = None
    ) -> Float[Tensor, "B T D"]:
        """The hidden state of each token after the last norm; UserError beyond sequence_len."""
        rotary = self.rotary(ids, cache)
        embedded = self.embed(ids, cache)
        # Another name for the compiler: one for both would need a graph of its own.
        x = embedded.view_as(embedded)
        for layer, block in enumerate(self.blocks):
            x = block(x, embedded, self.value_embedding(layer, ids), rotary, cache)
            if layer == self.config.n_layer // 2:
                middle = x
        if self.config.backout:
            x = x - self.backout * middle
        return norm(x)

    def logits(self, hidden: Float[Tensor, "*batch D"]) -> Float[Tensor, "*batch V"]:
        """Soft-capped scores of the next token, in float32."""
        return loss.soft_cap(self.head(hidden).float(), self.config.softcap)

    def loss(
        self,
        ids: Int[Tensor, "B T"],
        targets: Int[Tensor, "B T"],
        weights: Float[Tensor, "B T"] | None = None,
    ) -> Float[Tensor, ""]:
        """The cross entropy in nats: the mean over targets that are not -1, or a weighted sum."""
        return loss.cross_entropy(
            self(ids),
            self.head.weight,
            targets,
            self.config.softcap,
            weights,
            self.chunk_gradient,
        )

    def twin(self) -> "GPT":
        """A model of the same parts and weights, in which a part can be replaced by another."""
        twin = copy.copy(self)
        # A plain copy has its list of parts in common, so that what is replaced would be in both.
        twin.__dict__["_modules"] = dict(self._modules)
        return twin

    def embed(self, ids: Int[Tensor, "B T"], cache: Cache | None) -> Float[Tensor, "B T D"]:
        x = norm(self.embedding(ids, self.dtype))
        if not self.config.smear:
            return x
        previous = F.pad(x[:, :-1], (0, 0, 1, 0))
        if cache is not None:
            if cache.previous_embedding is not None:
                previous = torch.cat([cache.previous_embedding, x[:, :-1]], dim=1)
            previous = previous.masked_fill((cache.positions == 0)[..., None], 0)
            cache.remember(x)
        return self.smear(x, previous)

    def value_embedding(
        self, layer: int, ids: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T KV"] | None:
        if not self.config.has_value_embedding(layer):
            return None
        return self.value_embeddings[str(layer)](ids, self.dtype)

    def rotary(self, ids: Int[Tensor, "B T"], cache: Cache | None) -> tuple[Tensor, Tensor]:
        if cache is not None:
            return self.cos[cache.positions], self.sin[cache.positions]
        length = ids.size(1)
        self.config.check_length(length)
        return self.cos[:length], self.sin[:length]

    @torch.no_grad()
    def init_weights(self, generator: torch.Generator) -> None:
        """Draw every weight from the generator: the same ones on every device."""
        scheme = INITIALIZATIONS[self.config.initialization]
        normal(self.embedding.weight, scheme.embedding_std, generator)
        normal(self.head.weight, scheme.head_std, generator)
        bound = (3 / self.config.n_embd) ** 0.5
        for table in self.value_embeddings.values():
            uniform(table.weight, -bound, bound, generator)
        for depth, block in zip(torch.linspace(0, 1, len(self.blocks)), self.blocks, strict=True):
            block.init_weights(scheme, depth, generator)
        if self.config.smear:
            uniform(self.smear.gate.weight, 0, 0.02, generator)
            self.smear.scale.zero_()
        if self.config.backout:
            self.backout.fill_(0.2)
