"""The store of what each stage made: one folder for a stage and its inputs, found by a hash."""

import ast
import dataclasses
import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

import nanochat
from nanochat.runtime import ALONE, Ranks, files

PACKAGE = Path(nanochat.__file__).parent
FINISHED = "stage.json"


def default_home() -> Path:
    """Where runs are kept: `$NANOCHAT_HOME`, else `runs` in a checkout of the course, else here."""
    named = os.environ.get("NANOCHAT_HOME")
    if named:
        return Path(named)
    checkout = PACKAGE.parent
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / "runs"


def code_fingerprint(rooms: tuple[str, ...]) -> str:
    """A hash of what the code of these rooms does: comments and layout leave it as it was."""
    sources = sorted(path for room in rooms for path in (PACKAGE / room).rglob("*.py"))
    trees = [ast.dump(ast.parse(path.read_text(encoding="utf-8"))) for path in sources]
    return files.sha256("\n".join(trees).encode())


def as_inputs(config) -> dict:
    """A frozen dataclass as plain JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(config), default=str))


@dataclass(frozen=True)
class Stage:
    """What a stage made: its folder, the figures it reported, and whether it was found ready."""

    name: str
    folder: Path
    result: dict
    reused: bool


@dataclass(frozen=True)
class Store:
    """The folder of a run, in which every stage is made once for the same inputs."""

    root: Path
    ranks: Ranks = ALONE

    def folder(self, name: str, inputs: dict) -> Path:
        """The folder of a stage: its name and the hash of its inputs."""
        key = files.sha256(json.dumps(inputs, sort_keys=True).encode())[:10]
        return self.root / f"{name}-{key}"

    def made(self, name: str, inputs: dict) -> Stage | None:
        """The stage as it was made before with the same inputs, or None."""
        folder = self.folder(name, inputs)
        if not (folder / FINISHED).exists():
            return None
        return Stage(name, folder, files.read_json(folder / FINISHED)["result"], reused=True)

    def make(self, name: str, inputs: dict, work: Callable[[Path], dict]) -> Stage:
        """The stage, found or made; work cut short goes on in the same folder the next time.

        Ranks work together; any other process that wants the same stage waits and finds it."""
        folder = self.folder(name, inputs)
        files.make_folder(folder)
        first = self.ranks.rank == 0
        with FileLock(folder / ".lock") if first else nullcontext():
            if self.ranks.once((folder / FINISHED).exists):
                return self.made(name, inputs)
            result = self.ranks.all_values(work(folder))[0]
            if first:
                files.write_json(folder / FINISHED, {"inputs": inputs, "result": result})
        return Stage(name, folder, result, reused=False)
