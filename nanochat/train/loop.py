"""What the loops of all stages share: the step, the record of a run, and a clean stop."""

import dataclasses
import json
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch
from rich import progress as bars
from rich.console import Console
from torch import Tensor

from nanochat.data import Batch, Loader, prefetch
from nanochat.model import GPT, GPTConfig, compiled, counts
from nanochat.optim import MuonAdamW
from nanochat.runtime import ALONE, Ranks, Runtime, UserError, at_least, metrics
from nanochat.train import checkpoint, fit, schedule
from nanochat.train.schedule import Schedule

Loss = Callable[[Tensor, Tensor], Tensor]


class Interrupted(UserError):
    """Ctrl-C came, the step was finished, and the run was saved."""


def loss_of(model: GPT, runtime: Runtime) -> Loss:
    """The model's loss, its blocks compiled where the runtime compiles."""
    return compiled(model, runtime).loss


def step(
    loss: Loss, optimizer: MuonAdamW, batch: Batch, micro_rows: int, runtime: Runtime
) -> float:
    """One update from a batch, all ranks together, each reading its rows a few at a time.

    Returns the mean nats a target of the whole batch. Raises UserError, with the weights as they
    were, where that is not finite."""
    nats = check_finite(add_gradient(loss, batch, micro_rows, runtime.device, runtime.ranks))
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return nats


def add_gradient(
    loss: Loss, batch: Batch, micro_rows: int, device: torch.device, ranks: Ranks
) -> float:
    """Add this rank's share of the gradient of a batch's mean loss, and return that mean."""
    count = (batch.targets >= 0).sum()
    total = torch.zeros((), device=device)
    for piece in batch.split(micro_rows, ranks.rank, ranks.world_size):
        share = (piece.targets >= 0).sum() / count
        part = loss(piece.inputs.to(device), piece.targets.to(device)) * share.item()
        part.backward()
        total += part.detach()
    return ranks.total(total.item())


def check_finite(nats: float) -> float:
    """The loss itself. Raises UserError where it is an infinity or NaN."""
    if not math.isfinite(nats):
        raise UserError(
            f"The loss is {nats}. The step was not taken, and the last checkpoint is kept. Look at "
            "the last lines of metrics.jsonl: if the loss climbed before, start anew with half the "
            "learning rates; if it broke in one step, look at the batch's text and try float32."
        )
    return nats


def due(done: int, every: int, steps: int) -> bool:
    """Whether what happens every so many steps (0: never) happens now; after the last it does."""
    return done == steps or (every > 0 and done % every == 0)


@dataclass(frozen=True)
class Cadence:
    """How a run is cut into pieces, where its figures go, and how often what happens (0: never).

    No weight depends on it but by rounding, so that it may change when a run is resumed. With
    `device_batch_size` "auto" a GPU reads as many rows at once as it holds, instead of micro_rows.
    Raises UserError for a number that is too small, as the configuration of every stage does."""

    micro_rows: int = 32  # rows computed at once on each rank; decides memory alone
    device_batch_size: Literal["micro_rows", "auto"] = "micro_rows"  # auto: what a GPU holds
    track: tuple[metrics.Tracker, ...] = ()  # where metrics go besides the file
    save_every: int = 250  # steps between checkpoints (0: at the end)
    evaluate_every: int = 250  # steps between evaluations (0: at the end)
    sample_every: int = 1000  # steps between samples (0: at the end)
    keep: int = 2  # checkpoints kept

    def __post_init__(self):
        at_least(self, 1, "micro_rows", "keep")
        at_least(self, 0, "save_every", "evaluate_every", "sample_every")

    def deciding(self) -> dict:
        """The other fields of a configuration: those that decide the weights."""
        free = {field.name for field in dataclasses.fields(Cadence)}
        return {k: v for k, v in dataclasses.asdict(self).items() if k not in free}


