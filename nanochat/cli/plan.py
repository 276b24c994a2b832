"""What a run takes, shown before it is paid for."""

import dataclasses
import json
import math
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.table import Table

from nanochat.model import counts
from nanochat.pipeline import cards
from nanochat.pipeline.cards import GIB
from nanochat.pipeline.plan import Plan, make, needed, room
from nanochat.pipeline.profiles import PROFILES
from nanochat.runtime import UserError


def plan(
    profile: Literal["gpu", "8xgpu"] = "8xgpu",
    depth: int | None = None,
    gpus: int | None = None,
    gpu: str | None = None,
    hourly: float | None = None,
    tokens_per_parameter: float | None = None,
    micro_rows: Annotated[
        int | Literal["auto"], tyro.conf.arg(aliases=("--device-batch-size",))
    ] = "auto",
    architecture: Literal["2026-07", "classic"] | None = None,
    vocab_size: int | None = None,
    share_of_peak: float = 0.5,
    as_json: bool = False,
) -> None:
    """Say what pretraining takes: memory, hours, dollars, disk. Needs no GPU.

    Args:
        profile: Whose run; what is None below is as this profile has it.
        depth: Layers; all else follows from it.
        gpus: How many there are.
        gpu: Which: b200, h200, h100, a100, l40s, rtx4090, rtx3090 or rtx4060.
        hourly: What one GPU costs an hour, in dollars.
        tokens_per_parameter: How much to read; 12 is best for its cost, 8 is quicker.
        micro_rows: Rows that a GPU reads at once; the most that fit unless given.
        architecture: 2026-07, or classic for the one that transformers loads.
        vocab_size: How many ids the tokenizer has.
        share_of_peak: How much of its peak a GPU is believed to reach.
        as_json: Print the figures as JSON.
    """
    if hourly is not None and not hourly >= 0:
        raise UserError(f"hourly={hourly}: expected 0 or more.")
    known = PROFILES[profile]
    asked = {
        "depth": depth,
        "architecture": architecture,
        "tokens_per_parameter": tokens_per_parameter,
    }
    if micro_rows != "auto":
        asked |= {"device_batch_size": "micro_rows", "micro_rows": micro_rows}
    given = {name: value for name, value in asked.items() if value is not None}
    config = dataclasses.replace(known.base, **given)
    vocabulary = known.tokenizer.vocab_size if vocab_size is None else vocab_size
    card, count = cards.named(gpu or known.gpu), known.gpus if gpus is None else gpus
    planned = make(config, vocabulary, card, count, share_of_peak)
    if as_json:
        print(json.dumps(figures(planned, hourly), indent=2))
    else:
        show(planned, hourly, Console(highlight=False))


def figures(plan: Plan, hourly: float | None) -> dict:
    """Every figure of a plan as plain JSON values."""
    return {
        "model": dataclasses.asdict(plan.model),
        "run": dataclasses.asdict(plan.size),
        "gpus": plan.gpus,
        "gpu": dataclasses.asdict(plan.card) | {"peak_flops": plan.card.peak_flops},
        "rows": plan.rows,
        "share_of_peak": plan.share_of_peak,
        "parameters": counts.parameters(plan.model),
        "memory": plan.memory,
        "needed_bytes": needed(plan.memory),
        "flops": plan.flops,
        "hours": plan.hours,
        "dollars": None if hourly is None else plan.dollars(hourly),
        "download_bytes": plan.download_bytes,
        "disk_bytes": plan.disk_bytes,
    }


def show(plan: Plan, hourly: float | None, console: Console) -> None:
    """The plan as tables for people."""
    for title, rows in (
        ("Parameters", parameter_rows(plan)),
        ("The run", run_rows(plan, hourly)),
        (f"Memory of each {plan.card.name}, in GiB (2^30 bytes)", memory_rows(plan)),
    ):
        table = Table(title=title, title_justify="left", show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def parameter_rows(plan: Plan) -> list[tuple[str, str]]:
    """How many parameters, by kind."""
    kinds = counts.parameters(plan.model)
    kinds["all"] = sum(kinds.values())
    return [(name.replace("_", " "), f"{count:,}") for name, count in kinds.items()]


def run_rows(plan: Plan, hourly: float | None) -> list[tuple[str, str]]:
    """How much is read, what it takes, and what it costs."""
    micro_batches = plan.size.batch_tokens / (plan.rows * plan.model.sequence_len * plan.gpus)
    rows = [
        ("tokens", f"{plan.size.tokens / 1e9:.2f} billion"),
        ("batch", f"{plan.size.batch_tokens:,} tokens"),
        ("device batch", f"{plan.rows} rows, {micro_batches:g} times a step"),
        ("steps", f"{plan.size.steps:,}"),
        ("FLOPs", f"{plan.flops:.2e}"),
        ("training", f"{duration(plan)} on {plan.gpus} x {plan.card.name}"),
        ("download", f"{plan.download_bytes / 1e9:.1f} GB"),
        ("disk", f"{plan.disk_bytes / 1e9:.1f} GB"),
    ]
    if hourly is not None:
        rows.append(("cost", f"${plan.dollars(hourly):,.2f} at ${hourly:g} a GPU and hour"))
    return rows


def duration(plan: Plan) -> str:
    """How long training takes, where the card's peak is known."""
    if math.isnan(plan.card.peak_flops):
        return "unknown, as the peak is,"
    peak = f"{plan.card.peak_flops / 1e12:.0f} TFLOP/s"
    return f"{plan.hours:.2f} h at {plan.share_of_peak:.0%} of {peak}"


def memory_rows(plan: Plan) -> list[tuple[str, str]]:
    """What holds each GPU's memory, what is needed at once, and what there is."""
    held = {name: size / GIB for name, size in plan.memory.items()}
    held["needed at once"] = needed(plan.memory) / GIB
    held["a run can have"] = room(plan.card) / GIB
    return [(name, f"{size:.2f}") for name, size in held.items()]
