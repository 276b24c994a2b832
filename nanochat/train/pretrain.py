"""Pretraining: the next token, over and over, on a depth's worth of text."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nanochat import optim
from nanochat.data import EncodeText, Loader, Source
from nanochat.model import GPT, GPTConfig
from nanochat.optim import MuonAdamW, OptimConfig
from nanochat.runtime import ALONE, Ranks, Runtime, UserError, at_least, files, generator
from nanochat.tokenizer import Tokenizer
from nanochat.train import dial, loop
from nanochat.train.loop import Cadence, Progress, Run
from nanochat.train.schedule import Schedule


@dataclass(frozen=True)
class PretrainConfig(Cadence):
    """How to pretrain; what is None follows from the depth and the architecture."""

    depth: int = 4  # layers; the width, the tokens and the batch follow from it
    architecture: Literal["2026-07", "classic"] = "2026-07"  # classic: October 2025
    sequence_len: int = 2048  # tokens in a row
    aspect_ratio: int = 64  # width per layer
    head_dim: int = 128  # width of an attention head; the model's is rounded up to some of these
    window_pattern: str | None = None  # per layer, L: sees the whole row, S: a part of it
    tokens_per_parameter: float = 12  # how long to train, unless `tokens` says it
    tokens: int | None = None  # to train on
    batch_tokens: int | None = None  # tokens of a step
    lr_scale: float | None = None  # times every learning rate; None: by the batch
    weight_decay: float | None = None  # of the matrices; None: by the batch and the tokens
    optim: OptimConfig = field(default_factory=OptimConfig)
    warmup: int = 40  # steps over which the rates rise
    warmdown: float = 0.65  # part of the run over which they fall
    final_lr: float = 0.05  # what is left of them at the end
    momentum_warmup: int = 400  # steps over which Muon's momentum rises
    seed: int = 0  # of the weights and the order of the data

    def __post_init__(self):
        super().__post_init__()
        at_least(self, 1, "depth", "sequence_len", "aspect_ratio", "head_dim")
        at_least(self, 1, "tokens", "batch_tokens")
        at_least(self, 0, "lr_scale", "weight_decay", "final_lr")
        at_least(self, 0, "warmup", "warmdown", "momentum_warmup")
        if not self.tokens_per_parameter > 0:
            raise UserError(
                f"tokens_per_parameter={self.tokens_per_parameter}: expected more than 0, such "
                "as 12."
            )


def pretrain(
    config: PretrainConfig,
    runtime: Runtime,
    tokenizer: Tokenizer,
    source: Source,
    out_dir: Path | str,
    model_config: GPTConfig | None = None,
    evaluate: Callable[[GPT], dict[str, float]] | None = None,
    sample: Callable[[GPT], str] | None = None,
) -> tuple[GPT, Progress]:
    """Train a model on a source of texts, or go on where a run in `out_dir` was stopped.

    Raises UserError for a folder with another run, for a loss that is not finite, and, with the run
    saved, where Ctrl-C stopped it."""
    shape = model_config or model_shape(config, tokenizer.vocab_size)
    check_vocabulary(shape, tokenizer)
    size = dial.turn(shape, config.tokens_per_parameter, config.tokens, config.batch_tokens)
    loader = build_loader(config, shape, size, tokenizer, source)
    plan = build_schedule(config, size.steps)
    model = new_model(shape, config.seed, runtime)
    optimizer = build_optimizer(config, size, model, runtime.ranks)
    deciding = inputs(config, shape, tokenizer, source)
    run = Run(Path(out_dir), model, optimizer, deciding, config.keep)
    return model, loop.train("pretrain", run, loader, plan, runtime, config, evaluate, sample)


def model_shape(config: PretrainConfig, vocab_size: int) -> GPTConfig:
    """The model of the configured depth and architecture."""
    build = GPTConfig.classic if config.architecture == "classic" else GPTConfig.from_depth
    windows = {"window_pattern": config.window_pattern} if config.window_pattern else {}
    return build(
        config.depth,
        vocab_size,
        sequence_len=config.sequence_len,
        aspect_ratio=config.aspect_ratio,
        head_dim=config.head_dim,
        **windows,
    )


def check_vocabulary(shape: GPTConfig, tokenizer: Tokenizer) -> None:
    """Raises UserError for a model that has fewer tokens than its tokenizer makes."""
    if shape.vocab_size < tokenizer.vocab_size:
        raise UserError(
            f"The model has vocab_size={shape.vocab_size}, the tokenizer makes "
            f"{tokenizer.vocab_size} tokens. Give the model as many, or name its own tokenizer."
        )


def new_model(shape: GPTConfig, seed: int, runtime: Runtime) -> GPT:
    """A model with weights drawn from the seed, the same on every device."""
    model = GPT(shape, runtime.dtype)
    model.init_weights(generator(seed, "weights"))
    return model.to(runtime.device)


def build_optimizer(
    config: PretrainConfig, size: dial.Dial, model: GPT, ranks: Ranks = ALONE
) -> MuonAdamW:
    """The optimizer with the dial's learning rates and decay, or those that config has in place."""
    decay = size.weight_decay if config.weight_decay is None else config.weight_decay
    scale = size.lr_scale if config.lr_scale is None else config.lr_scale
    return optim.build(model, dataclasses.replace(config.optim, weight_decay=decay), scale, ranks)


def build_schedule(config: PretrainConfig, steps: int) -> Schedule:
    """The configured schedule over the steps of the run."""
    return Schedule(steps, config.warmup, config.warmdown, config.final_lr, config.momentum_warmup)


def build_loader(
    config: PretrainConfig,
    shape: GPTConfig,
    size: dial.Dial,
    tokenizer: Tokenizer,
    source: Source,
) -> Loader:
    """Full rows of documents, as many as make up a batch. Raises UserError where that is none."""
    rows, length = size.batch_tokens // shape.sequence_len, shape.sequence_len
    if not rows:
        raise UserError(
            f"batch_tokens={size.batch_tokens} is less than one row of sequence_len={length}. "
            "Make the batch larger or the rows shorter."
        )
    return Loader(source, EncodeText(tokenizer), rows, length, tokenizer.bos_id, config.seed)


def inputs(config: PretrainConfig, shape: GPTConfig, tokenizer: Tokenizer, source: Source) -> dict:
    """All that decides the weights, so that a run is not resumed as another."""
    return config.deciding() | {
        "model": dataclasses.asdict(shape),
        "tokenizer": tokenizer.fingerprint,
        "source": files.sha256(repr(source).encode()),
    }
