"""The commands, their flags made from the same dataclasses that the package uses."""

import errno
import sys
import warnings
from collections.abc import Sequence
from operator import attrgetter, eq
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console

from nanochat.cli import doctor as examination
from nanochat.cli import dry_run as rehearsal
from nanochat.cli import lessons, room
from nanochat.cli.chat import HELP, WREN, Chat, answer, talk
from nanochat.cli.evaluate import evaluate
from nanochat.cli.exchange import exported, imported
from nanochat.cli.plan import plan
from nanochat.engine import Engine, SamplingConfig
from nanochat.pipeline import profiles, run
from nanochat.pipeline.profiles import Profile
from nanochat.pipeline.stages import STAGES
from nanochat.pipeline.store import default_home
from nanochat.runtime import UserError, detect
from nanochat.train.loop import Interrupted

CTRL_C = 130  # the status of what Ctrl-C ended
REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)  # of a disk: full, read-only
app = tyro.extras.SubcommandApp()
Name = Literal["smoke", "cpu", "gpu", "8xgpu"]
Profiles = Annotated[
    tyro.extras.subcommand_type_from_defaults(profiles.PROFILES),
    tyro.conf.arg(name=""),
]

# Settings that something else decides, and what does; no stage reads them from the command line.
IDLE = {
    "name": "--out names the folder",
    "gpus": "a run takes the GPUs that torchrun gives it",
    "gpu": "a run takes the GPU that is here",
    "tokenizer.seed": "--seed decides the draws of all stages",
    "base.seed": "--seed decides the draws of all stages",
    "sft.seed": "--seed decides the draws of all stages",
    "rl.seed": "--seed decides the draws of all stages",
    "base.optim.weight_decay": "--base.weight-decay decides it",
    "base.optim.momentum": "the schedule sets it at each step",
    "sft.optim.weight_decay": "no weights decay after pretraining",
    "sft.optim.momentum": "the schedule sets it at each step",
    "rl.optim.weight_decay": "no weights decay after pretraining",
}


@app.command(name="run")
def run_profile(
    profile: Name = "cpu",
    out: Path | None = None,
    seed: int = 0,
    device: str = "auto",
    dtype: str = "auto",
    compile: str = "auto",
    dry_run: bool = False,
) -> None:
    """Make all stages of a profile, from text to chat, and a report; what is made is reused.

    Args:
        profile: Which sizes: smoke (a check in a minute), cpu (a model that chats), gpu (web text
            on one card) or 8xgpu (GPT-2 grade).
        out: The folder to fill; runs/PROFILE unless given.
        seed: What decides every random draw.
        device: auto, cpu, cuda or mps.
        dtype: auto, float32, bfloat16, or float8 (for wide matrices; Ada and newer).
        compile: auto, on or off.
        dry_run: Do everything but the heavy steps, and say what would fail and what it will take;
            the lists of files that it reads are kept in runs/data.
    """
    runtime, chosen = detect(device, dtype, compile), profiles.PROFILES[profile]
    out = out or default_home() / profile
    if dry_run:
        rehearsal.report(chosen, runtime, out, default_home())
    else:
        room.check_gpus(chosen, runtime)
        run.run(chosen, seed, runtime, out)


@app.command
def chat(
    out: Path | None = None,
    prompt: str | None = None,
    temperature: float = 0.6,
    top_k: int | None = 50,
    top_p: float = 0.8,
    max_tokens: int = 320,
    seed: int = 0,
) -> None:
    """Talk to the model that a run made.

    Args:
        out: The folder of the run; runs/cpu unless given.
        prompt: Ask this one question, print the reply, and leave.
        temperature: 0 for the likeliest token each time, higher for more surprise.
        top_k: Draw among this many likeliest tokens.
        top_p: Draw among the likeliest tokens that hold this much probability.
        max_tokens: How long a reply may be.
        seed: What decides the draws.
    """
    sampling = SamplingConfig(max_tokens, temperature, top_k, top_p, seed)
    runtime, out = detect(compile="off"), out or default_home() / "cpu"
    model, tokenizer = run.chat_model(out, runtime)
    engine = Engine(model, tokenizer, runtime)
    conversation, console = Chat(engine, sampling), Console(highlight=False)
    if prompt is not None:
        answer(conversation, console, prompt)
    else:
        greeting = f"{WREN}\n{HELP}" if run.knows_the_world(out) else HELP
        talk(conversation, console, lambda: console.input("[bold]you:[/] "), greeting)


