"""What the loops of all stages share: the step, the record of a run, and a clean stop."""

import math
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from nanochat.data import Batch
from nanochat.model import GPT
from nanochat.optim import MuonAdamW
from nanochat.runtime import Runtime, UserError, metrics

Loss = Callable[[Tensor, Tensor], Tensor]


class Interrupted(UserError):
    """Ctrl-C came, the step was finished, and the run was saved."""


def loss_of(model: GPT, runtime: Runtime) -> Loss:
    """The model's loss, compiled where the runtime compiles."""
    return torch.compile(model.loss, dynamic=False) if runtime.compile else model.loss


def step(loss: Loss, optimizer: MuonAdamW, batches: Sequence[Batch], runtime: Runtime) -> float:
    """One update from several micro-batches, as if they were one; returns the mean nats a target.

    Raises UserError, with the weights as they were, where the loss is not finite."""
    count = sum((batch.targets >= 0).sum() for batch in batches)
    total = torch.zeros((), device=runtime.device)
    for batch in batches:
        share = (batch.targets >= 0).sum() / count
        inputs, targets = batch.inputs.to(runtime.device), batch.targets.to(runtime.device)
        part = loss(inputs, targets) * share.item()
        part.backward()
        total += part.detach()
    nats = check_finite(total.item())
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return nats


def check_finite(nats: float) -> float:
    """The loss itself. Raises UserError where it is an infinity or NaN."""
    if not math.isfinite(nats):
        raise UserError(
            f"The loss is {nats}. The step was not taken, and the last checkpoint is kept. Look at "
            "the last lines of metrics.jsonl: if the loss climbed before, halve the learning rates "
            "(lr_scale); if it broke in one step, look at the batch's text, and try dtype=float32."
        )
    return nats


def due(step: int, every: int, steps: int) -> bool:
    """Whether something done `every` so many steps is due after this one; after the last it is."""
    return step + 1 == steps or (every > 0 and (step + 1) % every == 0)


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

    Where the output is no terminal, ten plain lines take the place of the bar."""

    def __init__(
        self, folder: Path | str, title: str, steps: int, done: int, console: Console | None = None
    ):
        self.lines = metrics.JsonLines(Path(folder) / "metrics.jsonl")
        self.lines.keep(lambda line: line["step"] < done)
        self.title, self.steps = title, steps
        self.console = console or Console()
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal and not self.console.is_jupyter,
        )
        self.task = self.bar.add_task(title, total=steps, completed=done, figures="")

    def __enter__(self) -> "Journal":
        self.bar.start()
        return self

    def __exit__(self, *_) -> None:
        self.bar.stop()

    def write(self, step: int, **figures) -> None:
        """Add figures of a step to metrics.jsonl."""
        self.lines.write(step=step, **figures)

    def show(self, step: int, figures: str) -> None:
        """Move the bar to the end of this step, with these figures beside it."""
        self.bar.update(self.task, completed=step + 1, figures=figures)
        if self.bar.disable and due(step, max(1, self.steps // 10), self.steps):
            self.say(f"{self.title} {step + 1}/{self.steps}  {figures}")

    def say(self, text: str) -> None:
        """Print above the bar."""
        self.console.print(text, markup=False, highlight=False)


class Average:
    """A running mean in which older values fade (by `keep` each), true from the first value on."""

    def __init__(self, keep: float = 0.9):
        self.keep, self.total, self.weight = keep, 0.0, 0.0

    def add(self, value: float) -> float:
        """The mean with this value in it."""
        self.total = self.keep * self.total + (1 - self.keep) * value
        self.weight = self.keep * self.weight + (1 - self.keep)
        return self.total / self.weight
