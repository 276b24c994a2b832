"""What each profile makes: the same stages, from a minute's worth to a paid night's."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nanochat.optim import OptimConfig
from nanochat.runtime import at_least
from nanochat.train.pretrain import PretrainConfig
from nanochat.train.rl import RLConfig
from nanochat.train.sft import SFTConfig


@dataclass(frozen=True)
class TokenizerConfig:
    """How many ids the tokenizer has, and how many bytes of text it is trained on."""

    vocab_size: int = 2048  # bytes, merges and special tokens
    text_bytes: int = 4_000_000  # of text to learn merges from
    seed: int = 0  # of the texts

    def __post_init__(self):
        at_least(self, 1, "text_bytes")


@dataclass(frozen=True)
class EvaluationConfig:
    """How many held-out documents the loss is taken on, and questions of each task are asked."""

    documents: int = 400  # held-out, for bits per byte
    questions: int = 200  # of each task
    seed: int = 1  # of the questions

    def __post_init__(self):
        at_least(self, 1, "documents", "questions")


@dataclass(frozen=True)
class Profile:
    """The configuration of every stage, the data they read, and the GPUs it is meant for."""

    name: str  # of the run's folder
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    base: PretrainConfig = field(default_factory=PretrainConfig)
    sft: SFTConfig = field(default_factory=SFTConfig)
    rl: RLConfig = field(default_factory=RLConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    data: Literal["world", "climbmix", "fineweb-edu", "tinystories"] = "world"  # to learn from
    texts: Path | None = None  # folder of own ones (.parquet, .txt), in place of data
    conversations: Path | None = None  # file of own ones (JSONL), beside the others
    gpus: int = 0  # how many it is meant for
    gpu: str = ""  # and of which kind

    def with_seed(self, seed: int) -> "Profile":
        """The same profile with every stage's draws made from this seed."""
        stages = ("tokenizer", "base", "sft", "rl")
        seeded = {name: dataclasses.replace(getattr(self, name), seed=seed) for name in stages}
        return dataclasses.replace(self, **seeded)


SMOKE = Profile(
    name="smoke",
    tokenizer=TokenizerConfig(vocab_size=512, text_bytes=300_000),
    base=PretrainConfig(
        depth=2,
        sequence_len=512,
        aspect_ratio=32,
        head_dim=32,
        tokens=200_000,
        sample_every=50,
        batch_tokens=2048,
        lr_scale=1.0,
        weight_decay=0.05,
    ),
    sft=SFTConfig(steps=40, batch_tokens=2048, lr_scale=1.0),
    rl=RLConfig(
        steps=3,
        questions=4,
        samples=4,
        max_tokens=64,
        evaluate_questions=4,
        evaluate_samples=2,
        replay=0.3,
        replay_tokens=1024,
    ),
    evaluation=EvaluationConfig(documents=40, questions=8),
)

# The usual rates belong to batches a hundred times as large: with them, some seeds do not learn to
# copy the names of a story within 500 steps that do with these (figures.md).
STEADY = OptimConfig(scalar_lr=0.05, smear_lr=0.05)

CPU = Profile(
    name="cpu",
    tokenizer=TokenizerConfig(vocab_size=2048, text_bytes=4_000_000),
    base=PretrainConfig(
        depth=4,
        sequence_len=384,
        aspect_ratio=48,
        head_dim=64,
        window_pattern="L",
        tokens=7_300_000,
        warmdown=0.8,  # down to 0: as low a loss with some 3 % fewer tokens (figures.md)
        final_lr=0.0,
        evaluate_every=850,
        sample_every=400,
        batch_tokens=4608,
        lr_scale=1.0,
        weight_decay=0.05,
        optim=STEADY,
    ),
    sft=SFTConfig(
        steps=2400,
        batch_tokens=4608,
        lr_scale=1.0,
        lr_fraction=0.45,
        warmdown=0.8,
        momentum_warmup=100,
        warm_optimizer=False,
        optim=STEADY,
    ),
    rl=RLConfig(
        steps=64,
        questions=16,
        samples=8,
        max_tokens=96,
        lr_scale=0.2,
        replay=1.0,
        replay_tokens=6144,
        interpolation=0.8,
        optim=STEADY,
        micro_tokens=4096,
        evaluate_every=0,
    ),
)

GPU = Profile(
    name="gpu",
    tokenizer=TokenizerConfig(vocab_size=32768, text_bytes=300_000_000),
    base=PretrainConfig(depth=8, device_batch_size="auto"),
    sft=SFTConfig(steps=400, batch_tokens=2**17, device_batch_size="auto"),
    rl=RLConfig(steps=50),
    evaluation=EvaluationConfig(documents=2000, questions=200),
    data="climbmix",
    gpus=1,
    gpu="rtx3090",
)

EIGHT_GPUS = Profile(
    name="8xgpu",
    tokenizer=TokenizerConfig(vocab_size=32768, text_bytes=2_000_000_000),
    base=PretrainConfig(depth=24, tokens_per_parameter=8, device_batch_size="auto"),
    sft=SFTConfig(steps=800, device_batch_size="auto"),
    rl=RLConfig(steps=100),
    evaluation=EvaluationConfig(documents=5000, questions=500),
    data="climbmix",
    gpus=8,
    gpu="h100",
)

PROFILES = {profile.name: profile for profile in (SMOKE, CPU, GPU, EIGHT_GPUS)}