@dataclass
class Progress:
    """How far a run has come: what a checkpoint holds of it besides tensors."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    loader: dict | None = None
    waste: dict[str, int] = field(default_factory=dict)
    tokens_per_second: float = 0.0
    evaluation: dict[str, float] = field(default_factory=dict)

    def advance(self, batch: Batch, loss: float, seconds: float) -> None:
        """Count one more step."""
        self.step += 1
        self.tokens += batch.inputs.numel()
        self.seconds += seconds
        self.tokens_per_second = batch.inputs.numel() / seconds
        self.loss, self.loader, self.waste = loss, batch.state, dict(vars(batch.waste))


@dataclass(frozen=True)
class Run:
    """What a run trains and where it saves; `inputs` are those that decide the weights."""

    folder: Path
    model: GPT
    optimizer: MuonAdamW
    inputs: dict
    keep: int = 2

    @property
    def checkpoints(self) -> Path:
        """Where the saved steps lie."""
        return self.folder / "checkpoints"

    def resume(self) -> Progress:
        """Where the run stood when it was last saved, with the weights of that step in place.

        Raises UserError where the folder holds a run with other inputs."""
        newest = checkpoint.latest(self.checkpoints)
        if newest is None:
            return Progress()
        saved = checkpoint.read_state(newest)
        check_same(saved["inputs"], self.inputs, self.folder)
        checkpoint.put_in_place(newest, self.model, self.optimizer)
        return Progress(**saved["progress"])

    def save(self, progress: Progress) -> None:
        """Save the step that was just finished; all ranks take part, and the first one writes."""
        state = {"inputs": self.inputs, "progress": dataclasses.asdict(progress)}
        checkpoint.save_step(
            self.checkpoints, progress.step, self.model, self.optimizer, state, self.keep
        )

    def save_or_stop(self, progress: Progress, steps: int, every: int, stop: bool) -> None:
        """Save where that is due; raise Interrupted, with all saved, where any rank is to stop."""
        stop = self.optimizer.ranks.any(stop)
        if stop or due(progress.step, every, steps):
            self.save(progress)
        if stop:
            ahead = "" if progress.step < steps else " with what follows this finished run"
            raise Interrupted(
                f"Stopped after step {progress.step} of {steps}; saved in {self.checkpoints}. "
                f"Run the same command again to go on{ahead}."
            )


def check_same(saved: dict, inputs: dict, folder: Path) -> None:
    """Raises UserError naming the inputs that differ from those a run was started with."""
    # As JSON has it: tuples are lists there.
    inputs = json.loads(json.dumps(inputs))
    other = [name for name in saved.keys() | inputs if saved.get(name) != inputs.get(name)]
    if other:
        changes = ", ".join(f"{n}: {saved.get(n)} -> {inputs.get(n)}" for n in sorted(other))
        raise UserError(
            f"{folder} holds a run with other settings ({changes}). "
            "Name another folder, or delete this one."
        )


def train(
    title: str,
    run: Run,
    loader: Loader,
    plan: Schedule,
    runtime: Runtime,
    cadence: Cadence,
    evaluate: Callable[[GPT], dict[str, float]] | None = None,
    sample: Callable[[GPT], str] | None = None,
) -> Progress:
    """Train on the loader's batches from where the run stands to the end of the plan.

    All ranks evaluate, each its share or the same; the first one alone samples and keeps a journal.
    Raises UserError for a folder with another run, for a loss that is not finite, and, with the run
    saved, where Ctrl-C stopped it."""
    progress = run.resume()
    if progress.step == plan.steps:
        return progress
    loss, pace = loss_of(run.model, runtime), Pace(run.model.config, runtime)
    rows = rows_at_once(loss, run, loader, runtime, cadence)
    first = runtime.rank == 0
    with (
        prefetch(loader, progress.loader) as batches,
        Journal(
            run.folder, title, plan.steps, progress.step, runtime.ranks, cadence.track
        ) as journal,
        interrupts() as interrupted,
    ):
        while progress.step < plan.steps:
            began = time.perf_counter()
            batch = next(batches)
            schedule.apply(plan, run.optimizer, progress.step)
            with fit.memory_explained(rows):
                nats = step(loss, run.optimizer, batch, rows, runtime)
            progress.advance(batch, nats, time.perf_counter() - began)
            journal.record(progress, pace, lr=plan.lr(progress.step - 1), **progress.waste)
            if evaluate and due(progress.step, cadence.evaluate_every, plan.steps):
                progress.evaluation = evaluate(run.model)
                journal.write(progress.step, **progress.evaluation)
            if first and sample and due(progress.step, cadence.sample_every, plan.steps):
                journal.quote(progress.step, sample(run.model))
            run.save_or_stop(progress, plan.steps, cadence.save_every, interrupted())
    return progress


def rows_at_once(loss: Loss, run: Run, loader: Loader, runtime: Runtime, cadence: Cadence) -> int:
    """The rows of a micro-batch: as configured, or as many as the GPU holds."""
    if cadence.device_batch_size == "micro_rows" or runtime.device.type != "cuda":
        return cadence.micro_rows
    share = math.ceil(loader.rows / runtime.world_size)
    return fit.find(loss, run.optimizer, share, loader.length, runtime, run.folder)


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether Ctrl-C was pressed; pressed again, it stops at once."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    previous = signal.getsignal(signal.SIGINT)

    def press(number, frame):
        pressed.set()
        signal.signal(signal.SIGINT, previous)

    signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, previous)


class Journal:
    """The record of a run: a line a step in metrics.jsonl, and a progress bar for people.

    Where the output is no terminal, ten plain lines take the place of the bar. Of several ranks the
    first one keeps it, and those of the others stay empty."""

    def __init__(
        self,
        folder: Path | str,
        title: str,
        steps: int,
        done: int,
        ranks: Ranks = ALONE,
        track: Sequence[metrics.Tracker] = (),
        console: Console | None = None,
    ):
        self.logs = metrics.open_logs(Path(folder), done, track) if ranks.rank == 0 else []
        self.title, self.steps = title, steps
        # A notebook says it is a terminal, but cannot draw one line over another.
        shown_live = sys.stdout.isatty()
        self.console = console or Console(
            force_jupyter=False, force_terminal=shown_live, quiet=ranks.rank > 0
        )
        self.bar = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(bar_width=20),
            bars.MofNCompleteColumn(),
            bars.TextColumn("{task.fields[figures]}"),
            bars.TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self.task = self.bar.add_task(title, total=steps, completed=done, figures="")

    def __enter__(self) -> "Journal":
        self.bar.start()
        return self

    def __exit__(self, *_) -> None:
        self.bar.stop()
        for log in self.logs:
            log.close()

    def write(self, done: int, **figures) -> None:
        """Add figures, true after `done` steps, to metrics.jsonl and wherever else was asked."""
        for log in self.logs:
            log.write(step=done, **figures)

    def show(self, done: int, figures: str) -> None:
        """Move the bar, with these figures beside it."""
        self.bar.update(self.task, completed=done, figures=figures)
        if self.bar.disable and due(done, max(1, self.steps // 10), self.steps):
            self.say(f"{self.title} {done}/{self.steps}  {figures}")

    def record(self, progress: Progress, pace: "Pace", **figures) -> None:
        """Write and show the step that was just finished."""
        rate = progress.tokens_per_second
        self.write(progress.step, loss=progress.loss, tokens_per_second=rate, **figures)
        self.show(progress.step, pace.describe(progress.loss, rate))

    def quote(self, done: int, text: str) -> None:
        """Print what the model writes after `done` steps, and keep it in metrics.jsonl."""
        self.logs[0].write(step=done, sample=text)
        self.say(text)

    def say(self, text: str) -> None:
        """Print above the bar."""
        self.console.print(text, markup=False, highlight=False)


class Pace:
    """How a run does of late: loss, tokens a second, and the share of the device's peak FLOP/s."""

    def __init__(self, config: GPTConfig, runtime: Runtime):
        self.peak_rate = runtime.peak_flops * runtime.world_size / counts.flops_per_token(config)
        self.loss, self.rate = Average(), Average()

    def describe(self, loss: float, tokens_per_second: float) -> str:
        """One line, after a step with this loss and this speed."""
        loss, rate = self.loss.add(loss), self.rate.add(tokens_per_second)
        # A peak below the rate is none: it is unknown, or was measured on a machine that was busy.
        share = f"  {rate / self.peak_rate:.0%} of peak" if rate <= self.peak_rate else ""
        return f"loss {loss:.3f}  {rate:,.0f} tok/s{share}"


class Average:
    """A running mean in which older values fade (by `keep` each), true from the first value on."""

    def __init__(self, keep: float = 0.9):
        self.keep, self.total, self.weight = keep, 0.0, 0.0

    def add(self, value: float) -> float:
        """The mean with this value in it."""
        self.total = self.keep * self.total + (1 - self.keep) * value
        self.weight = self.keep * self.weight + (1 - self.keep)
        return self.total / self.weight
