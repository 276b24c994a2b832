"""How good the model of a finished run is, by the tiny world's tasks or the public ones."""

from pathlib import Path
from typing import Literal

import tyro
from rich.console import Console
from rich.table import Table

from nanochat.data import catalogue, world
from nanochat.engine import Engine, python
from nanochat.eval import Scorecard, chatcore, find_files, run_chatcore, run_core, run_tasks
from nanochat.pipeline import run
from nanochat.pipeline.store import default_home
from nanochat.runtime import detect, files


def evaluate(
    suite: tyro.conf.Positional[Literal["world", "core", "chatcore"]],
    out: Path | None = None,
    stage: str | None = None,
    data: Path | None = None,
    questions: int | None = 200,
) -> None:
    """Ask a model the questions of all tasks, and keep the scores beside the run.

    Args:
        suite: world, or of the public tasks core (any model) or chatcore (one that chats).
        out: The folder of the run, or of an imported model; runs/cpu unless given.
        stage: Which stage's model: base, sft or rl; the last unless given.
        data: Where the public tasks are; fetched into runs/data unless given.
        questions: How many of each task; None for all.
    """
    out = out or default_home() / "cpu"
    runtime = detect(compile="off")
    model, tokenizer = run.chat_model(out, runtime, stage)
    card = SUITES[suite](Engine(model, tokenizer, runtime), data, questions)
    files.write_json(out / f"{suite}.json", card.to_dict())
    Console(highlight=False).print(table(suite, card))


def ask_world(engine: Engine, data: Path | None, questions: int | None) -> Scorecard:
    """The tiny world's tasks, in which guessing gets nothing."""
    scores = run_tasks(engine, world.TASKS, questions or 1000, seed=1)
    return Scorecard(scores, dict.fromkeys(scores, 0.0))


def ask_core(engine: Engine, data: Path | None, questions: int | None) -> Scorecard:
    """The CORE metric."""
    bundle = data or catalogue.fetch_core(default_home() / "data")
    return run_core(engine.model, engine.tokenizer, bundle, questions)


def ask_chatcore(engine: Engine, data: Path | None, questions: int | None) -> Scorecard:
    """The ChatCORE metric, whose HumanEval runs what the model writes."""
    Console(highlight=False).print(python.protection())
    found = find_files(data) if data else catalogue.fetch_evaluations(default_home() / "data")
    tests = {name: found[name] for name in chatcore.CHAT_TASKS}
    return run_chatcore(engine, tests, questions)


SUITES = {"world": ask_world, "core": ask_core, "chatcore": ask_chatcore}


def table(suite: str, card: Scorecard) -> Table:
    """A row a task, then the mean of what is centred between guessing and perfect."""
    shown = Table("task", "questions", "accuracy", "from", "to", "centred", title=suite)
    for name, score in card.tasks.items():
        shares = (score.accuracy, score.low, score.high, card.centred[name])
        shown.add_row(name, str(score.total), *(f"{share:.3f}" for share in shares))
    shown.add_section()
    shown.add_row("mean", "", "", "", "", f"{card.mean:.4f}")
    return shown
