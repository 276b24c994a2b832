"""Reinforcement learning: answer each question many times, and do more of what went well."""

import dataclasses
import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from nanochat import optim
from nanochat.data import Batch, Source, WorldChats
from nanochat.engine import Engine, SamplingConfig
from nanochat.eval import pass_at_k
from nanochat.model import GPT
from nanochat.optim import MuonAdamW, OptimConfig
from nanochat.runtime import ALONE, Ranks, Runtime, UserError, at_least, files, generator, metrics
from nanochat.tokenizer import Tokenizer
from nanochat.train import experience, loop, objective, rollout, sft, start
from nanochat.train.experience import Experience, MicroBatch
from nanochat.train.loop import Journal, Progress, Run
from nanochat.train.rollout import Sample, Task, WorldTask


@dataclass(frozen=True)
class RLConfig:
    """How to learn from rewards: at each step, `samples` replies to each of `questions`.

    With `replay`, finetuning's loss on a batch of its conversations counts so much beside them, so
    that what nobody rewards is not forgotten (2203.02155, eq. 2); `interpolation` goes back part of
    the way in the end (2309.06256). Raises UserError for a number that is too small, and for
    settings that exclude each other."""

    steps: int = 400  # of new replies
    questions: int = 16  # asked at each step
    samples: int = 16  # replies to each question
    max_tokens: int = 256  # of a reply
    temperature: float = 1.0  # of the replies to learn from
    top_k: int | None = None  # how many of the likeliest tokens they are drawn from
    top_p: float = 1.0  # or how much probability
    advantage: Literal["centered", "standardized"] = "centered"  # standardized: by the deviation
    normalize: Literal["tokens", "sequences", "constant"] = "tokens"  # what weighs the same
    inner_steps: int = 1  # of the optimizer on the same replies
    clip: float | None = None  # how far probabilities may move in these (PPO)
    kl: float = 0.0  # weight of the distance from the finetuned model
    lr_scale: float = 0.05  # times every learning rate
    replay: float = 0.0  # weight of finetuning's loss
    replay_tokens: int = 2**16  # of conversations at each step
    interpolation: float = 1.0  # how far from the finetuned weights to the trained ones it ends
    optim: OptimConfig = field(default_factory=OptimConfig)
    micro_tokens: int = 8192  # computed at once; decides memory alone
    track: tuple[metrics.Tracker, ...] = ()  # where metrics go besides the file
    seed: int = 0  # of questions and replies
    save_every: int = 50  # steps between checkpoints (0: at the end)
    evaluate_every: int = 50  # steps between evaluations (0: at the end)
    evaluate_questions: int = 64  # held-out questions of an evaluation
    evaluate_samples: int = 8  # replies to each of these
    keep: int = 2  # checkpoints kept

    def __post_init__(self):
        at_least(self, 1, "steps", "questions", "inner_steps", "micro_tokens", "keep")
        at_least(self, 1, "evaluate_questions", "evaluate_samples", "replay_tokens")
        at_least(self, 0, "save_every", "evaluate_every", "lr_scale")
        at_least(self, 0, "clip", "kl", "replay", "interpolation")
        if self.samples < 2:
            raise UserError(
                f"samples={self.samples}: a reply is judged against others to the same question. "
                "Use 2 or more."
            )
        if self.temperature <= 0:
            raise UserError(
                f"temperature={self.temperature} gives the same reply every time, and nothing to "
                "compare. Use a temperature above 0, such as 1."
            )
        if self.kl and (self.top_k or self.top_p < 1):
            raise UserError(
                f"kl={self.kl} compares whole distributions, which top_k={self.top_k} and "
                f"top_p={self.top_p} cut. Use top_k=None and top_p=1."
            )
        # Raises UserError for what cannot be sampled with.
        self.sampling()

    def sampling(self, *path: int | str) -> SamplingConfig:
        """How replies are drawn, by a random stream of their own for each path."""
        seed = generator(self.seed, *path).initial_seed()
        return SamplingConfig(self.max_tokens, self.temperature, self.top_k, self.top_p, seed)


# From so many sampled tokens in a row on, compiling the engine saves more time than it takes: on
# two cores 27 s where nothing is cached, and 0.23 s saved in 96 tokens of 128 replies.
WORTH_COMPILING = 10_000

# What may change between a run and its resumption, since no weight depends on it.
FREE = (
    "save_every",
    "evaluate_every",
    "evaluate_questions",
    "evaluate_samples",
    "keep",
    "micro_tokens",
    "track",
)


