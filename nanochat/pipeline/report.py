"""The report of a run: its figures as JSON, and a page with pictures for people."""

import os
import platform
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from nanochat.pipeline import stages
from nanochat.pipeline.store import Stage
from nanochat.runtime import Runtime, files, metrics

STAGES = ("sft", "rl")
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#808080"


def collect(profile: str, seed: int, runtime: Runtime, made: dict[str, Stage], out: Path) -> dict:
    """Every figure of a run as plain JSON values; `out` may hold its last report."""
    results = {name: stage.result for name, stage in made.items()}
    return {
        "profile": profile,
        "seed": seed,
        "seconds": sum(result["seconds"] for result in results.values()),
        "hardware": known_hardware(out, made["base"]) or hardware(runtime),
        **results,
        "folders": {name: stage.folder.name for name, stage in made.items()},
    }


def known_hardware(out: Path, base: Stage) -> dict | None:
    """What a base model that was found had been made on, by the report of that run."""
    if not base.reused or not (out / "report.json").exists():
        return None
    last = files.read_json(out / "report.json")
    return last["hardware"] if last["folders"]["base"] == base.folder.name else None


def hardware(runtime: Runtime) -> dict:
    """What this process computes on."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "device": runtime.device.type,
        "dtype": runtime.precision,
        "peak_flops": runtime.peak_flops,
    }


def write(out: Path, figures: dict, made: dict[str, Stage]) -> None:
    """Write `report.json`, the pictures, and `report.md` that shows them."""
    out.mkdir(parents=True, exist_ok=True)
    draw_loss(made["base"], figures["base"]).savefig(out / "loss.svg")
    draw_tasks(figures).savefig(out / "tasks.svg")
    draw_rewards(made["rl"]).savefig(out / "reward.svg")
    files.write_json(out / "report.json", figures)
    files.write_text(out / "report.md", page(figures, examples(made["rl"])))


def draw_loss(stage: Stage, figures: dict) -> Figure:
    """The held-out loss, on its way to the floor where that is known."""
    lines = [x for x in metrics.JsonLines(stage.folder / "metrics.jsonl").read() if "val_bpb" in x]
    figure, axes = panel("training step", "bits per byte")
    axes.plot([x["step"] for x in lines], [x["val_bpb"] for x in lines], color=BLUE, marker=".")
    if figures["floor_bpb"] is not None:
        draw_floor(axes, figures["floor_bpb"])
    axes.set_ylim(bottom=0)
    return figure


def draw_floor(axes, floor: float) -> None:
    """A line that no curve can cross."""
    axes.axhline(floor, color=ORANGE, linestyle="--")
    label = "floor: the information in the text"
    axes.annotate(label, (0, floor), xytext=(4, 4), textcoords="offset points")


def draw_tasks(figures: dict) -> Figure:
    """Accuracy on held-out questions after finetuning and after reinforcement learning."""
    figure, axes = panel("", "accuracy on held-out questions")
    names = list(figures["sft"]["tasks"])
    for shift, stage, color in ((-0.2, "sft", GREY), (0.2, "rl", BLUE)):
        tasks = [figures[stage]["tasks"][name] for name in names]
        heights = [task["accuracy"] for task in tasks]
        below = [task["accuracy"] - task["low"] for task in tasks]
        above = [task["high"] - task["accuracy"] for task in tasks]
        places = [i + shift for i in range(len(names))]
        axes.bar(places, heights, 0.4, yerr=[below, above], color=color, label=f"after {stage}")
    axes.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names])
    axes.set_ylim(0, 1.05)
    axes.legend()
    return figure


def draw_rewards(stage: Stage) -> Figure:
    """The mean reward of the samples at each step of reinforcement learning."""
    lines = [x for x in metrics.JsonLines(stage.folder / "metrics.jsonl").read() if "reward" in x]
    figure, axes = panel("step", "mean reward")
    axes.plot([x["step"] for x in lines], [x["reward"] for x in lines], color=BLUE)
    axes.set_ylim(0, 1)
    return figure


def panel(x: str, y: str):
    """A figure of one style, drawn without a screen."""
    with matplotlib.rc_context({"font.size": 9, "axes.spines.top": False}):
        figure = Figure(figsize=(6, 3.5), layout="constrained")
        axes = figure.add_subplot(xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def examples(stage: Stage, each: int = 2) -> list[dict]:
    """The first answers to each task, right or wrong."""
    rows = files.read_json(stage.folder / stages.TRANSCRIPT)
    tasks = dict.fromkeys(row["task"] for row in rows)
    return [row for task in tasks for row in [r for r in rows if r["task"] == task][:each]]


def page(figures: dict, rows: list[dict]) -> str:
    """The report as Markdown."""
    base, tokenizer, hardware = figures["base"], figures["tokenizer"], figures["hardware"]
    return "\n".join(
        [
            f"# A run of profile {figures['profile']}, seed {figures['seed']}\n",
            f"{figures['seconds']:.0f} s of work on {hardware['cores']} cores "
            f"({hardware['system']}, {hardware['device']}, {hardware['dtype']}).\n",
            "## Tokenizer and base model\n",
            f"{tokenizer['vocab_size']} ids, {tokenizer['bytes_per_token']:.2f} bytes a token. "
            f"{base['parameters']:,} parameters read {base['tokens']:,} tokens at "
            f"{base['tokens_per_second']:,.0f} a second. On held-out documents the model needs "
            f"{base['val_bpb']:.3f} bits per byte{beside_floor(base)}.\n",
            "![The held-out loss.](loss.svg)\n",
            *core(base["tasks"]),
            "## Held-out questions\n",
            table(figures),
            *by_likelihood(figures),
            "![Accuracy after finetuning and after reinforcement learning.](tasks.svg)\n",
            "![The mean reward of each step's samples.](reward.svg)\n",
            "## What it says\n",
            *map(quoted, rows),
        ]
    )


def beside_floor(base: dict) -> str:
    """How far the loss is from the floor, where that is known."""
    if base["floor_bpb"] is None:
        return ""
    return (
        f"; the floor, which no model can beat, is {base['floor_bpb']:.3f}: "
        f"{base['val_bpb'] / base['floor_bpb']:.3f} times as much"
    )


def core(tasks: dict) -> list[str]:
    """The base model's score on CORE, where it was asked."""
    if not tasks:
        return []
    mean = sum(task["centred"] for task in tasks.values()) / len(tasks)
    return [f"CORE, the mean over {len(tasks)} tasks between guessing and perfect: {mean:.4f}.\n"]


