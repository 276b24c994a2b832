"""Supervised finetuning: from a text's next token to an assistant's next word."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nanochat import optim
from nanochat.data import EncodeChats, Loader, Source
from nanochat.model import GPT
from nanochat.optim import MuonAdamW, OptimConfig
from nanochat.runtime import ALONE, Ranks, Runtime, UserError, at_least, files
from nanochat.tokenizer import Tokenizer
from nanochat.train import checkpoint, dial, loop, start
from nanochat.train.loop import Cadence, Progress, Run
from nanochat.train.schedule import Schedule


@dataclass(frozen=True)
class SFTConfig(Cadence):
    """How to finetune: at pretraining's learning rates for the batch, times `lr_fraction`."""

    steps: int = 1000  # of the optimizer
    batch_tokens: int = 2**19  # tokens of a step
    lr_fraction: float = 0.8  # of pretraining's learning rates
    lr_scale: float | None = None  # times every learning rate; None: by the batch
    warmdown: float = 0.5  # part of the run over which the rates fall
    momentum_warmup: int = 300  # steps over which Muon's momentum rises
    warm_optimizer: bool = True  # go on with pretraining's momentum
    optim: OptimConfig = field(default_factory=OptimConfig)
    seed: int = 0  # of the order of the conversations

    def __post_init__(self):
        super().__post_init__()
        at_least(self, 1, "steps", "batch_tokens")
        at_least(self, 0, "lr_fraction", "lr_scale", "warmdown", "momentum_warmup")


def sft(
    config: SFTConfig,
    runtime: Runtime,
    tokenizer: Tokenizer,
    source: Source,
    base: Path | str,
    out_dir: Path | str,
    evaluate: Callable[[GPT], dict[str, float]] | None = None,
    sample: Callable[[GPT], str] | None = None,
) -> tuple[GPT, Progress]:
    """Finetune the checkpoint in `base` on a source of conversations, or go on where a run in
    `out_dir` was stopped.

    Raises UserError as `pretrain` does, and where `base` is not a checkpoint for this tokenizer."""
    model = start.load(base, tokenizer, runtime)
    optimizer = build_optimizer(config, model, base, runtime.ranks)
    loader = build_loader(config.batch_tokens, config.seed, model, tokenizer, source)
    plan = build_schedule(config)
    run = Run(Path(out_dir), model, optimizer, inputs(config, tokenizer, source, base), config.keep)
    return model, loop.train("sft", run, loader, plan, runtime, config, evaluate, sample)


def build_schedule(config: SFTConfig) -> Schedule:
    """The full rate at once, held, and then a straight line to 0."""
    return Schedule(
        config.steps,
        warmup=0,
        warmdown=config.warmdown,
        final_lr=0.0,
        momentum_warmup=config.momentum_warmup,
        peak_momentum=0.95,
        final_momentum=0.95,
    )


def build_optimizer(
    config: SFTConfig, model: GPT, base: Path | str, ranks: Ranks = ALONE
) -> MuonAdamW:
    """An optimizer without Muon's weight decay; a warm one goes on with the momenta of `base`."""
    implied = math.sqrt(config.batch_tokens / dial.REFERENCE_BATCH)
    scale = implied if config.lr_scale is None else config.lr_scale
    rates = dataclasses.replace(config.optim.slowed(config.lr_fraction), weight_decay=0.0)
    optimizer = optim.build(model, rates, scale, ranks)
    if config.warm_optimizer:
        checkpoint.restore(base, model, optimizer)
    return optimizer


def build_loader(
    batch_tokens: int, seed: int, model: GPT, tokenizer: Tokenizer, source: Source
) -> Loader:
    """Rows of whole conversations, padded. Raises UserError where a batch holds not one row."""
    length = model.config.sequence_len
    if batch_tokens < length:
        raise UserError(
            f"A batch of {batch_tokens} tokens is less than one row of the model's "
            f"sequence_len={length}. Use {length} or more."
        )
    encode = EncodeChats(tokenizer, length + 1)
    rows = batch_tokens // length
    return Loader(source, encode, rows, length, tokenizer.bos_id, seed, crop=False)


def inputs(config: SFTConfig, tokenizer: Tokenizer, source: Source, base: Path | str) -> dict:
    """All that decides the weights, so that a run is not resumed as another."""
    return config.deciding() | {
        "tokenizer": tokenizer.fingerprint,
        "source": files.sha256(repr(source).encode()),
        "base": start.fingerprint(base),
    }
