"""From text to a chat: all stages of a profile, each made or found, and the report."""

from collections.abc import Callable
from pathlib import Path

from nanochat.model import GPT
from nanochat.pipeline import report, stages
from nanochat.pipeline.profiles import Profile
from nanochat.pipeline.stages import STAGES
from nanochat.pipeline.store import Stage, Store
from nanochat.runtime import Runtime, UserError, files
from nanochat.tokenizer import Tokenizer
from nanochat.train import checkpoint, start

FOLDERS = "folders.json"


def make(
    profile: Profile,
    runtime: Runtime,
    out: Path,
    say: Callable[[str], None] = print,
    last: str = "rl",
) -> dict[str, Stage]:
    """The stages up to the last one named: each found or made, with a word on which."""
    store, made = Store(out, runtime.ranks), {}
    for name, work in STAGES.items():
        made[name] = work(store, profile, runtime, made)
        how = "found, made before with the same inputs" if made[name].reused else "made"
        if runtime.rank == 0:
            note_folders(out, made)
            say(f"{name}: {how} in {made[name].result['seconds']:.0f} s ({made[name].folder})")
        if name == last:
            break
    return made


def note_folders(out: Path, made: dict[str, Stage]) -> None:
    """Write down where each stage lies: `chat_model` reads it.

    Where a stage is another now, those that were made of the one before are not named any more."""
    folders = {name: stage.folder.name for name, stage in made.items()}
    known = files.read_json(out / FOLDERS) if (out / FOLDERS).exists() else {}
    if not folders.items() <= known.items():
        files.write_json(out / FOLDERS, folders)


def run(
    profile: Profile,
    seed: int,
    runtime: Runtime,
    out: Path,
    say: Callable[[str], None] = print,
) -> dict:
    """Make all stages, then write `report.json` and `report.md` into `out`; return the report."""
    made = make(profile.with_seed(seed), runtime, out, say)
    figures = report.collect(profile.name, seed, runtime, made, out)
    if runtime.rank == 0:
        report.write(out, figures, made)
        say(f"The report is {out / 'report.md'}. Talk to the model with: nanochat chat --out {out}")
    return figures


def chat_model(out: Path, runtime: Runtime, stage: str | None = None) -> tuple[GPT, Tokenizer]:
    """The model of a run as one of its stages left it: the last unless another is named.

    Raises UserError where there is none."""
    folders = files.read_json(out / FOLDERS) if (out / FOLDERS).exists() else {}
    trained = [name for name in folders if name != "tokenizer"]
    if not trained:
        raise UserError(
            f"There is no finished run in {out}. Make or finish one with `nanochat run`, its "
            "--profile and its --out."
        )
    if stage not in (None, *trained):
        raise UserError(f"{out} has no stage {stage!r}. It has {', '.join(trained)}.")
    tokenizer = Tokenizer.load(out / folders["tokenizer"] / stages.TOKENIZER_FILE)
    newest = stages.weights(out / folders[stage or trained[-1]])
    return start.load(newest, tokenizer, runtime), tokenizer


def knows_the_world(out: Path) -> bool:
    """Whether a finished run's texts were the tiny world's, which alone have a floor."""
    report = out / "report.json"
    return report.exists() and files.read_json(report)["base"]["floor_bpb"] is not None


def adopt(model: GPT, tokenizer: Tokenizer, source: str, out: Path) -> None:
    """Make a run of a model from elsewhere. Raises UserError where `out` exists."""
    with files.new_directory(out) as beside:
        folders = {"tokenizer": "tokenizer", "imported": "imported"}
        tokenizer.save(beside / folders["tokenizer"] / stages.TOKENIZER_FILE)
        inputs = {"tokenizer": tokenizer.fingerprint, "source": source}
        state = {"step": 0, "inputs": inputs}
        checkpoint.save(beside / folders["imported"] / "checkpoints" / "step-000000", model, state)
        files.write_json(beside / FOLDERS, folders)
