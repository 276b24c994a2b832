"""Whether GPUs and disks have room for a run, known before its first step."""

import math
import shutil
from pathlib import Path

import torch

from nanochat.pipeline import cards, plan
from nanochat.pipeline.cards import GIB, Card
from nanochat.pipeline.plan import Plan
from nanochat.pipeline.profiles import Profile
from nanochat.runtime import Runtime, UserError
from nanochat.runtime.device import PEAK_FLOPS
from nanochat.train.pretrain import model_shape


def check_gpus(profile: Profile, runtime: Runtime) -> None:
    """Raises UserError where a profile for GPUs has none here, or they do not hold its model."""
    if profile.gpu and runtime.device.type == "cpu":
        raise UserError(
            f"Profile {profile.name} is meant for GPUs, and this run is to be on a CPU. Make "
            "profile cpu here (`nanochat run --profile cpu`), or see what this one would take: "
            f"`nanochat run --profile {profile.name} --dry-run`."
        )
    if profile.gpu and runtime.device.type == "cuda":
        planned(profile, card(profile, runtime), runtime.world_size)


def card(profile: Profile, runtime: Runtime) -> Card:
    """The GPU that is here, else the one that the profile is meant for."""
    if runtime.device.type != "cuda":
        return cards.named(profile.gpu)
    here = torch.cuda.get_device_properties(runtime.device)
    name = next((known for known in PEAK_FLOPS if known in here.name), here.name)
    return Card(name, here.total_memory / GIB, bandwidth=math.nan)


def planned(profile: Profile, gpu: Card, gpus: int) -> Plan:
    """The plan of the profile's pretraining. Raises UserError where it cannot fit."""
    try:
        return plan.make(profile.base, profile.tokenizer.vocab_size, gpu, gpus, flag="--base.")
    except UserError as error:
        raise UserError(
            f"{error} The commands of stages take such settings; all stages are made by "
            f"`nanochat rl {profile.name}`."
        ) from None


def memory(profile: Profile, gpu: Card, gpus: int) -> str:
    """Whether a GPU holds its part, by arithmetic. Raises UserError where it does not."""
    fitting = planned(profile, gpu, gpus)
    needed, there = (size / GIB for size in (plan.needed(fitting.memory), plan.room(gpu)))
    return f"{needed:.1f} of {there:.1f} GiB of {gpu.name}, at {fitting.rows} rows each"


def saved_bytes(profile: Profile) -> int:
    """The size of the checkpoints that all stages keep, and of one more while it is written."""
    shape = model_shape(profile.base, profile.tokenizer.vocab_size)
    kept = profile.base.keep + profile.sft.keep + profile.rl.keep
    return (kept + 1) * plan.checkpoint_bytes(shape)


def disk(needed: dict[Path, float]) -> str:
    """Whether each folder's disk holds so many bytes, for all that are on it.

    Raises UserError where it does not."""
    folders: dict[int, list[Path]] = {}
    for folder in needed:
        folders.setdefault(device(folder), []).append(folder)
    return ", ".join(
        one_disk(each, sum(needed[path] for path in each)) for each in folders.values()
    )


def one_disk(folders: list[Path], size: float) -> str:
    """Whether the disk of these folders has so many bytes free. Raises UserError if not."""
    free = shutil.disk_usage(existing(folders[0])).free
    named = " and ".join(map(str, folders))
    found = f"{free / 1e9:.1f} GB free of {size / 1e9:.1f} needed for {named}"
    if free < size:
        raise UserError(
            f"{found}. Free some, or name folders on a larger disk: --out for what is saved, the "
            "variable NANOCHAT_HOME for what is fetched."
        )
    return found


def device(folder: Path) -> int:
    """The number of the disk that a folder is on, or will be."""
    return existing(folder).stat().st_dev


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