def rl(
    config: RLConfig,
    runtime: Runtime,
    tokenizer: Tokenizer,
    base: Path | str,
    out_dir: Path | str,
    task: Task | None = None,
    held_out: Task | None = None,
    conversations: Source | None = None,
) -> tuple[GPT, Progress]:
    """Improve the checkpoint in `base` at a task, or go on where a run in `out_dir` was stopped.

    Unless named, the task and the conversations to replay are those of the tiny world.

    Raises UserError as `sft` does."""
    task = task or WorldTask(seed=config.seed)
    held_out = held_out or WorldTask(seed=config.seed, split="val")
    conversations = conversations or WorldChats(config.seed)
    model = start.load(base, tokenizer, runtime)
    reference = start.load(base, tokenizer, runtime) if config.kl else None
    optimizer = build_optimizer(config, model, runtime.ranks)
    deciding = inputs(config, tokenizer, task, base, conversations)
    run = Run(Path(out_dir), model, optimizer, deciding, config.keep)
    progress = run.resume()
    replayed = replays(config, model, tokenizer, conversations, progress.loader)
    long = config.steps * config.max_tokens >= WORTH_COMPILING
    engine = Engine(model, tokenizer, runtime, compile=runtime.compile and long)
    with (
        Journal(
            run.folder, "rl", config.steps, progress.step, runtime.ranks, config.track
        ) as journal,
        loop.interrupts() as interrupted,
    ):
        while progress.step < config.steps:
            began, batch = time.perf_counter(), next(replayed)
            groups = explore(engine, task, config, progress.step)
            decay(optimizer, progress.step / config.steps)
            figures = improve(model, reference, optimizer, groups, config, batch)
            advance(progress, groups, figures["loss"], time.perf_counter() - began)
            progress.loader = batch and batch.state
            record(journal, progress, describe(groups) | figures)
            if progress.step == config.steps and config.interpolation != 1:
                interpolate(start.load(base, tokenizer, runtime), model, config.interpolation)
            if loop.due(progress.step, config.evaluate_every, config.steps):
                progress.evaluation = evaluate(engine, held_out, config)
                journal.write(progress.step, **progress.evaluation)
            run.save_or_stop(progress, config.steps, config.save_every, interrupted())
    return model, progress


def explore(engine: Engine, task: Task, config: RLConfig, step: int) -> list[list[Sample]]:
    """The groups of a step: its questions, each answered many times."""
    first = step * config.questions
    questions = [task.question(first + i) for i in range(config.questions)]
    return rollout.roll_out(engine, task, questions, config.sampling("step", step), config.samples)


def improve(
    model: GPT,
    reference: GPT | None,
    optimizer: MuonAdamW,
    groups: list[list[Sample]],
    config: RLConfig,
    batch: Batch | None = None,
) -> dict[str, float]:
    """Take `inner_steps` up the objective, or none where there is nothing to learn.

    Each rank reads its share of the samples, and of a batch to replay; what they weigh is decided
    over all."""
    lesson = experience.gather(
        groups, config.advantage, config.normalize, config.max_tokens, skip=reference is None
    )
    figures = {"loss": 0.0, "drift": 0.0}
    for _ in range(config.inner_steps if lesson.samples else 0):
        part = accumulate(model, reference, lesson.share(optimizer.ranks), config)
        figures = {
            "loss": loop.check_finite(optimizer.ranks.total(part["loss"])),
            "drift": max(optimizer.ranks.all_values(part["drift"])),
        }
        if batch:
            figures["replay"] = replay(model, batch, config, optimizer.ranks)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return figures


def accumulate(
    model: GPT, reference: GPT | None, lesson: Experience, config: RLConfig
) -> dict[str, float]:
    """Add up the gradient over micro-batches: the same whatever their size.

    `drift` is how far the ratio of new to old probability is from 1, at most; before the first
    update that is rounding alone."""
    loss = drift = 0.0
    for batch in lesson.split(config.micro_tokens, padding=0):
        batch = batch.to(model.head.weight.device)
        new = objective.log_probs(model, batch.ids, batch.sampled, config.sampling())
        part = -(batch.weight * gain(new, reference, batch, config)).sum()
        part.backward()
        loss += part.item()
        drift = max(drift, (new - batch.old).expm1().abs().max().item())
    return {"loss": loss, "drift": drift}


