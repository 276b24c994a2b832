"""How good the model of a finished run is, by the tiny world's tasks or the public ones."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import tyro
from rich.console import Console
from rich.table import Table

from nanochat.data import catalogue, world
from nanochat.engine import Engine, python
from nanochat.eval import (
    Scorecard,
    attempts,
    chatcore,
    find_files,
    mean_pass_at_k,
    run_chatcore,
    run_core,
    run_tasks,
)
from nanochat.pipeline import run
from nanochat.pipeline.store import default_home
from nanochat.runtime import UserError, detect, files


def evaluate(
    suite: tyro.conf.Positional[Literal["world", "core", "chatcore"]],
    out: Path | None = None,
    stage: str | None = None,
    data: Path | None = None,
    questions: int | None = 200,
    samples: int = 1,
) -> None:
    """Ask a model the questions of all tasks, and keep the scores beside the run.

    Args:
        suite: world, or of the public tasks core (any model) or chatcore (one that chats).
        out: The folder of the run, or of an imported model; runs/cpu unless given.
        stage: Which stage's model: base, sft or rl; the last unless given.
        data: Where the public tasks are; fetched into runs/data unless given.
        questions: How many of each task; None for all.
        samples: For chatcore, draw so many replies as well, for pass@1 to pass@SAMPLES.
    """
    check_numbers(suite, questions, samples)
    out = out or default_home() / "cpu"
    runtime = detect(compile="off")
    engine = Engine(*run.chat_model(out, runtime, stage), runtime)
    card = SUITES[suite](engine, data, questions)
    rates = pass_rates(engine, data, questions, samples) if samples > 1 else {}
    if runtime.rank == 0:
        files.write_json(out / f"{suite}.json", card.to_dict() | ({"pass": rates} if rates else {}))
        shown = [table(suite, card), *([rates_table(rates, samples)] if rates else [])]
        Console(highlight=False).print(*shown)


def check_numbers(suite: str, questions: int | None, samples: int) -> None:
    """Raises UserError for numbers with which nothing can be asked."""
    if questions is not None and questions < 1:
        raise UserError(f"questions={questions}: expected 1 or more, or None for all.")
    if samples != 1 and (samples < 1 or suite != "chatcore"):
        raise UserError(f"samples={samples}: expected 1, or for chatcore 1 or more.")


def ask_world(engine: Engine, data: Path | None, questions: int | None) -> Scorecard:
    """The tiny world's tasks, in which guessing gets nothing."""
    scores = run_tasks(engine, world.TASKS, questions or 1000, seed=1)
    return Scorecard(scores, dict.fromkeys(scores, 0.0))


def ask_core(engine: Engine, data: Path | None, questions: int | None) -> Scorecard:
    """The CORE metric."""
    bundle = data or catalogue.fetch_core(default_home() / "data")
    return run_core(engine.model, engine.tokenizer, bundle, questions, engine.runtime.ranks)


def ask_chatcore(engine: Engine, data: Path | None, questions: int | None) -> Scorecard:
    """The ChatCORE metric, whose HumanEval runs what the model writes."""
    if engine.runtime.rank == 0:
        Console(highlight=False).print(python.protection())
    return run_chatcore(engine, chat_tests(data), questions, ranks=engine.runtime.ranks)


def chat_tests(data: Path | None) -> dict[str, list[Path]]:
    """The files of each task of ChatCORE."""
    found = find_files(data) if data else catalogue.fetch_evaluations(default_home() / "data")
    return {name: found[name] for name in chatcore.CHAT_TASKS}


SUITES = {"world": ask_world, "core": ask_core, "chatcore": ask_chatcore}


def pass_rates(
    engine: Engine, data: Path | None, questions: int | None, samples: int
) -> dict[str, list[float]]:
    """pass@1, pass@2, ... of each task of ChatCORE that is answered by a reply."""
    ranks, drawn, rates = engine.runtime.ranks, replace(chatcore.GREEDY, temperature=1.0), {}
    for name, paths in chat_tests(data).items():
        problems = chatcore.read_problems(name, paths, questions)
        if not any(problem.letters for problem in problems):
            mine = problems[ranks.rank :: ranks.world_size]
            marks = ranks.all_values(attempts(engine, mine, samples, drawn))
            rates[name] = [mean_pass_at_k(sum(marks, []), k) for k in range(1, samples + 1)]
    return rates


def table(suite: str, card: Scorecard) -> Table:
    """A row a task, then the mean of what is centred between guessing and perfect."""
    shown = Table("task", "questions", "accuracy", "from", "to", "centred", title=suite)
    for name, score in card.tasks.items():
        shares = (score.accuracy, score.low, score.high, card.centred[name])
        shown.add_row(name, str(score.total), *(f"{share:.3f}" for share in shares))
    shown.add_section()
    shown.add_row("mean", "", "", "", "", f"{card.mean:.4f}")
    return shown


def rates_table(rates: dict[str, list[float]], samples: int) -> Table:
    """A row a task: how often one of k replies, drawn at temperature 1, is right."""
    shown = Table("task", *(f"pass@{k}" for k in range(1, samples + 1)))
    for name, row in rates.items():
        shown.add_row(name, *(f"{rate:.3f}" for rate in row))
    return shown
