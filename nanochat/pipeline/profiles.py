"""What each profile makes: the same stages, from a minute's worth to a paid night's."""

import dataclasses
from dataclasses import dataclass, field

from nanochat.runtime import UserError
from nanochat.train.pretrain import PretrainConfig
from nanochat.train.rl import RLConfig
from nanochat.train.sft import SFTConfig


@dataclass(frozen=True)
class TokenizerConfig:
    """How many ids the tokenizer has, and how many bytes of the world it is trained on."""

    vocab_size: int = 2048
    text_bytes: int = 4_000_000
    seed: int = 0


@dataclass(frozen=True)
class EvaluationConfig:
    """How many held-out documents the loss is taken on, and questions of each task are asked."""

    documents: int = 400
    questions: int = 200
    seed: int = 1


@dataclass(frozen=True)
class Profile:
    """The configuration of every stage."""

    name: str
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    base: PretrainConfig = field(default_factory=PretrainConfig)
    sft: SFTConfig = field(default_factory=SFTConfig)
    rl: RLConfig = field(default_factory=RLConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def with_seed(self, seed: int) -> "Profile":
        """The same profile with every stage's draws made from this seed."""
        stages = ("tokenizer", "base", "sft", "rl")
        seeded = {name: dataclasses.replace(getattr(self, name), seed=seed) for name in stages}
        return dataclasses.replace(self, **seeded)