def gain(
    new: Float[Tensor, "N"], reference: GPT | None, batch: MicroBatch, config: RLConfig
) -> Float[Tensor, "N"]:
    """What each token adds to the objective: its surrogate, less its share of the divergence."""
    surrogate = objective.surrogate(new, batch.old, batch.advantage, config.clip)
    if reference is None:
        return surrogate
    with torch.no_grad():
        known = objective.log_probs(reference, batch.ids, batch.sampled, config.sampling())
    return surrogate - config.kl * objective.divergence(new, known)


def replays(
    config: RLConfig,
    model: GPT,
    tokenizer: Tokenizer,
    conversations: Source,
    state: dict | None,
) -> Iterator[Batch | None]:
    """A batch of conversations for each step, from where a run stood; None where none is wanted."""
    if not config.replay:
        return itertools.repeat(None)
    loader = sft.build_loader(config.replay_tokens, config.seed, model, tokenizer, conversations)
    return loader.batches(state)


def replay(model: GPT, batch: Batch, config: RLConfig, ranks: Ranks) -> float:
    """Add `config.replay` times the gradient of finetuning's loss on a batch; that loss in nats."""

    def loss(inputs: Int[Tensor, "B T"], targets: Int[Tensor, "B T"]) -> Float[Tensor, ""]:
        return config.replay * model.loss(inputs, targets)

    rows = max(1, config.micro_tokens // model.config.sequence_len)
    nats = loop.add_gradient(loss, batch, rows, model.head.weight.device, ranks)
    return loop.check_finite(nats) / config.replay


@torch.no_grad()
def interpolate(finetuned: GPT, trained: GPT, share: float) -> None:
    """Leave each weight of the trained model that share of its way from the finetuned one."""
    for before, weight in zip(finetuned.parameters(), trained.parameters(), strict=True):
        weight.copy_(before.lerp(weight, share))


def evaluate(engine: Engine, task: Task, config: RLConfig) -> dict[str, float]:
    """pass@k on held-out questions, for k = 1, 2, 4, ... up to the samples drawn (2107.03374)."""
    questions = [task.question(i) for i in range(config.evaluate_questions)]
    n = config.evaluate_samples
    groups = rollout.roll_out(engine, task, questions, config.sampling("evaluation"), n)
    passed = [sum(sample.reward > 0 for sample in group) for group in groups]
    powers = [2**i for i in range(int(math.log2(n)) + 1)]
    return {f"pass@{k}": fmean(pass_at_k(n, count, k) for count in passed) for k in powers}


def describe(groups: list[list[Sample]]) -> dict[str, float]:
    """What the samples of a step show; the entropy, in nats, is that of one choice of a token."""
    samples = [sample for group in groups for sample in group]
    return {
        "reward": fmean(sample.reward for sample in samples),
        "length": fmean(sample.length for sample in samples),
        "entropy": -fmean(p for sample in samples for p in sample.log_probs),
        "truncated": fmean(not sample.finished for sample in samples),
        "skipped": fmean(len({sample.reward for sample in group}) == 1 for group in groups),
    }


def advance(progress: Progress, groups: list[list[Sample]], loss: float, seconds: float) -> None:
    """Count one more step."""
    tokens = sum(sample.length for group in groups for sample in group)
    progress.step += 1
    progress.tokens += tokens
    progress.seconds += seconds
    progress.tokens_per_second = tokens / seconds
    progress.loss = loss


def record(journal: Journal, progress: Progress, figures: dict[str, float]) -> None:
    """Write and show the step that was just finished."""
    journal.write(progress.step, seconds=progress.seconds, **figures)
    shown = (f"{name} {figures[name]:.2f}" for name in ("reward", "length", "entropy", "skipped"))
    journal.show(progress.step, "  ".join(shown))


def build_optimizer(config: RLConfig, model: GPT, ranks: Ranks = ALONE) -> MuonAdamW:
    """An optimizer without weight decay."""
    optimizer = optim.build(model, config.optim.slowed(config.lr_scale), ranks=ranks)
    for group in optimizer.param_groups:
        group["weight_decay"] = 0.0
    return optimizer


def decay(optimizer: MuonAdamW, done: float) -> None:
    """Set the learning rates for a share of the run: a straight line from full to 0."""
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * (1 - done)


def inputs(
    config: RLConfig, tokenizer: Tokenizer, task: Task, base: Path | str, conversations: Source
) -> dict:
    """All that decides the weights, so that a run is not resumed as another."""
    deciding = {k: v for k, v in dataclasses.asdict(config).items() if k not in FREE}
    return deciding | {
        "tokenizer": tokenizer.fingerprint,
        "task": files.sha256(repr(task).encode()),
        "base": start.fingerprint(base),
        "conversations": files.sha256(repr(conversations).encode()),
    }
