"""Where the figures of a run go: metrics.jsonl, and trackers that were asked for."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from nanochat.runtime import files
from nanochat.runtime.errors import UserError

Tracker = Literal["tensorboard", "wandb"]


def open_logs(folder: Path, done: int, track: Sequence[Tracker] = ()) -> list:
    """Where figures go: metrics.jsonl, as it was after `done` steps, and the trackers asked for.

    Raises UserError for a tracker that is not installed."""
    lines = JsonLines(folder / "metrics.jsonl")
    lines.keep(lambda line: line["step"] <= done)
    return [lines, *(TRACKERS[name](folder) for name in track)]


class JsonLines:
    """Appends one JSON object a line to a file, at once, so that a killed run keeps its curve.

    Raises UserError where the disk refuses."""

    def __init__(self, path: Path | str):
        self.path = Path(path)
        files.make_folder(self.path.parent)

    def write(self, **fields) -> None:
        """Append the fields as one line."""
        with files.explained(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(fields) + "\n")

    def close(self) -> None:
        """The file was closed after each line, so that there is nothing left to do."""

    def read(self) -> list[dict]:
        """Every whole line written so far; a line cut short by a kill is left out."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def keep(self, predicate: Callable[[dict], bool]) -> None:
        """Keep the lines for which `predicate` holds: a resumed run writes the others again."""
        lines = [json.dumps(line) + "\n" for line in self.read() if predicate(line)]
        files.write_text(self.path, "".join(lines))


class TensorBoard:
    """Curves for TensorBoard. Raises UserError where it is not installed."""

    def __init__(self, folder: Path):
        with installed("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter
        self.writer = SummaryWriter(folder / "tensorboard")

    def write(self, step: int, **figures) -> None:
        """Add a point to the curve of each figure."""
        for name, value in figures.items():
            self.writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Write what is still in memory; the next stage has curves of its own."""
        self.writer.close()


class WeightsAndBiases:
    """Curves on wandb.ai, one run a folder. Raises UserError where wandb is not installed."""

    def __init__(self, folder: Path):
        with installed("wandb"):
            import wandb
        name = folder.resolve()
        identity = files.sha256(str(name).encode())[:16]
        self.run = wandb.init(
            project="nanochat", name=name.name, dir=folder, id=identity, resume="allow"
        )

    def write(self, step: int, **figures) -> None:
        """Add a point to the curve of each figure."""
        self.run.log(figures, step=step)

    def close(self) -> None:
        """Send what is still here; left open, this run would be the next stage's too."""
        self.run.finish()


TRACKERS = {"tensorboard": TensorBoard, "wandb": WeightsAndBiases}


@contextmanager
def installed(package: str) -> Iterator[None]:
    """Raises UserError where the package cannot be imported."""
    try:
        yield
    except ImportError:
        raise UserError(
            f"track={package} needs a package that is not here. Install it with "
            f"`pip install {package}`, or leave it out: metrics.jsonl is written anyway."
        ) from None