@app.command
def doctor() -> None:
    """Look at this machine: a line for each thing the course needs, with the fix where it lacks."""
    findings = examination.examine(default_home())
    print(*findings, sep="\n")
    if any(finding.fix for finding in findings):
        raise SystemExit(1)


@app.command
def exercises(folder: Path | None = None) -> None:
    """List all exercises, and which you have passed.

    Args:
        folder: Where you work, with `exercises.json` as its record; work and chapters unless given.
    """
    folders = [folder] if folder else [Path("work"), Path("chapters")]
    Console(highlight=False).print(lessons.listed(folders))


def stage_command(name: str) -> None:
    """Add the command that makes one stage, and those before it where they are missing."""

    def command(
        config: Profiles,
        out: Path | None = None,
        seed: int = 0,
        device: str = "auto",
        dtype: str = "auto",
        compile: str = "auto",
    ) -> None:
        """Make this stage, and those before it where they are missing.

        Args:
            config: The settings of all stages.
            out: The folder to fill; runs/PROFILE unless given.
            seed: What decides every random draw.
            device: auto, cpu, cuda or mps.
            dtype: auto, float32, bfloat16, or float8 (for wide matrices; Ada and newer).
            compile: auto, on or off.
        """
        refuse_idle(config)
        runtime, chosen = detect(device, dtype, compile), config.with_seed(seed)
        if name != "tokenizer":
            room.check_gpus(chosen, runtime)
        run.make(chosen, runtime, out or default_home() / config.name, last=name)

    app.command(command, name=name)


def refuse_idle(config: Profile) -> None:
    """Raises UserError where a setting was given that would change nothing."""
    known = [attrgetter(*IDLE)(profile) for profile in profiles.PROFILES.values()]
    given = attrgetter(*IDLE)(config)
    # The profile that was named is the one from which least was changed.
    nearest = max(known, key=lambda one: sum(map(eq, one, given)))
    for path, mine, its in zip(IDLE, given, nearest, strict=True):
        if mine != its:
            flag = path.replace("_", "-")
            raise UserError(f"--{flag} {mine} would change nothing: {IDLE[path]}.")


for name in STAGES:
    stage_command(name)
for command in (plan, evaluate, lessons.start):
    app.command(command)
app.command(exported, name="export")
app.command(imported, name="import")


def write_anyway(stream) -> None:
    """Have a stream show ? for what its encoding lacks, as those of Windows may, and not fail."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; a person's slip ends in one clear line and no traceback."""
    warnings.formatwarning = lambda message, *_: f"nanochat: {message}\n"
    for stream in (sys.stdout, sys.stderr):
        write_anyway(stream)
    try:
        app.cli(
            prog="nanochat",
            description="Build and use a small ChatGPT.",
            args=arguments,
            # Flags of a command may also stand behind the profile: base cpu --out DIR
            config=(tyro.conf.CascadeSubcommandArgs,),
        )
    except UserError as error:
        print(f"nanochat: {error}", file=sys.stderr)
        raise SystemExit(CTRL_C if isinstance(error, Interrupted) else 1) from None
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        print(
            f"nanochat: {error}. Free some disk space, or name a folder that can be written; what "
            "is saved is kept, and the same command goes on from there.",
            file=sys.stderr,
        )
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("\nStopped. Nothing is lost: the same command goes on from here.", file=sys.stderr)
        raise SystemExit(CTRL_C) from None