def table(figures: dict) -> str:
    """A row a task: the accuracies, each with its 95 % interval."""
    rows = ["| task | after SFT | after RL |", "|---|---|---|"]
    for name in figures["sft"]["tasks"]:
        cells = [interval(figures[stage]["tasks"][name]) for stage in STAGES]
        rows.append(f"| {name.replace('_', ' ')} | {cells[0]} | {cells[1]} |")
    return "\n".join(rows) + "\n"


def by_likelihood(figures: dict) -> list[str]:
    """The facts once more as multiple choice, where they were asked so."""
    shares = [figures[stage]["tasks"].get("facts", {}).get("by_likelihood") for stage in STAGES]
    if None in shares:
        return []
    return [
        "The answer to a fact that the model finds likeliest among those offered is the right one "
        f"in {shares[0]:.2f} of the questions after SFT, in {shares[1]:.2f} after RL.\n"
    ]


def interval(task: dict) -> str:
    """An accuracy and where it lies at 95 %."""
    return f"{task['accuracy']:.2f} ({task['low']:.2f} to {task['high']:.2f})"


def quoted(row: dict) -> str:
    """A question with the model's reply, and whether it was right."""
    mark = "right" if row["correct"] else f"wrong, expected {row['expected']}"
    question, reply = (row[key].replace("\n", "\n> ") for key in ("question", "reply"))
    return f"> **You:** {question}\n>\n> **Model:** {reply}\n>\n> *({mark})*\n"
