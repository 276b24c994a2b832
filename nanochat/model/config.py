"""The shape of a model, and its switches of architecture."""

from dataclasses import dataclass
from typing import Literal

from nanochat.model.initialization import INITIALIZATIONS
from nanochat.runtime import UserError, at_least


@dataclass(frozen=True)
class GPTConfig:
    """The shape of a GPT and its switches of architecture. Raises UserError where they clash."""

    vocab_size: int = 32768
    sequence_len: int = 2048
    n_layer: int = 12
    n_head: int = 6
    n_kv_head: int = 6
    n_embd: int = 768
    rope_base: float = 100_000.0
    softcap: float = 15.0
    window_pattern: str = "SSSL"
    qk_scale: float = 1.2
    residual_scales: bool = True
    value_embeddings: bool = True
    smear: bool = True
    backout: bool = True
    initialization: Literal["2026-07", "2025-10"] = "2026-07"

    def __post_init__(self):
        sizes = ("vocab_size", "sequence_len", "n_layer", "n_head", "n_kv_head", "n_embd")
        at_least(self, 1, *sizes)
        if self.n_embd % self.n_head:
            raise UserError(
                f"n_head={self.n_head} does not divide n_embd={self.n_embd}; "
                "did you swap n_layer and n_head?"
            )
        if self.head_dim % 2:
            raise UserError(
                f"n_embd={self.n_embd} over n_head={self.n_head} makes heads of {self.head_dim}; "
                "rotary embeddings turn pairs, so the size of a head must be even."
            )
        if self.n_head % self.n_kv_head:
            raise UserError(
                f"n_kv_head={self.n_kv_head} does not divide n_head={self.n_head}; "
                "each key head serves the same number of query heads."
            )
        if not 0 < self.softcap <= 50:
            raise UserError(f"softcap={self.softcap}: expected more than 0 and at most 50.")
        if self.initialization not in INITIALIZATIONS:
            raise UserError(
                f"initialization={self.initialization!r} is unknown. "
                f"Expected {' or '.join(INITIALIZATIONS)}."
            )
        if not self.window_pattern or set(self.window_pattern) - set("SL"):
            raise UserError(
                f"window_pattern={self.window_pattern!r}: expected letters S (short window) "
                "and L (all of the sequence), such as SSSL."
            )

    @classmethod
    def from_depth(
        cls,
        depth: int,
        vocab_size: int = 32768,
        sequence_len: int = 2048,
        aspect_ratio: int = 64,
        head_dim: int = 128,
        **switches,
    ) -> "GPTConfig":
        """The model of a depth: its width is aspect_ratio * depth, rounded up to whole heads."""
        if min(depth, aspect_ratio, head_dim) < 1:
            raise UserError(
                f"depth={depth}, aspect_ratio={aspect_ratio}, head_dim={head_dim}: expected 1 or "
                "more of each."
            )
        n_head = -(-aspect_ratio * depth // head_dim)
        shape = {"n_layer": depth, "n_head": n_head, "n_embd": n_head * head_dim}
        return cls(vocab_size, sequence_len, **({"n_kv_head": n_head} | shape | switches))

    @classmethod
    def classic(cls, depth: int, vocab_size: int = 65536, **options) -> "GPTConfig":
        """The October 2025 nanochat, which `transformers` has as NanoChatForCausalLM."""
        october = {
            "rope_base": 10_000.0,
            "window_pattern": "L",
            "qk_scale": 1.0,
            "residual_scales": False,
            "value_embeddings": False,
            "smear": False,
            "backout": False,
            "initialization": "2025-10",
        }
        return cls.from_depth(depth, vocab_size, **(october | options))

    @property
    def head_dim(self) -> int:
        """The size of one head."""
        return self.n_embd // self.n_head

    @property
    def windows(self) -> tuple[int, ...]:
        """How many earlier tokens each layer sees; the last layer always sees all of them."""
        quarter = -(-self.sequence_len // 4)
        short = min(-(-quarter // 128) * 128, self.sequence_len)
        sizes = {"S": short, "L": self.sequence_len}
        letters = [self.window_pattern[i % len(self.window_pattern)] for i in range(self.n_layer)]
        return tuple(sizes[letter] for letter in [*letters[:-1], "L"])

    def has_value_embedding(self, layer: int) -> bool:
        """Whether a layer has value embeddings: every other one has, the last among them."""
        return self.value_embeddings and (self.n_layer - 1 - layer) % 2 == 0

    def check_length(self, tokens: int) -> None:
        """Raises UserError for a sequence that is longer than the model reads."""
        if tokens > self.sequence_len:
            raise UserError(
                f"A sequence of {tokens} tokens is longer than the model's sequence_len="
                f"{self.sequence_len}. Shorten the text or train a longer model."
            )
