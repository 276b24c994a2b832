"""A model on disk: safetensors and JSON in a folder that appears whole, with checksums."""

import dataclasses
import shutil
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from nanochat.model import GPT, GPTConfig
from nanochat.optim import MuonAdamW
from nanochat.runtime import Runtime, UserError, files

MODEL, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"
CHECKSUMS = "checksums.json"
STEP = "step-"


def save(folder: Path | str, model: GPT, state: dict, optimizer: MuonAdamW | None = None) -> None:
    """Write a new folder with the weights, the model's config and the state, whole or not at all.

    Raises UserError for weights that are not finite, and where the disk refuses."""
    check_finite(model)
    with files.new_directory(folder) as beside:
        _write_tensors(beside / MODEL, model.state_dict())
        if optimizer is not None:
            _write_tensors(beside / OPTIMIZER, optimizer.state_dict())
        files.write_json(beside / STATE, {"config": dataclasses.asdict(model.config), **state})
        written = {path.name: files.sha256(path) for path in sorted(beside.iterdir())}
        files.write_json(beside / CHECKSUMS, written)


def save_step(
    directory: Path | str, step: int, model: GPT, optimizer: MuonAdamW, state: dict, keep: int = 2
) -> Path:
    """Save a step of a run under its number, then remove all but the newest `keep`.

    All ranks make this call, and the first one writes."""
    folder = Path(directory) / f"{STEP}{step:06d}"
    if optimizer.ranks.rank > 0:
        # Gives the first rank what it collects meanwhile.
        optimizer.state_dict()
        return folder
    save(folder, model, {"step": step, **state}, optimizer)
    for old in steps(directory)[:-keep]:
        # Renamed first: a folder under its own name is never half there.
        shutil.rmtree(old.rename(old.with_name(f".{old.name}.old")))
    return folder


def steps(directory: Path | str) -> list[Path]:
    """The folders of the saved steps, oldest first."""
    found = Path(directory).glob(f"{STEP}*")
    return sorted(found, key=lambda folder: int(folder.name.removeprefix(STEP)))


def latest(directory: Path | str) -> Path | None:
    """The newest saved step, or None; what a killed run left half written is cleared away."""
    for leftover in Path(directory).glob(f".{STEP}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return steps(directory)[-1] if steps(directory) else None


def read_state(folder: Path | str) -> dict:
    """What was saved besides tensors. Raises UserError where any file is missing or altered."""
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"{folder} is not there. Was the stage that makes it run?")
    checksums = files.read_json(folder / CHECKSUMS)
    for name in sorted({MODEL, STATE, *checksums}):
        if not (folder / name).exists() or files.sha256(folder / name) != checksums.get(name):
            raise UserError(
                f"{folder / name} is missing, cut short or altered. Delete the folder {folder}; "
                "a run then resumes from the checkpoint before it, or starts again."
            )
    return files.read_json(folder / STATE)


def restore(folder: Path | str, model: GPT, optimizer: MuonAdamW | None = None) -> dict:
    """Put saved weights (and the optimizer's state) in place; return what else was saved.

    Raises UserError for a folder that is damaged or of another model."""
    state = read_state(folder)
    put_in_place(folder, model, optimizer)
    return state


def put_in_place(folder: Path | str, model: GPT, optimizer: MuonAdamW | None = None) -> None:
    """Read the tensors of a folder that `read_state` found whole.

    Raises UserError where they are of another model."""
    try:
        model.load_state_dict(load_file(Path(folder) / MODEL))
    except RuntimeError as error:
        raise UserError(f"{folder} holds another model: {error}") from None
    if optimizer is not None:
        optimizer.load_state_dict(load_file(Path(folder) / OPTIMIZER))


def load_model(folder: Path | str, runtime: Runtime) -> GPT:
    """The saved model, ready to compute. Raises UserError for a folder that is damaged."""
    return model_of(folder, read_state(folder), runtime)


def model_of(folder: Path | str, state: dict, runtime: Runtime) -> GPT:
    """The model of a folder whose state was read, ready to compute."""
    model = GPT(GPTConfig(**state["config"]), runtime.dtype)
    put_in_place(folder, model)
    return model.to(runtime.device)


def check_finite(model: GPT) -> None:
    """Raises UserError naming the first parameter that holds an infinity or a NaN."""
    for name, weight in model.named_parameters():
        if not torch.isfinite(weight).all():
            raise UserError(
                f"The weights of {name} are no longer finite, so they were not saved. "
                "The last checkpoint is kept. Look at its learning rate: start anew with half."
            )


def _write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    except SafetensorError as error:
        raise OSError(str(error)) from error
